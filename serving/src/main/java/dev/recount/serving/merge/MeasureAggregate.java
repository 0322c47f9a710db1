package dev.recount.serving.merge;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Found;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.Rank;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.WideSum;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.scalar.Cells;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.Quoted;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * A measure, merged the way its kind asks for.
 *
 * @param percentile of a TDIGEST, 0 to 100; null for other kinds
 * @param among only rows that fulfil this condition of Pinot's are merged; null for all
 */
public record MeasureAggregate(Measure measure, BigDecimal percentile, String among)
    implements Aggregate {
  /** Where the cell of a carry is, behind a sum, its least part and the count. */
  private static final int CARRY_CELL = 3;

  public MeasureAggregate(Measure measure) {
    this(measure, null);
  }

  public MeasureAggregate(Measure measure, BigDecimal percentile) {
    this(measure, percentile, null);
  }

  /** Whether the merge of some rows and the merge of the others add up to that of all. */
  public boolean addsUp() {
    return measure.kind() == MeasureKind.COUNT || measure.kind() == MeasureKind.SUM;
  }

  /**
   * The same of some rows.
   *
   * @param condition of Pinot's
   * @throws IllegalStateException if it does not add up
   */
  public MeasureAggregate among(String condition) {
    if (!addsUp()) {
      throw new IllegalStateException(measure.name() + " does not add up");
    }
    return new MeasureAggregate(measure, percentile, condition);
  }

  @Override
  public String key() {
    return "MEASURE("
        + measure.name()
        + (percentile == null ? "" : ", " + percentile.toPlainString())
        + ")"
        + (among == null ? "" : " of " + among);
  }

  @Override
  public ColumnType type() {
    return measure.type();
  }

  @Override
  public List<String> columns(boolean exact) {
    if (isRanked()) {
      return List.of(ranked(part(0)), ranked(part(1)));
    }
    if (isTextExtremum()) {
      return List.of("COUNT(*)");
    }
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < measure.parts().size(); i++) {
      if (isCarry(i) && !exact) {
        continue; // There is none unless a part is negative, and then it is asked exactly.
      }
      String name = merged(part(i));
      String argument = percentile == null ? "" : ", " + percentile.toPlainString();
      columns.add(function(part(i), exact) + "(" + name + argument + ")");
      if (mayBeNegative(i)) {
        columns.add("MIN(" + name + ")");
      }
    }
    return columns;
  }

  /** What is merged of a row: nothing makes no difference to a sum, or to whether one is < 0. */
  private String merged(StoredColumn part) {
    String name = Quoted.name(part.name());
    return among == null ? name : "CASE WHEN " + among + " THEN " + name + " ELSE 0 END";
  }

  private boolean isRanked() {
    return measure.kind() == MeasureKind.MAX_BY || measure.kind() == MeasureKind.MIN_BY;
  }

  /**
   * The column's value in the row of the largest or smallest rank. A text is asked for in the form
   * of URLs: Pinot allocates a byte for each of its characters, and fails if it has more bytes.
   */
  private String ranked(StoredColumn part) {
    String column = Quoted.name(part.name());
    return (measure.kind() == MeasureKind.MAX_BY ? "LASTWITHTIME(" : "FIRSTWITHTIME(")
        + (part.type() == ColumnType.STRING ? "encodeUrl(" + column + ")" : column)
        + ", %s, '%s')".formatted(Quoted.name(part(1).name()), part.type());
  }

  private static String function(StoredColumn part, boolean exact) {
    return switch (part.merge()) {
      case SUM -> exact && part.type() != ColumnType.DOUBLE ? "SUMPRECISION" : "SUM";
      case MIN -> "MIN";
      case MAX -> "MAX";
      case HLL_UNION -> "DISTINCTCOUNTHLL";
      case TDIGEST_MERGE -> "PERCENTILETDIGEST";
      default -> "DISTINCTCOUNTTHETASKETCH";
    };
  }

  /** Whether it is a sum of whole numbers of either sign; counts are never negative. */
  private boolean mayBeNegative(int index) {
    return measure.kind() != MeasureKind.COUNT && index == 0 && isWholeSum(part(0));
  }

  private boolean isCarry(int index) {
    return part(index).name().endsWith(WideSum.SUFFIX);
  }

  private static boolean isWholeSum(StoredColumn part) {
    return part.merge() == Merge.SUM && part.type() != ColumnType.DOUBLE;
  }

  /** Where the cell of the second part, a count, is. */
  private int countCell() {
    return mayBeNegative(0) ? 2 : 1;
  }

  private StoredColumn part(int index) {
    return measure.parts().get(index);
  }

  @Override
  public Object value(List<String> cells) {
    return switch (measure.kind()) {
      case COUNT, THETA, HLL -> Cells.number(cells.get(0), measure.type());
      case SUM -> count(cells) == 0 ? null : sum(cells);
      case AVERAGE -> average(cells);
      case TDIGEST -> quantile(cells.get(0));
      case MAX_BY, MIN_BY -> ranked(cells.get(0), Cells.whole(cells.get(1)).longValueExact());
      default -> isTextExtremum() ? null : extremum(cells);
    };
  }

  /**
   * The value of a rank.
   *
   * @throws RecountException MEASURE_OVERFLOW if a t had no place in a rank
   */
  private Object ranked(String cell, long rank) {
    if (part(1).neutral().equals(rank)) {
      return null;
    }
    if (rank == Rank.beyond(part(1).merge())) {
      throw RecountException.of(
          ErrorCode.MEASURE_OVERFLOW,
          "Cannot answer MEASURE(%s): it is ordered by a number beyond 2^42; have the "
              + "view order by a time, such as timestamp_micros(t), or by a smaller number",
          measure.name());
    }
    if (Rank.isNull(rank)) {
      return null;
    }
    return part(0).type() == ColumnType.STRING
        ? StoredText.text(URLDecoder.decode(cell, StandardCharsets.UTF_8))
        : typed(Cells.number(cell, part(0).type()));
  }

  /** How many values the sum is of. */
  private long count(List<String> cells) {
    return Cells.whole(cells.get(countCell())).longValueExact();
  }

  /**
   * The sum of at least one value.
   *
   * @throws RecountException MEASURE_OVERFLOW if it has no room in a LONG
   */
  private Number sum(List<String> cells) {
    if (part(0).type() == ColumnType.DOUBLE) {
      return Double.valueOf(cells.get(0));
    }
    Number sum = Literals.whole(wholeSum(cells));
    if (!(sum instanceof Long)) {
      throw RecountException.of(
          ErrorCode.MEASURE_OVERFLOW,
          "Cannot answer MEASURE(%s): its sum went beyond a LONG; have the view sum a "
              + "DOUBLE instead, as in sum(CAST(x AS DOUBLE))",
          measure.name());
    }
    return sum;
  }

  private static BigInteger wholeSum(List<String> cells) {
    BigInteger part = Cells.whole(cells.get(0));
    boolean hasCarry = cells.size() > CARRY_CELL;
    return hasCarry ? WideSum.of(part, Cells.whole(cells.get(CARRY_CELL))) : part;
  }

  private Object average(List<String> cells) {
    long count = count(cells);
    if (count == 0) {
      return null;
    }
    if (part(0).type() == ColumnType.DOUBLE) {
      return Double.parseDouble(cells.get(0)) / count;
    }
    return new BigDecimal(wholeSum(cells))
        .divide(BigDecimal.valueOf(count), MathContext.DECIMAL128)
        .doubleValue();
  }

  private Object extremum(List<String> cells) {
    String cell = cells.get(0);
    if (measure.parts().size() > 1) {
      double values = Double.parseDouble(cells.get(1));
      return !Found.isAny((long) values)
          ? null
          : Found.isNaN(part(0).merge(), (long) values)
              ? (Object) Double.NaN
              : Cells.number(cell, part(0).type());
    }
    double found = Double.parseDouble(cell);
    if (found == ((Number) part(0).neutral()).doubleValue()
        || Cells.isInfinite(cell) && part(0).type() != ColumnType.DOUBLE) {
      return null;
    }
    return typed(Cells.number(cell, part(0).type()));
  }

  private Object typed(Number found) {
    return switch (measure.type()) {
      case BOOLEAN -> found.longValue() != 0;
      case DATE -> LocalDate.ofEpochDay(found.longValue()).toString();
      default -> ofType(found);
    };
  }

  private static Object quantile(String cell) {
    double value = Double.parseDouble(cell);
    return Double.isNaN(value) ? null : (Object) value;
  }

  /** A number that stands for a moment as the moment. */
  public Object ofType(Number number) {
    return measure.type() == ColumnType.TIMESTAMP
        ? Instant.ofEpochMilli(number.longValue())
        : number;
  }

  /** A sum is right if no value was negative and the sum itself fits a DOUBLE. */
  @Override
  public boolean isDoubtful(List<String> cells) {
    int cell = 0;
    for (int i = 0; i < measure.parts().size(); i++) {
      if (isCarry(i)) {
        continue;
      }
      boolean signed = mayBeNegative(i);
      if (isWholeSum(part(i))
          && (Cells.isBeyondDouble(cells.get(cell)) || signed && isNegative(cells.get(cell + 1)))) {
        return true;
      }
      cell += signed ? 2 : 1;
    }
    return false;
  }

  private static boolean isNegative(String least) {
    return Double.parseDouble(least) < 0;
  }

  /** Whether it is the least or largest of whole numbers, which Pinot computes as DOUBLE. */
  public boolean isWholeExtremum() {
    return (measure.kind() == MeasureKind.MIN || measure.kind() == MeasureKind.MAX)
        && part(0).type() == ColumnType.LONG;
  }

  /** Whether it is the least or largest of strings, which is asked for in another way. */
  public boolean isTextExtremum() {
    return (measure.kind() == MeasureKind.MIN || measure.kind() == MeasureKind.MAX)
        && part(0).type() == ColumnType.STRING;
  }

  @Override
  public String orderBy() {
    boolean neverNull =
        measure.kind() == MeasureKind.COUNT
            || measure.kind() == MeasureKind.THETA
            || measure.kind() == MeasureKind.HLL;
    return neverNull ? columns(false).get(0) : null;
  }
}
