package dev.recount.serving.pinot;

import dev.recount.core.Deadline;
import dev.recount.core.Loop;
import dev.recount.core.catalog.ServiceCatalog;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.serving.sql.QueryErrors;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How far Pinot has ingested the deltas of a table. What the speed layer has published is served a
 * little later; and a restarted server reads its newest deltas again, so that what was served
 * before is missing for a while. Tables that are asked for are watched; thread-safe.
 */
public final class Consumption implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(500);

  /** A look older than this says nothing of now. */
  private static final long MOST_AGE_MS = 2_000;

  private static final long WATCHED_MS = 60_000;
  private static final int LOOKS = 1_200;

  /** How long a look may take that no query waits for. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** Some two minutes. */
  private static final int LOOKS_KEPT = 240;

  /** What the speed layer had published when the delta topic ended so. */
  private record Published(long completeUntilMs, Map<Integer, Long> ends) {}

  /** Until when Pinot served everything, as it was found at a moment. */
  private record Found(long lookedMs, long untilMs) {}

  /**
   * Until when Pinot serves everything.
   *
   * @param untilMs an arrival; 0 if that is not known yet
   * @param nowMs what the brokers' clocks show now, with which arrivals can be compared
   * @param deltas how many deltas Pinot has ever ingested, as last seen
   */
  public record Served(long untilMs, long nowMs, long deltas) {
    public boolean isKnown() {
      return untilMs > 0;
    }

    /** How long ago the arrival was. */
    public long ageMs() {
      return Math.max(0, nowMs - untilMs);
    }
  }

  private final ServiceCatalog services;
  private final PinotRouting pinot;
  private final DeltaTopics topics;
  private final Clock clock;
  private final Map<String, Table> tables = new ConcurrentHashMap<>();
  private final Loop loop;

  public Consumption(
      RecountConfig config, ServiceCatalog services, PinotRouting pinot, Clock clock) {
    this.services = services;
    this.pinot = pinot;
    this.clock = clock;
    this.topics = new DeltaTopics(KafkaClients.of(config));
    this.loop = Loop.start("consumption", PERIOD, this::watch);
  }

  private void watch() {
    long now = clock.millis();
    for (Table table : tables.values()) {
      if (now - table.askedMs < WATCHED_MS) {
        try {
          table.look(Deadline.after(LOOK));
        } catch (RuntimeException e) {
          // The table's last look grows old, and the next query looks itself and says why.
          continue;
        }
      }
    }
  }

  /**
   * Until which arrival Pinot serves everything.
   *
   * @param delay how long something must have been served already to count
   * @throws Unsettled if Pinot does not serve deltas that it has served before
   * @throws RecountException QUERY_TIMEOUT, PINOT_UNAVAILABLE, KAFKA_UNAVAILABLE,
   *     CATALOG_UNAVAILABLE
   */
  public Served served(String table, String event, Duration delay, Deadline deadline)
      throws Unsettled {
    Table of = tables.computeIfAbsent(table, t -> new Table(t, event));
    of.askedMs = clock.millis();
    return of.served(delay, deadline);
  }

  /**
   * The same now, for who asks now and then: the table is not watched because of it.
   *
   * @throws Unsettled as {@link #served}
   */
  public Served glance(String table, String event, Deadline deadline) throws Unsettled {
    return tables.computeIfAbsent(table, t -> new Table(t, event)).served(Duration.ZERO, deadline);
  }

  @Override
  public void close() {
    loop.close();
    topics.close();
  }

  /** What is known of one table. */
  private final class Table {
    private final String name;
    private final String event;
    private final Deque<Published> waiting = new ArrayDeque<>();
    private final Deque<Found> history = new ArrayDeque<>();
    private final Map<Integer, Long> most = new HashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long askedMs;
    private long lookedMs;
    private long servedUntilMs;
    private long ingested;
    private boolean isBehindItself;

    /** What the brokers' clocks showed at the last look. */
    private long brokersMs;

    private long brokersNanos;

    private Table(String name, String event) {
      this.name = name;
      this.event = event;
    }

    private Served served(Duration delay, Deadline deadline) throws Unsettled {
      require(deadline);
      try {
        if (clock.millis() - lookedMs > MOST_AGE_MS) {
          look(deadline);
        }
        if (isBehindItself) {
          throw new Unsettled(
              "Pinot has yet to ingest deltas of the speed layer that may have been served before");
        }
        long until = delay.isZero() ? servedUntilMs : untilAt(clock.millis() - delay.toMillis());
        long sinceMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - brokersNanos);
        return new Served(until, brokersMs + sinceMs, ingested);
      } finally {
        lock.unlock();
      }
    }

    /** Another query's look is waited for, but no longer than this one may take. */
    private void require(Deadline deadline) {
      try {
        if (lock.tryLock(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw QueryErrors.timeout();
    }

    /** What was served at a moment before now. */
    private long untilAt(long momentMs) {
      long until = 0;
      for (Found found : history) {
        until = found.lookedMs() <= momentMs ? found.untilMs() : until;
      }
      return until;
    }

    private void look(Deadline deadline) {
      require(deadline);
      try {
        lookAlone(deadline);
      } finally {
        lock.unlock();
      }
    }

    private void lookAlone(Deadline deadline) {
      Optional<SpeedProgress> progress = services.speedProgress(event);
      long nanos = System.nanoTime();
      long until = progress.map(SpeedProgress::completeUntilMs).orElse(0L);
      Map<Integer, Long> ends = topics.ends(Topics.deltas(name), deadline);
      if (lookedMs == 0) {
        // This process does not know what was served before: it may have been all that is there.
        most.putAll(ends);
      }
      waiting.addLast(new Published(until, ends));
      if (waiting.size() > LOOKS) {
        waiting.removeFirst();
      }
      Map<Integer, Long> consumed = consumed(deadline);
      isBehindItself = !covers(consumed, most);
      consumed.forEach((partition, offset) -> most.merge(partition, offset, Math::max));
      ingested = consumed.values().stream().mapToLong(Long::longValue).sum();
      while (!waiting.isEmpty() && covers(consumed, waiting.peekFirst().ends())) {
        servedUntilMs = Math.max(servedUntilMs, waiting.removeFirst().completeUntilMs());
      }
      if (progress.isPresent()) {
        brokersMs = progress.get().nowMs();
        brokersNanos = nanos;
      }
      lookedMs = clock.millis();
      history.addLast(new Found(lookedMs, servedUntilMs));
      if (history.size() > LOOKS_KEPT) {
        history.removeFirst();
      }
    }

    /** For each partition, the position of the next delta that Pinot will ingest. */
    private Map<Integer, Long> consumed(Deadline deadline) {
      return pinot
          .ask("/tables/" + name + "/consumingSegmentsInfo", deadline)
          .map(PinotController::consumed)
          .orElse(Map.of());
    }
  }

  private static boolean covers(Map<Integer, Long> consumed, Map<Integer, Long> wanted) {
    return wanted.entrySet().stream()
        .allMatch(w -> consumed.getOrDefault(w.getKey(), 0L) >= w.getValue());
  }
}
