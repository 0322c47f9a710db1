package dev.recount.batch.compute;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.planner.state.StateJoin;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.expressions.Window;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The places in the log of all events that are copies of one that arrived before: a set of offsets
 * for each partition of the topic. It is found from the ids alone, so that the scan that computes
 * views stays one for all, distinct or not. A few bytes a copy; serialized to tasks.
 */
final class LaterCopies implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String NUMBER = "_number";
  private static final String KNOWN = "_known";
  private static final String SEMI = "left_semi";

  private final HashMap<Integer, Roaring64Bitmap> offsets = new HashMap<>();

  /**
   * Finds the copies among events; one shuffle of ids and places.
   *
   * @param events with their places, as {@link ArchiveSlice#withPlace} gives them
   * @param id the field that is the same in copies; NULL is nobody's copy
   */
  static LaterCopies find(Dataset<Row> events, String id) {
    return of(
        numbered(events, id)
            .where(col(NUMBER).gt(1))
            .select(StateJoin.PARTITION, StateJoin.OFFSET));
  }

  private static LaterCopies of(Dataset<Row> copies) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) copies)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(LaterCopies::of)
        .fold(new LaterCopies(), LaterCopies::plus);
  }

  /**
   * Finds the copies among events of an increment: those of earlier ones in it, and those of events
   * that had arrived before. Of the latter only the ids are read.
   *
   * @param events with their places
   * @param history all events that arrived before
   */
  static LaterCopies find(Dataset<Row> events, Dataset<Row> history, String id) {
    Dataset<Row> mine = events.select(id).where(col(id).isNotNull()).distinct();
    Dataset<Row> seen =
        history.select(id).join(mine, CollectionConverters.asScala(List.of(id)).toSeq(), SEMI);
    Dataset<Row> known = seen.distinct().withColumn(KNOWN, lit(true));
    return of(
        numbered(events, id)
            .join(known, CollectionConverters.asScala(List.of(id)).toSeq(), "left")
            .where(col(NUMBER).gt(1).or(col(KNOWN).isNotNull()))
            .select(StateJoin.PARTITION, StateJoin.OFFSET));
  }

  /**
   * Finds the copies among some events: those of earlier ones wherever these are. Of all events
   * only ids and places are read.
   *
   * @param all with their places
   */
  static LaterCopies findAmong(Dataset<Row> some, Dataset<Row> all, String id) {
    Dataset<Row> mine = some.select(id).where(col(id).isNotNull()).distinct();
    Dataset<Row> alike =
        all.select(id, StateJoin.ARRIVED_AT, StateJoin.PARTITION, StateJoin.OFFSET)
            .join(mine, CollectionConverters.asScala(List.of(id)).toSeq(), SEMI);
    return of(
        numbered(alike, id).where(col(NUMBER).gt(1)).select(StateJoin.PARTITION, StateJoin.OFFSET));
  }

  /**
   * The events without the copies, for events that go through a plan of Spark SQL anyway.
   *
   * @param events with their places
   */
  static Dataset<Row> leftOut(Dataset<Row> events, String id) {
    Dataset<Row> first = numbered(events, id).where(col(NUMBER).equalTo(1)).drop(NUMBER);
    return events.where(col(id).isNull()).union(first).drop(StateJoin.PARTITION, StateJoin.OFFSET);
  }

  private static Dataset<Row> numbered(Dataset<Row> events, String id) {
    return events
        .where(col(id).isNotNull())
        .withColumn(
            NUMBER,
            row_number()
                .over(
                    Window.partitionBy(id)
                        .orderBy(StateJoin.ARRIVED_AT, StateJoin.PARTITION, StateJoin.OFFSET)));
  }

  private static Iterator<LaterCopies> of(Iterator<InternalRow> places) {
    LaterCopies copies = new LaterCopies();
    places.forEachRemaining(place -> copies.add(place.getInt(0), place.getLong(1)));
    return List.of(copies).iterator();
  }

  private void add(int partition, long offset) {
    offsets.computeIfAbsent(partition, p -> new Roaring64Bitmap()).addLong(offset);
  }

  private LaterCopies plus(LaterCopies other) {
    for (Map.Entry<Integer, Roaring64Bitmap> entry : other.offsets.entrySet()) {
      offsets.merge(
          entry.getKey(),
          entry.getValue(),
          (mine, theirs) -> {
            mine.or(theirs);
            return mine;
          });
    }
    return this;
  }

  boolean contains(int partition, long offset) {
    Roaring64Bitmap found = offsets.get(partition);
    return found != null && found.contains(offset);
  }

  long count() {
    return offsets.values().stream().mapToLong(Roaring64Bitmap::getLongCardinality).sum();
  }
}
