package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Found;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Rank;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.WideSum;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.SetOperation;
import org.apache.datasketches.theta.Sketches;
import org.apache.datasketches.theta.Union;
import org.apache.spark.sql.Row;

/** Merges the parts of measures as Pinot and the gateway do. */
final class Merged {
  private Merged() {}

  /** Adds the rows of a part to what was merged so far: group to parts by name. */
  static void merge(ViewPlan plan, List<Row> part, Map<List<Object>, Map<String, Object>> into) {
    for (Row row : part) {
      List<Object> key = plan.dimensionColumns().map(c -> row.<Object>getAs(c.name())).toList();
      Map<String, Object> target = into.computeIfAbsent(key, k -> new TreeMap<>());
      plan.measures().forEach(m -> merge(m, row, target));
    }
  }

  private static void merge(Measure measure, Row row, Map<String, Object> target) {
    if (measure.kind() == MeasureKind.MAX_BY || measure.kind() == MeasureKind.MIN_BY) {
      String rank = measure.parts().get(1).name();
      boolean largest = measure.kind() == MeasureKind.MAX_BY;
      long mine = row.getAs(rank);
      Long other = (Long) target.get(rank);
      if (other == null || (largest ? mine > other : mine < other)) {
        target.put(measure.name(), row.getAs(measure.name()));
        target.put(rank, mine);
      }
      return;
    }
    measure
        .parts()
        .forEach(p -> target.merge(p.name(), row.getAs(p.name()), (a, b) -> merge(p, a, b)));
  }

  private static Object merge(StoredColumn column, Object a, Object b) {
    switch (column.merge()) {
      case SUM:
        return a instanceof Double x ? (Object) (x + (Double) b) : added((Number) a, (Number) b);
      case MIN:
        return column.type() == ColumnType.STRING
            ? least((String) a, (String) b)
            : a instanceof Double x
                ? (Object) Math.min(x, (Double) b)
                : (Object) Math.min((Long) a, (Long) b);
      case MAX:
        return column.type() == ColumnType.STRING
            ? largest((String) a, (String) b)
            : a instanceof Double x
                ? (Object) Math.max(x, (Double) b)
                : (Object) Math.max((Long) a, (Long) b);
      case HLL_UNION:
        return Sketched.hll((byte[]) a, (byte[]) b);
      case TDIGEST_MERGE:
        return Sketched.digest((byte[]) a, (byte[]) b);
      default:
        Union union = SetOperation.builder().setNominalEntries(4096).buildUnion();
        union.union(Sketches.wrapSketch(Memory.wrap((byte[]) a)));
        union.union(Sketches.wrapSketch(Memory.wrap((byte[]) b)));
        return union.getResult().toByteArray();
    }
  }

  private static String least(String a, String b) {
    if (a.equals(StoredText.NULL) || b.equals(StoredText.NULL)) {
      return a.equals(StoredText.NULL) ? b : a;
    }
    return bytes(a, b) <= 0 ? a : b;
  }

  private static String largest(String a, String b) {
    if (a.equals(StoredText.NULL) || b.equals(StoredText.NULL)) {
      return a.equals(StoredText.NULL) ? b : a;
    }
    return bytes(a, b) >= 0 ? a : b;
  }

  private static int bytes(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  /** What an answer says of a measure, out of its merged parts. */
  static Object answer(Measure measure, Map<String, Object> parts) {
    Object value = parts.get(measure.parts().get(0).name());
    Object count = parts.get(measure.name() + "__count");
    switch (measure.kind()) {
      case AVERAGE:
        return (Long) count == 0 ? null : sum(measure, parts).doubleValue() / (Long) count;
      case SUM:
        return (Long) count == 0 ? null : sum(measure, parts);
      case MIN:
      case MAX:
        if (measure.parts().size() > 1) {
          long found = (Long) parts.get(measure.name() + Found.SUFFIX);
          return !Found.isAny(found)
              ? null
              : Found.isNaN(measure.parts().get(0).merge(), found) ? (Object) Double.NaN : value;
        }
        return value.equals(measure.parts().get(0).neutral())
            ? null
            : measure.type() == ColumnType.BOOLEAN
                ? (Object) ((Long) value == 1)
                : measure.type() == ColumnType.DATE
                    ? java.sql.Date.valueOf(LocalDate.ofEpochDay((Long) value))
                    : value;
      case THETA:
        return estimate((byte[]) value);
      case MAX_BY:
      case MIN_BY:
        return ranked(measure, value, (Long) parts.get(measure.name() + Rank.SUFFIX));
      default:
        return value;
    }
  }

  /** A LONG, a BigInteger where it does not fit one, or a Double. */
  private static Number sum(Measure measure, Map<String, Object> parts) {
    Number value = (Number) parts.get(measure.parts().get(0).name());
    if (value instanceof Double) {
      return value;
    }
    Number carry = (Number) parts.get(measure.name() + WideSum.SUFFIX);
    return whole(WideSum.of(big(value), big(carry)));
  }

  private static Number added(Number a, Number b) {
    return whole(big(a).add(big(b)));
  }

  private static BigInteger big(Number whole) {
    return new BigInteger(whole.toString());
  }

  private static Number whole(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
  }

  private static Object ranked(Measure measure, Object value, long rank) {
    if (measure.parts().get(1).neutral().equals(rank) || Rank.isNull(rank)) {
      return null;
    }
    return switch (measure.type()) {
      case BOOLEAN -> (Long) value == 1;
      case DATE -> java.sql.Date.valueOf(LocalDate.ofEpochDay((Long) value));
      default -> value;
    };
  }

  static double estimate(byte[] sketch) {
    return Sketches.wrapSketch(Memory.wrap(sketch)).getEstimate();
  }
}
