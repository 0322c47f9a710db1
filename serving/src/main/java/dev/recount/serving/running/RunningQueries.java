package dev.recount.serving.running;

import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Mode;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** All questions of this process that somebody waits for. Thread-safe. */
public final class RunningQueries {
  private static final int LONGEST_TEXT = 10_000;

  private final Clock clock;
  private final String process = UUID.randomUUID().toString().substring(0, 8);
  private final AtomicLong last = new AtomicLong();
  private final Map<Long, RunningQuery> running = new ConcurrentSkipListMap<>();

  public RunningQueries(Clock clock) {
    this.clock = clock;
  }

  /** Notes a question until it is closed. */
  public Entry begin(String view, Mode mode, String askedBy, String sql) {
    long number = last.incrementAndGet();
    String text = sql.length() <= LONGEST_TEXT ? sql : sql.substring(0, LONGEST_TEXT) + " ...";
    RunningQuery query =
        new RunningQuery(
            process + "-" + number, view, mode, askedBy, clock.instant(), text, new Cancellation());
    running.put(number, query);
    return new Entry(number, query);
  }

  /** A question that is noted. */
  public final class Entry implements AutoCloseable {
    private final long number;
    private final RunningQuery query;

    private Entry(long number, RunningQuery query) {
      this.number = number;
      this.query = query;
    }

    /** The question. */
    public RunningQuery query() {
      return query;
    }

    @Override
    public void close() {
      running.remove(number);
    }
  }

  /** Those that run, the oldest first. */
  public List<RunningQuery> list() {
    return List.copyOf(running.values());
  }

  /**
   * Ends a question: who asked it is told so at once.
   *
   * @param by who ends it
   * @return the question; empty if none of this id runs
   */
  public Optional<RunningQuery> cancel(String id, String by) {
    Optional<RunningQuery> found =
        running.values().stream().filter(query -> query.id().equals(id)).findFirst();
    found.ifPresent(query -> query.cancellation().cancel("'" + by + "' cancelled it"));
    return found;
  }
}
