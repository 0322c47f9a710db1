package dev.recount.serving.answer;

import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.scalar.Cells;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * How many stored rows of each side an answer was made from. Pinot says how many the query itself
 * has scanned, and what batch serves does not change until the next run: so rows are mostly known
 * without another query, and counted beside it where they are not.
 */
final class RowCounts {
  private final ServedRows rows;
  private final Known known;
  private final Future<Long> batchCount;
  private final Future<Long> speedCount;

  /** How many rows of a batch a condition holds for. Thread-safe. */
  static final class Known {
    private static final int MOST = 1_000;
    private static final int LONGEST_CONDITION = 2_000;

    private final Map<List<String>, Long> counts =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<List<String>, Long> eldest) {
            return size() > MOST;
          }
        };

    /** Null if it has not been counted. */
    private Long find(ServedRows rows) {
      BoundQuery query = rows.query();
      if (query.where().isEmpty()) {
        return rows.sources().publication().rowCount();
      }
      synchronized (counts) {
        return counts.get(key(rows));
      }
    }

    private void put(ServedRows rows, long count) {
      if (rows.query().where().length() <= LONGEST_CONDITION) {
        synchronized (counts) {
          counts.put(key(rows), count);
        }
      }
    }

    private static List<String> key(ServedRows rows) {
      return List.of(
          rows.sources().publication().runId(), rows.query().plan().table(), rows.query().where());
    }
  }

  private RowCounts(
      ServedRows rows, Known known, Future<Long> batchCount, Future<Long> speedCount) {
    this.rows = rows;
    this.known = known;
    this.batchCount = batchCount;
    this.speedCount = speedCount;
  }

  /** Begins to count what will not be known otherwise. */
  static RowCounts begin(ServedRows rows, Known known, ExecutorService threads) {
    boolean isScanned = tellsByItself(rows);
    boolean countsBatch =
        hasBatch(rows) && (!isScanned || hasSpeed(rows) && known.find(rows) == null);
    boolean countsSpeed = hasSpeed(rows) && !isScanned;
    return new RowCounts(
        rows,
        known,
        countsBatch ? threads.submit(() -> count(rows, Mode.BATCH)) : null,
        countsSpeed ? threads.submit(() -> count(rows, speedSide(rows))) : null);
  }

  private static Mode speedSide(ServedRows rows) {
    return rows.mode() == Mode.DELTAS ? Mode.DELTAS : Mode.SPEED;
  }

  static boolean hasBatch(ServedRows rows) {
    return (rows.mode() == Mode.MERGED || rows.mode() == Mode.BATCH)
        && rows.sources().publication() != null;
  }

  static boolean hasSpeed(ServedRows rows) {
    return rows.mode() != Mode.BATCH;
  }

  /**
   * Whether what Pinot scans first for the query is just the rows that its condition holds for: not
   * if candidates are looked for before, if a star-tree stands for rows, if there is nothing to
   * aggregate, which may end early, or if the condition makes Pinot leave out a side.
   */
  private static boolean tellsByItself(ServedRows rows) {
    BoundQuery query = rows.query();
    return query.candidates().isEmpty()
        && !query.aggregates().isEmpty()
        && !query.filtersArrival()
        && !query.plan().header().containsKey("star-tree");
  }

  private static long count(ServedRows rows, Mode side) throws Unsettled {
    PinotQuery pinot =
        new PinotQuery(
            rows.query(),
            rows.sources().table(rows.query().plan().table(), side),
            rows.sources().arrival(side));
    PinotBroker.Reply reply =
        rows.broker().ask(pinot.table(), pinot.rowCount(), rows.deadline(), rows.cancellation());
    boolean isEmpty = reply.rows() == null || reply.rows().isEmpty();
    return isEmpty ? 0L : Cells.whole(reply.rows().get(0).get(0)).longValueExact();
  }

  /** After the query was answered. */
  long batch() throws Unsettled {
    if (batchCount != null) {
      long counted = Counts.await(batchCount);
      known.put(rows, counted);
      return counted;
    }
    return hasSpeed(rows) ? known.find(rows) : rows.scanned();
  }

  /** After the query was answered. */
  long speed() throws Unsettled {
    if (speedCount != null) {
      return Counts.await(speedCount);
    }
    long others = hasBatch(rows) ? batch() : 0;
    return rows.scanned() >= others ? rows.scanned() - others : count(rows, speedSide(rows));
  }

  /** Waits for what is still being counted: nothing of an attempt continues when it has ended. */
  void giveUp() {
    Counts.giveUp(batchCount);
    Counts.giveUp(speedCount);
  }
}
