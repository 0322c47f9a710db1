package dev.recount.planner.state;

import dev.recount.core.view.ViewJoin;
import java.util.Arrays;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What joined rows look like: the event's columns, then those of the state that it found. */
public final class JoinedRows {
  /** No field of Avro has it in its name. */
  private static final String SEPARATOR = "$";

  private JoinedRows() {}

  /** The name that a field of the state has in joined rows. */
  static String column(String state, String field) {
    return state + SEPARATOR + field;
  }

  /** The columns of a state's fields in joined rows; NULL if an event finds no state. */
  public static StructType columns(ViewJoin join, StructType state) {
    return new StructType(
        Arrays.stream(state.fields())
            .map(
                f ->
                    new StructField(
                        column(join.state(), f.name()),
                        f.dataType(),
                        f.nullable() || join.keepsUnmatched(),
                        f.metadata()))
            .toArray(StructField[]::new));
  }

  /** Of the type of joined rows, the event's fields. */
  public static StructType eventType(StructType joined) {
    return new StructType(
        Arrays.stream(joined.fields())
            .filter(f -> !f.name().contains(SEPARATOR))
            .toArray(StructField[]::new));
  }

  /** Of the type of joined rows, the state's fields by their own names. */
  public static StructType stateType(StructType joined) {
    return new StructType(
        Arrays.stream(joined.fields())
            .filter(f -> f.name().contains(SEPARATOR))
            .map(
                f ->
                    new StructField(
                        f.name().substring(f.name().indexOf(SEPARATOR) + 1),
                        f.dataType(),
                        f.nullable(),
                        f.metadata()))
            .toArray(StructField[]::new));
  }
}
