package dev.recount.planner.compile;

import dev.recount.core.view.ViewPlan;
import dev.recount.planner.row.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * The field that a view is distinct by: of all events with the same value of it, the one that
 * arrived first is counted, and no other. NULL is nobody's copy.
 *
 * @param index its place in an event's rows
 */
public record DistinctField(String name, int index) {
  private static final String HEADER = "distinct";

  /** Empty if the view is not distinct. */
  public static Optional<DistinctField> of(ViewPlan plan, StructType events) {
    return of(plan.header(), events, new Refusal(plan.view()));
  }

  /**
   * @throws dev.recount.error.RecountException VIEW_INVALID if the event has no such field, or it
   *     is not an id
   */
  static Optional<DistinctField> of(
      Map<String, String> header, StructType events, Refusal refusal) {
    String name = header.get(HEADER);
    if (name == null) {
      return Optional.empty();
    }
    if (!List.of(events.fieldNames()).contains(name)) {
      throw refusal.invalid(
          "it is distinct by '%s', but the event has no such field; write -- @distinct "
              + "and one of %s",
          name, List.of(events.fieldNames()));
    }
    DataType type = events.apply(name).dataType();
    if (!isId(type)) {
      throw refusal.invalid(
          "it is distinct by '%s' of %s; an id is a string, bytes, an int or a long",
          name, type.sql());
    }
    return Optional.of(new DistinctField(name, events.fieldIndex(name)));
  }

  private static boolean isId(DataType type) {
    return type instanceof StringType
        || type instanceof BinaryType
        || type instanceof IntegerType
        || type instanceof LongType;
  }
}
