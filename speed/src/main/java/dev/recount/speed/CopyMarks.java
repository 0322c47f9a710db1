package dev.recount.speed;

import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.row.EventRows;
import java.util.List;
import org.apache.spark.sql.Row;

/** Tells a worker's views whether the record at hand is a copy of an earlier one. */
final class CopyMarks {
  /** A view that counts every record. */
  static final int NONE = -1;

  private final Copies copies;
  private final List<DistinctField> fields;
  private final EventRows decoder;
  private final boolean[] isCopy;
  private Copies.Partition partition;

  /**
   * @param fields all that views of the event are distinct by; if there is none, nothing is done
   */
  CopyMarks(Copies copies, List<DistinctField> fields, EventRows decoder) {
    this.copies = copies;
    this.fields = fields;
    this.decoder = decoder;
    this.isCopy = new boolean[fields.size()];
  }

  /** Begins with the first record of a partition's part of a micro-batch. */
  void start(int number, long arrivedMs) {
    if (!fields.isEmpty()) {
      List<Integer> indexes = fields.stream().map(DistinctField::index).toList();
      partition = copies.before(number, arrivedMs, decoder, indexes);
    }
  }

  /** Looks at the next record. */
  void look(Row event, long arrivedMs) {
    for (int i = 0; i < isCopy.length; i++) {
      isCopy[i] = partition.isCopy(i, event.get(fields.get(i).index()), arrivedMs);
    }
  }

  /** Whether a view leaves the record out that was looked at last. */
  boolean isCopy(int field) {
    return field != NONE && isCopy[field];
  }

  /** The number by which a view asks; {@link #NONE} if it is not distinct. */
  static int number(DistinctField field, List<DistinctField> fields) {
    return field == null ? NONE : fields.indexOf(field);
  }
}
