package dev.recount.speed;

import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Commands;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.service.Service;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.row.SparkSessions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.kafka.clients.admin.Admin;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/**
 * The process {@code speed}: keeps one {@link EventStream} running for every event that the catalog
 * knows, and beats. Waits for the catalog and Kafka, and continues when they come back.
 */
@Command(
    name = "speed",
    mixinStandardHelpOptions = true,
    description = "Keeps the views up to the second.")
public final class SpeedService extends Service {
  private static final Duration REFRESH = Duration.ofMillis(500);
  private static final Duration IDLE_PAUSE = Duration.ofMillis(50);
  private static final Duration REPORT = Duration.ofMillis(200);
  private static final Duration ADMIN_PATIENCE = Duration.ofSeconds(30);

  /** Before Spark's own hook, which ends running jobs, and Hadoop's. */
  private static final int HOOK_PRIORITY = 1_000;

  /** The exit code of a process that ends because a view does not. */
  private static final int ENDLESS = 71;

  private static final Duration STOP_LIMIT = Duration.ofSeconds(45);

  /** How long a query may take to end that has no micro-batch any more. */
  private static final Duration QUERY_STOP = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(SpeedService.class);

  private final Map<String, EventStream> streams = new ConcurrentHashMap<>();
  private final List<Loop> loops = new CopyOnWriteArrayList<>();
  private RecountConfig config;
  private SparkSession spark;
  private Catalog catalog;
  private Admin admin;
  private BrokerClock brokers;
  private SpeedTurn turn;

  private SpeedService(Clock clock) {
    super("speed", clock, STOP_LIMIT);
  }

  public static void main(String[] arguments) {
    Commands.main(new SpeedService(Clock.systemUTC()), arguments);
  }

  @Override
  protected void onShutdown(Runnable work, Duration limit) {
    ShutdownHookManager.get()
        .addShutdownHook(work, HOOK_PRIORITY, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  protected void prepare(RecountConfig settings) {
    spark = SparkSessions.local("recount-speed", settings.speed().threads());
    pace(spark);
  }

  /**
   * A query that found nothing asks the brokers again after a pause: Spark's own of 10 ms keeps a
   * core busy with a few idle events.
   */
  static void pace(SparkSession session) {
    session.conf().set("spark.sql.streaming.pollingDelay", IDLE_PAUSE.toMillis() + "ms");
    // Spark waits for ever otherwise, and with it all other events.
    session.conf().set("spark.sql.streaming.stopTimeout", QUERY_STOP.toMillis() + "ms");
  }

  @Override
  protected void serve(RecountConfig settings, Catalog opened) throws InterruptedException {
    config = settings;
    catalog = opened;
    KafkaClients kafka = KafkaClients.of(config);
    admin = kafka.admin(ADMIN_PATIENCE);
    brokers = new BrokerClock(kafka);
    turn = new SpeedTurn(catalog.leases());
    loops.add(Loop.start("speed-turn", BEAT, turn::keep));
    loops.add(Loop.start("speed-events", REFRESH, this::refresh));
    loops.add(Loop.start("speed-heartbeat", BEAT, this::beat));
    loops.add(Loop.start("speed-progress", REPORT, this::report));
    loops.add(Loop.start("speed-views", BEAT, this::endIfAViewIsEndless));
    awaitStop();
    stop();
  }

  private void refresh() {
    List<String> events = catalog.events().names();
    streams.keySet().stream().filter(event -> !events.contains(event)).forEach(this::end);
    for (String event : events) {
      streams.computeIfAbsent(
          event,
          name -> new EventStream(name, config, spark, catalog, admin, brokers, turn, clock()));
    }
    streams.values().forEach(EventStream::keepRunning);
  }

  /** The catalog knows first; as long as it is away, the process does not end. */
  private void endIfAViewIsEndless() {
    Duration limit = config.speed().viewLimit();
    Optional<String> topic =
        EndlessViews.ofProcess().look((int) Math.max(1, limit.dividedBy(BEAT)));
    if (topic.isEmpty()) {
      return;
    }
    for (ViewVersion version : catalog.views().all()) {
      String table = version.plan().table();
      if (Topics.deltas(table).equals(topic.get())) {
        String reason = EndlessViews.reason(limit);
        catalog.views().setAside(version.viewName(), version.version(), reason, clock().millis());
        LOG.error("{} is set aside, and the process ends: {}", table, reason);
        Runtime.getRuntime().halt(ENDLESS);
      }
    }
    LOG.error(
        "A view that was dropped does not come to an end ({}): the process ends", topic.get());
    Runtime.getRuntime().halt(ENDLESS);
  }

  /** An event that was dropped. */
  private void end(String event) {
    LOG.info("Event {} was dropped: its query ends", event);
    streams.remove(event).stop();
  }

  /** What one event cannot say keeps no other from saying it. */
  private void report() {
    RuntimeException first = null;
    for (EventStream stream : streams.values()) {
      try {
        stream.report();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void beat() {
    Map<String, Object> events = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    streams.forEach(
        (event, stream) -> {
          events.put(event, stream.facts());
          stream.problem().ifPresent(problems::add);
        });
    loops.forEach(loop -> loop.problem().ifPresent(problems::add));
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("events", events);
    detail.put("problems", problems.stream().distinct().toList());
    beat(catalog, detail);
  }

  private void stop() {
    LOG.info("Stopping after the running micro-batch");
    loops.forEach(Loop::close);
    streams.values().forEach(EventStream::stop);
    DeltaProducers.ofProcess().closeIdle();
    spark.stop();
    giveTurnBack();
    LOG.info("Stopped");
  }

  private void giveTurnBack() {
    try {
      turn.giveBack();
    } catch (RecountException e) {
      LOG.warn("The turn to begin generations ends by silence: {}", e.getMessage());
    }
  }
}
