package dev.recount.batch.erase;

import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.StateJoin;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * The events for which a condition is true.
 *
 * @param offsets of each file that holds some, ascending
 */
record FoundEvents(Map<ArchiveFile, long[]> offsets) {
  /**
   * Checks a condition before anything is read.
   *
   * @throws RecountException as {@link #of} does
   */
  static void requireCondition(SparkSession spark, EventSchema event, String condition) {
    of(spark, event, List.of(), condition);
  }

  /**
   * @param files all that count
   * @param condition SQL over the event's fields, as views see them
   * @throws RecountException QUERY_SYNTAX, QUERY_COLUMN_UNKNOWN or QUERY_UNSUPPORTED if it is none
   */
  static FoundEvents of(
      SparkSession spark, EventSchema event, List<ArchiveFile> files, String condition) {
    List<ArchiveFile> withRows = files.stream().filter(file -> file.records() > 0).toList();
    Dataset<Row> rows = new ArchiveSlice(event, 0, Long.MAX_VALUE, withRows).withPlace(spark);
    try {
      Dataset<Row> found = rows.filter(condition);
      check(found, condition);
      return new FoundEvents(
          byFile(withRows, found.select(StateJoin.PARTITION, StateJoin.OFFSET).toLocalIterator()));
    } catch (Exception e) {
      throw explained(e, event, condition);
    }
  }

  /** It must say the same of an event whenever it is asked. */
  private static void check(Dataset<Row> found, String condition) {
    LogicalPlan plan =
        ((org.apache.spark.sql.classic.Dataset<Row>) found).queryExecution().analyzed();
    Expression checked = ((Filter) plan).condition();
    if (!checked.deterministic() || SubqueryExpression.hasSubquery(checked)) {
      throw RecountException.of(
          ErrorCode.QUERY_UNSUPPORTED,
          "Cannot erase events where %s: the condition must only depend on the event's fields",
          condition);
    }
  }

  private static Map<ArchiveFile, long[]> byFile(List<ArchiveFile> files, Iterator<Row> found) {
    Map<Integer, LongStream.Builder> partitions = new HashMap<>();
    found.forEachRemaining(
        row ->
            partitions
                .computeIfAbsent(row.getInt(0), p -> LongStream.builder())
                .add(row.getLong(1)));
    Map<Integer, long[]> sorted = new HashMap<>();
    partitions.forEach((p, offsets) -> sorted.put(p, offsets.build().sorted().toArray()));
    Map<ArchiveFile, long[]> offsets = new LinkedHashMap<>();
    for (ArchiveFile file : files) {
      long[] all = sorted.getOrDefault(file.partition(), new long[0]);
      long[] ofFile =
          Arrays.copyOfRange(
              all, place(all, file.firstPosition()), place(all, file.nextPosition()));
      if (ofFile.length > 0) {
        offsets.put(file, ofFile);
      }
    }
    return offsets;
  }

  /** How many are smaller. */
  private static int place(long[] sorted, long offset) {
    int index = Arrays.binarySearch(sorted, offset);
    return index >= 0 ? index : -index - 1;
  }

  private static RecountException explained(Exception e, EventSchema event, String condition) {
    if (e instanceof RecountException known) {
      return known;
    }
    ErrorCode code = ErrorCode.QUERY_UNSUPPORTED;
    String message = e instanceof AnalysisException a ? a.getSimpleMessage() : e.getMessage();
    String reason =
        Objects.toString(message, "")
            .lines()
            .filter(l -> !l.isBlank())
            .findFirst()
            .orElse(e.toString());
    if (e instanceof ParseException) {
      code = ErrorCode.QUERY_SYNTAX;
    } else if (e instanceof AnalysisException analysis
        && String.valueOf(analysis.getCondition()).startsWith("UNRESOLVED_COLUMN")) {
      code = ErrorCode.QUERY_COLUMN_UNKNOWN;
      reason =
          "there is no field "
              + analysis.getMessageParameters().get("objectName")
              + "; "
              + event.name()
              + " has "
              + List.of(EventRows.type(event).fieldNames());
    }
    return RecountException.of(
        code, "Cannot erase events where %s: %s; nothing was changed", condition, reason);
  }

  long events() {
    return offsets.values().stream().mapToLong(found -> found.length).sum();
  }

  int files() {
    return offsets.size();
  }
}
