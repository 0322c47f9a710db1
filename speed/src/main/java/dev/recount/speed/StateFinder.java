package dev.recount.speed;

import dev.recount.planner.state.StateTable;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** Joins events with their states, one after the other. Not thread-safe. */
final class StateFinder {
  private final StateTable table;
  private final boolean keepsUnmatched;
  private final UnsafeProjection matching;
  private final UnsafeRow state;
  private final InternalRow none;
  private final JoinedRow joined = new JoinedRow();
  private int found;

  StateFinder(ViewTarget.Lookup lookup) {
    this.table = lookup.table();
    this.keepsUnmatched = lookup.keepsUnmatched();
    this.matching = lookup.join().matching();
    this.state = table.newRow();
    this.none = new GenericInternalRow(state.numFields());
  }

  /**
   * Gives the event with each state that it finds.
   *
   * @param sink a row is valid only until it returns
   */
  void forEach(InternalRow event, long arrivalMs, Consumer<InternalRow> sink) {
    found = 0;
    UnsafeRow match = matching.apply(event);
    if (!match.anyNull()) {
      table.forEachBefore(
          match,
          arrivalMs,
          state,
          row -> {
            found++;
            sink.accept(joined.apply(event, row));
          });
    }
    if (found == 0 && keepsUnmatched) {
      sink.accept(joined.apply(event, none));
    }
  }
}
