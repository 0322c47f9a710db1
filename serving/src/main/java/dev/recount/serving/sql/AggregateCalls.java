package dev.recount.serving.sql;

import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.util.SqlBasicVisitor;

/** Which calls in a query are of aggregates. */
public final class AggregateCalls {
  /** Aggregates by name; those that would merge stored rows wrongly are refused with advice. */
  private static final Set<String> NAMES =
      Set.of(
          "measure",
          "count",
          "sum",
          "min",
          "max",
          "avg",
          "sum0",
          "distinctcount",
          "stddev_pop",
          "stddev_samp",
          "var_pop",
          "var_samp",
          "any_value",
          "approx_count_distinct",
          "distinctcounthll",
          "distinctcountthetasketch",
          "sumprecision",
          "minmaxrange",
          "mode",
          "percentile",
          "percentiletdigest",
          "percentileest",
          "first_value",
          "last_value",
          "lastwithtime",
          "firstwithtime");

  private AggregateCalls() {}

  /** Whether there is one in a part of a query. */
  public static boolean isIn(SqlNode node) {
    boolean[] found = {false};
    node.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlCall call) {
            found[0] |= is(call);
            return super.visit(call);
          }
        });
    return found[0];
  }

  public static boolean is(SqlCall call) {
    return NAMES.contains(name(call));
  }

  /** The name of the function that is called, in small letters. */
  public static String name(SqlCall call) {
    String name = call.getOperator().getName().toLowerCase(Locale.ROOT);
    return name.equalsIgnoreCase(SqlNodes.MEASURE) ? "measure" : name;
  }
}
