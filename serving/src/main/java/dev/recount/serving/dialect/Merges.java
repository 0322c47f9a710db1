package dev.recount.serving.dialect;

import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.sql.AggregateCalls;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.sql.SqlText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelectKeyword;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Reads Pinot's aggregates over the columns of a view as the merges of its measures: each is one
 * right merge of what is stored, or an error that says what to write.
 */
final class Merges extends SqlShuttle {
  private static final Set<String> DISTINCT_COUNTS =
      Set.of(
          "distinctcount",
          "distinctcountbitmap",
          "distinctcounthll",
          "distinctcounthllplus",
          "distinctcountull",
          "distinctcountcpcsketch",
          "distinctcountthetasketch",
          "distinctcountsmarthll",
          "segmentpartitioneddistinctcount",
          "approx_count_distinct");

  /** Those that Pinot spells with the percentile in the name too: percentiletdigest95. */
  private static final Pattern PERCENTILE =
      Pattern.compile("percentile(?:est|tdigest|kll|smarttdigest)?(\\d{1,3})?");

  /** The function that merges each kind of measure as Pinot would. */
  private static final Map<MeasureKind, Set<String>> MERGED_BY =
      Map.of(
          MeasureKind.COUNT, Set.of("sum", "sumprecision", "sum0"),
          MeasureKind.SUM, Set.of("sum", "sumprecision"),
          MeasureKind.MIN, Set.of("min", "bool_and", "booland"),
          MeasureKind.MAX, Set.of("max", "bool_or", "boolor"),
          MeasureKind.AVERAGE, Set.of("avg"),
          MeasureKind.THETA, DISTINCT_COUNTS,
          MeasureKind.HLL, DISTINCT_COUNTS);

  private final ViewPlan plan;

  Merges(ViewPlan plan) {
    this.plan = plan;
  }

  /** Whether a call is of an aggregate, of ours or of Pinot's. */
  static boolean isAggregate(SqlCall call) {
    String name = AggregateCalls.name(call);
    return AggregateCalls.is(call)
        || DISTINCT_COUNTS.contains(name)
        || PERCENTILE.matcher(name).matches()
        || MERGED_BY.values().stream().anyMatch(names -> names.contains(name));
  }

