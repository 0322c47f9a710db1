package dev.recount.serving.answer;

import dev.recount.core.Deadline;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The rows that Pinot's servers hold of a view, every segment of them or none. */
public record ServedRows(
    PinotBroker broker,
    BoundQuery query,
    Mode mode,
    Sources sources,
    Deadline deadline,
    Cancellation cancellation,
    AtomicLong firstScanned)
    implements StoredRows {
  private static final long UNKNOWN = -1;

  public ServedRows(
      PinotBroker broker,
      BoundQuery query,
      Mode mode,
      Sources sources,
      Deadline deadline,
      Cancellation cancellation) {
    this(broker, query, mode, sources, deadline, cancellation, new AtomicLong(UNKNOWN));
  }

  /** How many rows the first question to Pinot has scanned; 0 if none was asked. */
  long scanned() {
    return Math.max(0, firstScanned.get());
  }

  @Override
  public boolean isNothing() {
    return mode == Mode.BATCH && sources.publication() == null;
  }

  @Override
  public String table() {
    return sources.table(query.plan().table(), mode);
  }

  @Override
  public String arrival() {
    return sources.arrival(mode);
  }

  @Override
  public List<List<String>> ask(String sql) throws Unsettled {
    PinotBroker.Reply reply = broker.ask(table(), sql, deadline, cancellation);
    long expected = sources.segments(mode);
    if (reply.segments() != expected && !isEmptyByFilter(reply)) {
      throw new Unsettled(
          "Pinot read " + reply.segments() + " segments where there are " + expected);
    }
    firstScanned.compareAndSet(UNKNOWN, reply.scanned());
    return reply.rows();
  }

  /** Pinot leaves out a side, or all, if WHERE can hold for no row of it. */
  private boolean isEmptyByFilter(PinotBroker.Reply reply) {
    long segments = reply.segments();
    boolean oneSide =
        segments == sources.snapshot().offline().size()
            || segments == sources.snapshot().realtime().size();
    return segments == 0 && reply.rows() == null
        || (query.filtersArrival() || sources.beforeMs() != null) && oneSide;
  }
}
