package dev.recount.serving.bind;

import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import java.math.BigDecimal;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;

/**
 * A {@code MEASURE(...)}.
 *
 * @param percentile of a distribution; null of other measures
 */
record MeasureCall(Measure measure, BigDecimal percentile) {
  /** {@code MEASURE(m)}, or {@code MEASURE(m, 95)} for a percentile of a distribution. */
  static MeasureCall of(SqlCall call, ViewPlan plan) {
    if (call.operandCount() < 1 || call.operandCount() > 2) {
      throw QueryErrors.unsupported(call, "write MEASURE(<measure>)");
    }
    Measure measure = measure(call.operand(0), plan);
    if (measure == null) {
      throw noMeasure(call, call.operand(0), plan);
    }
    BigDecimal percentile = call.operandCount() == 2 ? percentile(call) : null;
    boolean distribution = measure.kind() == MeasureKind.TDIGEST;
    if (distribution && percentile == null) {
      throw QueryErrors.unsupported(
          call,
          "it is a distribution; say which percentile, 0 to 100, such as MEASURE("
              + measure.name()
              + ", 95)");
    }
    if (!distribution && percentile != null) {
      throw QueryErrors.unsupported(
          call, "only distributions (tdigest_agg) have percentiles; leave the number out");
    }
    return new MeasureCall(measure, percentile);
  }

  /** The measure that a node names; null if it names none. */
  static Measure measure(SqlNode node, ViewPlan plan) {
    return node instanceof SqlIdentifier identifier
        ? plan.measure(SqlNodes.column(identifier)).orElse(null)
        : null;
  }

  private static BigDecimal percentile(SqlCall call) {
    Object value = Literals.isLiteral(call.operand(1)) ? Literals.of(call.operand(1)) : null;
    if (value instanceof Number number) {
      BigDecimal percentile = new BigDecimal(number.toString());
      if (percentile.signum() >= 0 && percentile.compareTo(BigDecimal.valueOf(100)) <= 0) {
        return percentile;
      }
    }
    throw QueryErrors.unsupported(
        call, "the percentile must be a number from 0 to 100, found " + call.operand(1));
  }

  private static RuntimeException noMeasure(SqlCall call, SqlNode argument, ViewPlan plan) {
    List<String> names = plan.measures().stream().map(Measure::name).toList();
    if (argument instanceof SqlIdentifier identifier) {
      String name = SqlNodes.column(identifier);
      if (plan.dimension(name).isEmpty()) {
        return QueryErrors.unknownColumn(name, plan.view(), names);
      }
    }
    return QueryErrors.unsupported(
        call, "MEASURE takes a measure; those of the view are " + String.join(", ", names));
  }
}