  /** Whether there is one in a part of a query. */
  static boolean hasAggregate(SqlNode node) {
    boolean[] found = {false};
    node.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlCall call) {
            found[0] |= isAggregate(call);
            return super.visit(call);
          }
        });
    return found[0];
  }

  @Override
  public SqlNode visit(SqlCall call) {
    if (call.getKind() == SqlKind.AS) {
      return call.getOperator()
          .createCall(
              call.getParserPosition(), call.<SqlNode>operand(0).accept(this), call.operand(1));
    }
    if (SqlNodes.isCall(call, SqlNodes.MEASURE) || !isAggregate(call)) {
      return super.visit(call);
    }
    String function = AggregateCalls.name(call);
    if (function.equals("count") && !isDistinct(call)) {
      return rows(call);
    }
    Measure measure = call.operandCount() == 0 ? null : measure(call.operand(0));
    if (measure != null) {
      return merged(call, function, measure);
    }
    boolean isCountOfDistinct = DISTINCT_COUNTS.contains(function) && call.operandCount() == 1;
    return isCountOfDistinct ? distinct(call) : super.visit(call);
  }

  private Measure measure(SqlNode node) {
    return node instanceof SqlIdentifier identifier
        ? plan.measure(SqlNodes.column(identifier)).orElse(null)
        : null;
  }

  private static boolean isDistinct(SqlCall call) {
    SqlLiteral quantifier = call.getFunctionQuantifier();
    return quantifier != null && quantifier.getValue() == SqlSelectKeyword.DISTINCT;
  }

  private static SqlNode merged(SqlCall call, String function, Measure measure) {
    Matcher percentile = PERCENTILE.matcher(function);
    if (measure.kind() == MeasureKind.TDIGEST && percentile.matches()) {
      return percentile(call, percentile.group(1), measure);
    }
    boolean isDistinctCount = function.equals("count");
    Set<String> names = MERGED_BY.getOrDefault(measure.kind(), Set.of());
    boolean isMerge = isDistinctCount ? names.contains("distinctcount") : names.contains(function);
    if (!isMerge) {
      throw QueryErrors.unsupported(
          call, "it would merge stored parts wrongly; write " + advice(measure));
    }
    return call("MEASURE(" + Quoted.name(measure.name()) + ")");
  }

  private static SqlNode percentile(SqlCall call, String inName, Measure measure) {
    boolean isSaid = call.operandCount() > 1 && Literals.isLiteral(call.operand(1));
    if (inName == null && !isSaid) {
      throw QueryErrors.unsupported(call, "it says no percentile; write " + advice(measure));
    }
    String percentile = inName != null ? inName : String.valueOf(Literals.of(call.operand(1)));
    if (!percentile.matches("\\d{1,3}(\\.\\d{1,20})?")) {
      throw QueryErrors.unsupported(
          call, "the percentile must be a number from 0 to 100, found " + percentile);
    }
    return call("MEASURE(" + Quoted.name(measure.name()) + ", " + percentile + ")");
  }

  /** What to write for a measure, in Pinot's words if there are any. */
  private static String advice(Measure measure) {
    String name = measure.name();
    String ours = measure.kind() == MeasureKind.TDIGEST ? name + ", 95" : name;
    String pinots =
        switch (measure.kind()) {
          case COUNT, SUM -> "SUM(" + name + ")";
          case MIN -> "MIN(" + name + ")";
          case MAX -> "MAX(" + name + ")";
          case AVERAGE -> "AVG(" + name + ")";
          case THETA -> "DISTINCTCOUNTTHETASKETCH(" + name + ")";
          case HLL -> "DISTINCTCOUNTHLL(" + name + ")";
          case TDIGEST -> "PERCENTILETDIGEST(" + name + ", 95)";
          default -> null;
        };
    return (pinots == null ? "" : pinots + " or ")
        + "MEASURE("
        + ours
        + "), which is "
        + measure.kind().measureClass().label();
  }

  /** COUNT(*), and what says the same. */
  private SqlNode rows(SqlCall call) {
    boolean isOfRows = call.operandCount() == 1 && isOfRows(call.operand(0));
    if (!isOfRows) {
      String column = call.operandCount() == 1 ? String.valueOf(call.<SqlNode>operand(0)) : "x";
      throw QueryErrors.unsupported(
          call,
          "a row stands for many events; write COUNT(*), with WHERE "
              + column.replace("`", "")
              + " IS NOT NULL if it can be NULL, or COUNT(DISTINCT ...)");
    }
    Optional<String> measure = plan.rowCount();
    if (measure.isEmpty()) {
      throw QueryErrors.unsupported(call, uncounted());
    }
    return call("MEASURE(" + Quoted.name(measure.get()) + ")");
  }

  /** A star, in quotes too as Grafana writes it, a literal, or a column that is never NULL. */
  private boolean isOfRows(SqlNode argument) {
    if (argument instanceof SqlIdentifier identifier) {
      return identifier.isStar()
          || SqlNodes.column(identifier).equals("*")
          || plan.dimension(SqlNodes.column(identifier)).filter(d -> !d.nullable()).isPresent();
    }
    return Literals.isLiteral(argument) && Literals.of(argument) != null;
  }

  private String uncounted() {
    List<String> counts =
        plan.measures().stream()
            .filter(m -> m.kind() == MeasureKind.COUNT)
            .map(Measure::name)
            .toList();
    String why =
        plan.rowCounts() == null
            ? "it is not known which measure of the view counts all events (run recount apply)"
            : "the view has "
                + (plan.rowCounts().isEmpty() ? "no count(*)" : "more than one count(*)");
    return why
        + ", and COUNT(*) would count stored rows, which is not what they stand for; name the "
        + "measure that it means with the line -- @count MEASURE in the view's file"
        + (counts.isEmpty() ? "" : ", or write SUM(" + String.join(") or SUM(", counts) + ")");
  }

  /** Of a dimension, all counts of distinct values are exact. */
  private static SqlNode distinct(SqlCall call) {
    SqlCall distinct = (SqlCall) call("DISTINCTCOUNT(x)");
    return distinct.getOperator().createCall(call.getParserPosition(), call.<SqlNode>operand(0));
  }

  static SqlNode call(String expression) {
    return SqlText.parse("SELECT " + expression + " FROM v").select().get(0);
  }
}
