package dev.recount.speed;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.catalog.SpeedRounds;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.clients.admin.Admin;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.apache.spark.sql.streaming.Trigger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streaming query of one event. Each micro-batch is read and decoded once; every view version
 * runs on it and its rows go to the version's delta topic. A micro-batch is committed only after
 * all its deltas are acknowledged, but for those of versions that are set aside; one that is
 * repeated covers the same positions under the same number and so repeats its keys.
 */
final class EventStream {
  /** What a stream is doing. */
  enum State {
    WAITING,
    RUNNING,
    FAILED,
    STOPPED
  }

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private final String event;
  private final RecountConfig config;
  private final SparkSession spark;
  private final Catalog catalog;
  private final Clock clock;
  private final EventLog log;
  private final BrokerClock brokers;
  private final SpeedTurn turn;
  private final Checkpoint checkpoint;
  private final CurrentDefinition definition;
  private final EventViews views;
  private final Restarts restarts;
  private final Gate gate = new Gate();

  private volatile boolean stopping;
  private volatile State state = State.WAITING;
  private volatile String generation;
  private volatile StreamingQuery query;
  private volatile CompleteUntil progress;
  private volatile long chunk = -1;
  private volatile long records;
  private volatile long lastDurationMs;
  private volatile long advancedMs;

  /** Why the log no longer holds what comes after the checkpoint; null if that is not so. */
  private RecountException lostPlace;

  /** Whether another process has begun a new generation. */
  private volatile boolean isReplaced;

  /** Micro-batches that this process began and ended: who drops a version waits for them. */
  private final AtomicLong batchesBegun = new AtomicLong();

  private final AtomicLong batchesEnded = new AtomicLong();

