package dev.recount.planner.compile;

import dev.recount.error.RecountException;
import dev.recount.planner.row.Refusal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What to write instead of an aggregate whose results cannot be added up; in the advice, {@code (x}
 * stands for the aggregate's own argument.
 */
final class Unmergeable {
  private static final String SKETCH =
      "count distinct values by theta_sketch_agg(x), within 1.6 % or so";
  private static final String PARTS =
      "keep what it is computed from as measures, such as count(x), sum(x), sum(POWER(x, 2)), and"
          + " compute it in the query";
  private static final String EXTREME =
      "take the value at some time, as in max_by(x, event_time), the extremes by min(x) and"
          + " max(x), or make (x) a dimension";
  private static final String LIST = "make x a dimension, or count it by theta_sketch_agg(x)";
  private static final String PERCENTILE =
      "write tdigest_agg(x) AS d, and ask for MEASURE(d, 95), or count by classes, such as"
          + " count_if(x < 100) AS under_100";
  private static final Map<String, String> INSTEAD =
      Map.ofEntries(
          Map.entry("approx_count_distinct", SKETCH),
          Map.entry("hll_sketch_agg", SKETCH),
          Map.entry("collect_list", LIST),
          Map.entry("collect_set", LIST),
          Map.entry("array_agg", LIST),
          Map.entry("listagg", LIST),
          Map.entry("string_agg", LIST),
          Map.entry("mode", LIST),
          Map.entry("first", EXTREME),
          Map.entry("first_value", EXTREME),
          Map.entry("last", EXTREME),
          Map.entry("last_value", EXTREME),
          Map.entry("any_value", EXTREME),
          Map.entry("percentile", PERCENTILE),
          Map.entry("approx_percentile", PERCENTILE),
          Map.entry("percentile_approx", PERCENTILE),
          Map.entry("percentile_cont", PERCENTILE),
          Map.entry("percentile_disc", PERCENTILE),
          Map.entry("median", PERCENTILE));

  private Unmergeable() {}

  static RecountException distinct(AggregateFunction function, Refusal refusal) {
    String text = function.sql();
    String distinct = text.replaceFirst("\\(", "(DISTINCT ");
    return refusal.notMergeable(
        distinct,
        "needs to see all values of a group at once",
        function.prettyName().equals("count")
            ? of(SKETCH, function)
            : "leave DISTINCT out, or make the values a dimension");
  }

  static RecountException function(AggregateFunction function, Refusal refusal) {
    String name = function.prettyName().toLowerCase(Locale.ROOT);
    String fallback =
        name.matches("(skewness|kurtosis|corr|covar|regr).*")
            ? PARTS
            : "use count, count_if, sum, min, max, avg, max_by, min_by, bool_or, bool_and, variance, stddev,"
                + " theta_sketch_agg, hll_agg or tdigest_agg";
    return refusal.notMergeable(
        function.sql(),
        "cannot be added up from the results of two parts of the events",
        of(INSTEAD.getOrDefault(name, fallback), function));
  }

  /** The advice, with the function's argument in place of x. */
  private static String of(String advice, AggregateFunction function) {
    List<Expression> arguments = CollectionConverters.asJava(function.children());
    return arguments.isEmpty()
        ? advice
        : advice
            .replace("(x)", "(" + arguments.get(0).sql() + ")")
            .replace("(x ", "(" + arguments.get(0).sql() + " ")
            .replace("(x,", "(" + arguments.get(0).sql() + ",");
  }
}
