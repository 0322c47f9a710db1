package dev.recount.planner.compile;

import dev.recount.planner.row.Refusal;
import dev.recount.planner.sketch.SketchFunctions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Parses and analyses the SQL of views in a session of its own, whatever the caller's session. */
final class ViewSql {
  private final org.apache.spark.sql.classic.SparkSession session;

  ViewSql(SparkSession caller) {
    this.session = (org.apache.spark.sql.classic.SparkSession) caller.newSession();
    session.conf().set("spark.sql.session.timeZone", "UTC");
    session.conf().set("spark.sql.ansi.enabled", true);
    session.conf().set("spark.sql.caseSensitive", false);
    ExactFunctions.inlineCommonExpressions(session);
    SketchFunctions.register(session);
  }

  /** The names of the tables that the SELECT reads, each once, as they are written. */
  Set<String> tables(String sql, Refusal refusal) {
    Set<String> names = new LinkedHashSet<>();
    List<LogicalPlan> leaves = CollectionConverters.asJava(parse(sql, refusal).collectLeaves());
    for (LogicalPlan leaf : leaves) {
      if (leaf instanceof UnresolvedRelation relation) {
        names.add(relation.tableName());
      }
    }
    return names;
  }

  boolean isSame(String one, String other, Refusal refusal) {
    return one.equals(other) || tree(one, refusal).equals(tree(other, refusal));
  }

  /** The parsed SELECT, whole, without the numbers that Spark gives anew to each output column. */
  private String tree(String sql, Refusal refusal) {
    return parse(sql, refusal)
        .treeString(true, false, Integer.MAX_VALUE, false)
        .replaceAll("#\\d+", "");
  }

  private LogicalPlan parse(String sql, Refusal refusal) {
    try {
      return session.sessionState().sqlParser().parsePlan(sql);
    } catch (Exception e) {
      throw e instanceof ParseException error
          ? refusal.syntax(describe(error, sql), error)
          : unexpected(e);
    }
  }

  /** The analysed plan of the SELECT over empty relations of the events' types. */
  synchronized LogicalPlan analyse(String sql, Map<String, StructType> events, Refusal refusal) {
    parse(sql, refusal);
    events.forEach(
        (name, type) -> session.createDataFrame(List.of(), type).createOrReplaceTempView(name));
    try {
      return session.sql(sql).queryExecution().analyzed();
    } catch (Exception e) {
      throw e instanceof AnalysisException error
          ? refusal.invalid(describe(error, events), error)
          : unexpected(e);
    } finally {
      events.keySet().forEach(session.catalog()::dropTempView);
    }
  }

  /** Events without a row, which Spark does not know to be none. */
  Dataset<Row> empty(StructType type) {
    RDD<InternalRow> none =
        JavaSparkContext.fromSparkContext(session.sparkContext()).<InternalRow>emptyRDD().rdd();
    return session.internalCreateDataFrame(none, type, false);
  }

  private static RuntimeException unexpected(Exception e) {
    return e instanceof RuntimeException known ? known : new IllegalStateException(e);
  }

  private static String describe(ParseException e, String sql) {
    int line = e.line().isDefined() ? (Integer) e.line().get() : 1;
    int position = e.startPosition().isDefined() ? (Integer) e.startPosition().get() : 0;
    String text = sql.lines().skip(Math.max(0, line - 1)).findFirst().orElse("").strip();
    return firstLine(e.getSimpleMessage())
        + " At line "
        + line
        + " of the SELECT, position "
        + (position + 1)
        + ": "
        + text;
  }

  private static String describe(AnalysisException e, Map<String, StructType> events) {
    String condition = e.getCondition() == null ? "" : e.getCondition();
    if (condition.startsWith("UNRESOLVED_COLUMN")) {
      return "there is no field "
          + e.getMessageParameters().get("objectName")
          + "; "
          + events.entrySet().stream()
              .map(event -> event.getKey() + " has " + List.of(event.getValue().fieldNames()))
              .collect(Collectors.joining(", "));
    }
    return firstLine(e.getSimpleMessage());
  }

  private static String firstLine(String message) {
    return message.lines().filter(l -> !l.isBlank()).findFirst().orElse(message);
  }
}