  EventStream(
      String event,
      RecountConfig config,
      SparkSession spark,
      Catalog catalog,
      Admin admin,
      BrokerClock brokers,
      SpeedTurn turn,
      Clock clock) {
    this.event = event;
    this.config = config;
    this.spark = spark;
    this.catalog = catalog;
    this.brokers = brokers;
    this.turn = turn;
    this.clock = clock;
    this.log = new EventLog(admin, event);
    this.checkpoint =
        new Checkpoint(config.home().checkpoints().resolve(event), event, Topics.raw(event));
    this.definition = new CurrentDefinition(event, catalog);
    this.views =
        new EventViews(
            event,
            config,
            spark,
            catalog,
            new JoinedStates(config, catalog.events(), admin, clock),
            new Admission(
                catalog.views(),
                new Admission.Broker(
                    log::newestArrivalMs, plan -> EventLog.ofDeltas(admin, plan.table()).exists()),
                checkpoint,
                config.cut().grain(),
                new FailingViews(
                    config.speed().viewAttempts(),
                    config.speed().viewRetry(),
                    () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                clock));
    this.restarts = new Restarts(event);
    this.advancedMs = clock.millis();
  }

  /** Whether all is there that a start needs. */
  private boolean isReady() {
    return definition.hasViews() && log.exists() && (!checkpoint.isNew() || definition.isSettled());
  }

  /**
   * Starts the query if it can and does not run, and follows the catalog while it runs. Whatever
   * keeps this event from running is noted, and tried again with the next call; it never keeps
   * another event from running.
   */
  void keepRunning() {
    try {
      definition.refresh();
      if (!definition.hasViews()) {
        // There is nothing to do, so the stream is not stalled.
        advancedMs = clock.millis();
      }
      ensureRunning();
      beginOnQuietTopic();
    } catch (Exception | LinkageError | StackOverflowError e) {
      fail(e);
    }
  }

  private boolean isRunning() {
    StreamingQuery running = query;
    return running != null && running.isActive();
  }

  private void ensureRunning() throws TimeoutException {
    if (stopping || isRunning()) {
      return;
    }
    if (query != null) {
      StreamingQuery ended = query;
      query = null;
      noteFailure(ended);
      return;
    }
    if (!restarts.isDue() || !isReady()) {
      return;
    }
    generation = ownGeneration();
    chunk = checkpoint.newestCommitted().orElse(-1);
    progress =
        new CompleteUntil(chunk < 0 ? Positions.START : checkpoint.endOf(chunk).orElseThrow());
    views.begin(
        catalog
            .services()
            .speedProgress(event)
            .filter(p -> p.generation().equals(generation))
            .map(SpeedProgress::completeUntilMs)
            .orElse(0L));
    query = start();
    state = State.RUNNING;
    LOG.info(
        "Event {}: the query runs, generation {}, after micro-batch {}", event, generation, chunk);
  }

  /**
   * The generation of the checkpoint. If that is lost, or the log no longer reaches back to where
   * it ends, a new one begins at the end of the log: what is not counted then is batch's to count.
   */
  private String ownGeneration() {
    checkpoint.beginIfDropped(catalog);
    Optional<RecountException> lost =
        Optional.ofNullable(lostPlace).or(() -> checkpoint.lost(catalog));
    if (lost.isEmpty()) {
      return checkpoint.generation(catalog);
    }
    if (isReplaced) {
      throw lost.get();
    }
    turn.require(event, lost.get());
    LOG.error(
        "Event {}: a new generation begins at the end of the log. {}",
        event,
        lost.get().getMessage());
    long countedUntilMs =
        catalog.services().speedProgress(event).map(SpeedProgress::completeUntilMs).orElse(0L);
    // Told first: nothing of the old generation counts as whole any more.
    catalog.views().placeLost(event, countedUntilMs);
    String fresh = checkpoint.beginAgain(catalog);
    views.beginAgain();
    lostPlace = null;
    return fresh;
  }

  /**
   * Another process that has begun a new generation counts all that is in the log from then on:
   * what this one has read before is not whole there, and what comes later is not for this one. No
   * other begins one while this process has the turn; without the catalog it knows that only for as
   * long as its last word there keeps others away.
   */
  private void requireCurrent() {
    boolean isCurrent;
    try {
      isCurrent = checkpoint.isCurrent(catalog, generation);
    } catch (RecountException e) {
      if (!turn.isSure()) {
        throw RecountException.of(
            e.code(),
            e,
            "Cannot continue the speed layer of event '%s': the catalog does not say whether another"
                + " process has begun a new generation; what arrives is counted when it answers"
                + " again: %s",
            event,
            e.getMessage());
      }
      LOG.warn("Event {}: continuing as generation {}: {}", event, generation, e.getMessage());
      return;
    }
    if (!isCurrent) {
      isReplaced = true;
      throw RecountException.of(
          ErrorCode.SPEED_CHECKPOINT_LOST,
          "Cannot continue the speed layer of event '%s': another process has begun a new"
              + " generation; run one speed layer on a catalog, and restart this one only if the"
              + " other is gone",
          event);
    }
  }

  /**
   * Begins with new versions while no record comes: else the next micro-batch does. All that is in
   * the log is in micro-batches that are done, so it arrived before they begin.
   */
  private void beginOnQuietTopic() {
    Definition now = definition.known();
    if (chunk < 0 || stopping || !isRunning() || now == null || !now.hasNew() || !gate.tryEnter()) {
      return;
    }
    try {
      views.beginNew(now, chunk + 1);
    } finally {
      gate.leave();
    }
  }

  private StreamingQuery start() throws TimeoutException {
    return spark
        .readStream()
        .format("kafka")
        .options(KafkaClients.of(config).sparkOptions())
        .option("subscribe", Topics.raw(event))
        .option("startingOffsets", checkpoint.beginsAtEnd() ? "latest" : "earliest")
        .option("failOnDataLoss", "true")
        .option("maxOffsetsPerTrigger", config.speed().maxRecords())
        .option("kafka.isolation.level", "read_committed")
        .option("kafka.max.partition.fetch.bytes", String.valueOf(8 * 1024 * 1024))
        .option("kafka.max.poll.records", "50000")
        .load()
        .writeStream()
        .queryName("speed." + event)
        .trigger(Trigger.ProcessingTime(config.speed().triggerInterval().toMillis()))
        .option("checkpointLocation", new Path(checkpoint.folder().toUri()).toString())
        .foreachBatch(this::process)
        .start();
  }

  private void noteFailure(StreamingQuery ended) {
    Optional<StreamingQueryException> exception =
        ended.exception().isDefined() ? Optional.of(ended.exception().get()) : Optional.empty();
    Throwable cause =
        exception.<Throwable>map(e -> e).orElse(new IllegalStateException("the query ended"));
    if (Failures.isLogLost(cause)) {
      lostPlace = Failures.explain(event, cause);
    }
    fail(cause);
  }

  /** A stream that does not run is started again after a pause; else the next micro-batch asks. */
  private void fail(Throwable e) {
    RecountException reason = restarts.explain(e);
    if (!isRunning()) {
      restarts.failed(reason);
      state = State.FAILED;
    }
  }

  /** What keeps it from continuing; empty once a micro-batch has succeeded again. */
  Optional<String> problem() {
    return restarts.error().map(e -> e.code() + ": " + e.getMessage());
  }

  private void process(Dataset<Row> records, Long id) throws InterruptedException {
    gate.enter();
    batchesBegun.incrementAndGet();
    try {
      compute(records, id);
    } finally {
      batchesEnded.incrementAndGet();
      gate.leave();
    }
  }

  private void compute(Dataset<Row> raw, long id) {
    long startedMs = clock.millis();
    long startedNanos = System.nanoTime();
    Positions start = checkpoint.startOf(id).orElseThrow();
    Positions end = checkpoint.endOf(id).orElseThrow();
    requireCurrent();
    // Read after the end of the micro-batch was fixed: a schema is registered before records are
    // written with it, so this one is as new as any of them.
    views.compute(
        raw,
        id,
        start,
        end,
        definition.newest(),
        new EventViews.Moment(startedMs, progress.completeUntilMs()));
    progress.published(end);
    chunk = id;
    records += end.since(start);
    restarts.worked();
    advancedMs = clock.millis();
    lastDurationMs = (System.nanoTime() - startedNanos) / 1_000_000;
  }

  /**
   * Notes the end of the log for {@link CompleteUntil} and tells the catalog how far the stream is.
   */
  void report() {
    CompleteUntil current = progress;
    if (current == null || state != State.RUNNING) {
      return;
    }
    long nowMs = clock.millis();
    long before = current.completeUntilMs();
    // What arrives is counted by the brokers' clocks; this host's may be ahead of them.
    long brokersMs = brokers.aboutNowMs();
    current.sample(brokersMs - config.cut().clockMargin().toMillis(), log.endOfAll());
    if (current.completeUntilMs() > before) {
      advancedMs = nowMs;
    }
    if (current.completeUntilMs() > 0) {
      catalog
          .services()
          .report(SpeedProgress.of(event, generation, chunk, current.completeUntilMs(), brokersMs));
    }
  }

  /** What the heartbeat says of this stream. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("state", state.name());
    facts.put("generation", generation);
    facts.put("chunk", chunk);
    facts.put("advanced_ms", advancedMs);
    facts.put(SpeedRounds.BEGUN, batchesBegun.get());
    facts.put(SpeedRounds.ENDED, batchesEnded.get());
    facts.put("records", records);
    facts.put("last_micro_batch_ms", lastDurationMs);
    facts.put("last_steps_ms", lastStepsMs());
    facts.put("complete_until_ms", progress == null ? 0 : progress.completeUntilMs());
    facts.putAll(views.facts());
    facts.put("views", definition.tables());
    restarts
        .error()
        .ifPresent(
            e -> facts.put("error", Map.of("code", e.code().name(), "message", e.getMessage())));
    return facts;
  }

  /** What Spark spent the newest micro-batch on, by its own names; empty before the first. */
  private Map<String, Long> lastStepsMs() {
    StreamingQuery running = query;
    StreamingQueryProgress newest = running == null ? null : running.lastProgress();
    return newest == null ? Map.of() : newest.durationMs();
  }

  /** Ends the query after the micro-batch that runs is committed. */
  void stop() {
    stopping = true;
    StreamingQuery running = query;
    if (running == null) {
      views.close();
      return;
    }
    try {
      if (gate.tryEnter(STOP_PATIENCE)) {
        Deadline.after(Duration.ofSeconds(2))
            .await(Duration.ofMillis(5), () -> chunk < 0 || checkpoint.isCommitted(chunk));
      }
      gate.close();
      running.stop();
      views.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("Event {}: the query did not stop in time; nothing is lost by it", event);
    }
    state = State.STOPPED;
  }
}
