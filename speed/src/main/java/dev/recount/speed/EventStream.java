package dev.recount.speed;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.compile.ViewCompiler;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.clients.admin.Admin;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.util.LongAccumulator;
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

  /** So long must the list of views be unchanged before a first start, so that all begin at 0. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private final String event;
  private final RecountConfig config;
  private final SparkSession spark;
  private final Catalog catalog;
  private final Clock clock;
  private final EventLog log;
  private final BrokerClock brokers;
  private final Checkpoint checkpoint;
  private final Admission admission;
  private final LongAccumulator undecodable;
  private final LongAccumulator deltas;
  private final Copies copies;
  private final JoinedStates states;
  private final EventWorkers workers;
  private final Semaphore gate = new Semaphore(1);

  private volatile boolean stopping;
  private volatile State state = State.WAITING;
  private volatile RecountException error;
  private volatile Definition definition;

  /** When this process saw the views change: the clock of who applied them may be another. */
  private volatile long changedMs;

  private volatile String generation;
  private volatile StreamingQuery query;
  private volatile CompleteUntil progress;
  private volatile long chunk = -1;
  private volatile long records;
  private volatile long lastDurationMs;
  private volatile long advancedMs;
  private volatile int failures;
  private volatile String logged;
  private long retryMs;
  private Definition usedDefinition;
  private List<ViewPlan> usedPlans;

  EventStream(
      String event,
      RecountConfig config,
      SparkSession spark,
      Catalog catalog,
      Admin admin,
      BrokerClock brokers,
      Clock clock) {
    this.event = event;
    this.config = config;
    this.spark = spark;
    this.catalog = catalog;
    this.brokers = brokers;
    this.clock = clock;
    this.log = new EventLog(admin, event);
    this.checkpoint =
        new Checkpoint(config.home().checkpoints().resolve(event), event, Topics.raw(event));
    this.admission =
        new Admission(
            catalog.views(),
            new Admission.Broker(
                log::newestArrivalMs, plan -> EventLog.ofDeltas(admin, plan.table()).exists()),
            checkpoint,
            config.cut().grain(),
            new FailingViews(config.speed().viewAttempts(), config.speed().viewRetry()),
            clock);
    this.copies = new Copies(event, config);
    this.states = new JoinedStates(config, catalog.events(), admin, clock);
    this.workers = new EventWorkers(config, new ViewCompiler(spark), copies, states);
    this.undecodable = spark.sparkContext().longAccumulator("undecodable." + event);
    this.deltas = spark.sparkContext().longAccumulator("deltas." + event);
    this.advancedMs = clock.millis();
  }

  /** Reads the catalog again; a change counts from the next micro-batch on. */
  private void refresh() {
    Optional<Definition> read = Definition.read(catalog, event);
    read.ifPresent(
        known -> {
          Definition before = definition;
          if (before == null || !before.versions().equals(known.versions())) {
            changedMs = clock.millis();
          }
          definition = known;
        });
  }

  private boolean hasViews() {
    Definition known = definition;
    return known != null && !known.versions().isEmpty();
  }

  /** Whether all is there that a start needs. */
  private boolean isReady() {
    if (!hasViews() || !log.exists()) {
      return false;
    }
    return !checkpoint.isNew() || clock.millis() - changedMs >= SETTLED.toMillis();
  }

  /**
   * Starts the query if it can and does not run, and follows the catalog while it runs. Whatever
   * keeps this event from running is noted, and tried again with the next call; it never keeps
   * another event from running.
   */
  void keepRunning() {
    try {
      refresh();
      if (!hasViews()) {
        // There is nothing to do, so the stream is not stalled.
        advancedMs = clock.millis();
      }
      ensureRunning();
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
    if (clock.millis() < retryMs || !isReady()) {
      return;
    }
    generation = checkpoint.generation(catalog);
    checkpoint.newestCommitted().ifPresent(committed -> chunk = committed);
    progress =
        new CompleteUntil(chunk < 0 ? Positions.START : checkpoint.endOf(chunk).orElseThrow());
    states.begin(
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

  private StreamingQuery start() throws TimeoutException {
    return spark
        .readStream()
        .format("kafka")
        .options(KafkaClients.of(config).sparkOptions())
        .option("subscribe", Topics.raw(event))
        .option("startingOffsets", "earliest")
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
    fail(exception.<Throwable>map(e -> e).orElse(new IllegalStateException("the query ended")));
  }

  /** Notes what went wrong; a stream that does not run is restarted after a growing pause. */
  private void fail(Throwable e) {
    RecountException reason = Failures.explain(event, e);
    if (!reason.getMessage().equals(logged)) {
      LOG.error("{}: {}", reason.code(), reason.getMessage(), e);
      logged = reason.getMessage();
    }
    if (isRunning()) {
      // The next micro-batch asks the catalog itself.
      return;
    }
    error = reason;
    state = State.FAILED;
    failures++;
    retryMs = clock.millis() + pause(failures).toMillis();
  }

  /** What fails again and again is tried again less and less often. */
  static Duration pause(int failures) {
    Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10) - 1);
    return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
  }

  /** What keeps it from continuing; empty once a micro-batch has succeeded again. */
  Optional<String> problem() {
    return Optional.ofNullable(error).map(e -> e.code() + ": " + e.getMessage());
  }

  private void process(Dataset<Row> records, Long id) throws InterruptedException {
    gate.acquire();
    try {
      compute(records, id);
    } finally {
      gate.release();
    }
  }

  private void compute(Dataset<Row> raw, long id) {
    long startedMs = clock.millis();
    long startedNanos = System.nanoTime();
    Positions start = checkpoint.startOf(id).orElseThrow();
    Positions end = checkpoint.endOf(id).orElseThrow();
    Definition known = newestDefinition();
    List<ViewPlan> plans = admission.admit(known, id);
    long count = end.since(start);
    if (count > 0) {
      Map<ViewPlan, ViewFailure> failed = useViews(known, plans);
      Map<String, Throwable> missing = states.catchUp(startedMs, progress.completeUntilMs());
      plans.stream()
          .filter(plan -> plan.join() != null && missing.containsKey(plan.join().state()))
          .forEach(plan -> failed.put(plan, ViewFailure.of(missing.get(plan.join().state()))));
      copies.begin(start);
      write(raw, id, plans, failed);
      copies.done(end);
    }
    progress.published(end);
    chunk = id;
    records += count;
    error = null;
    logged = null;
    failures = 0;
    advancedMs = clock.millis();
    lastDurationMs = (System.nanoTime() - startedNanos) / 1_000_000;
  }

  /**
   * Read after the end of the micro-batch was fixed: a schema is registered before records are
   * written with it, so this one is as new as any of them. While the catalog does not answer, the
   * known one does, as {@link CurrentSchema} guards.
   */
  private Definition newestDefinition() {
    try {
      refresh();
    } catch (RecountException e) {
      LOG.warn("Event {}: continuing with what is known: {}", event, e.getMessage());
    }
    return definition;
  }

  /**
   * Writes the deltas of a micro-batch.
   *
   * @param failed of views that cannot be run
   */
  private void write(
      Dataset<Row> raw, long id, List<ViewPlan> plans, Map<ViewPlan, ViewFailure> failed) {
    Map<String, ViewPlan> byTopic = new LinkedHashMap<>();
    plans.forEach(plan -> byTopic.put(Topics.deltas(plan.table()), plan));
    Set<String> without =
        failed.keySet().stream()
            .map(plan -> Topics.deltas(plan.table()))
            .collect(Collectors.toSet());
    try {
      MicroBatch.Result result =
          new MicroBatch(
                  workers.reference(),
                  event,
                  id,
                  KafkaClients.of(config),
                  without,
                  undecodable,
                  deltas)
              .write(raw);
      result.failures().forEach((topic, failure) -> failed.put(byTopic.get(topic), failure));
      if (!failed.isEmpty() && states.fail()) {
        throw RecountException.of(
            ErrorCode.INTERNAL,
            "Cannot join states of event '%s' as they were: they are read again",
            event);
      }
      admission.settle(plans, failed, result.acknowledged());
      states.end();
    } catch (RuntimeException e) {
      states.fail();
      throw e;
    }
  }

  /**
   * Views are compiled when they or the events change, not with each micro-batch.
   *
   * @return why some cannot be run
   */
  private Map<ViewPlan, ViewFailure> useViews(Definition known, List<ViewPlan> plans) {
    Map<ViewPlan, ViewFailure> failed = new LinkedHashMap<>();
    if (states.isStale() || !known.hasSameEvents(usedDefinition) || !plans.equals(usedPlans)) {
      usedPlans = null; // until all below has worked
      workers
          .use(known, new CurrentSchema(catalog.events(), known.schema()), plans)
          .forEach(
              (plan, e) -> {
                LOG.warn("{} cannot be run", plan.table(), e);
                failed.put(plan, ViewFailure.of(e));
              });
      usedDefinition = known;
      usedPlans = failed.isEmpty() ? plans : null;
    }
    return failed;
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
    facts.put("records", records);
    facts.put("undecodable", undecodable.value());
    facts.put("deltas", deltas.value());
    facts.put("last_micro_batch_ms", lastDurationMs);
    facts.put("last_steps_ms", lastStepsMs());
    facts.put("state_keys", states.keys());
    facts.put("state_bytes", states.bytes());
    facts.put("complete_until_ms", progress == null ? 0 : progress.completeUntilMs());
    facts.put("distinct", copies.facts());
    Definition known = definition;
    facts.put(
        "views",
        known == null ? List.of() : known.versions().stream().map(v -> v.plan().table()).toList());
    RecountException reason = error;
    if (reason != null) {
      facts.put("error", Map.of("code", reason.code().name(), "message", reason.getMessage()));
    }
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
      workers.close();
      return;
    }
    try {
      if (gate.tryAcquire(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        dev.recount.core.Deadline.after(Duration.ofSeconds(2))
            .await(Duration.ofMillis(5), () -> chunk < 0 || checkpoint.isCommitted(chunk));
      }
      running.stop();
      workers.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("Event {}: the query did not stop in time; nothing is lost by it", event);
    }
    state = State.STOPPED;
  }
}
