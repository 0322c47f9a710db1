package dev.recount.core.config;

import com.typesafe.config.Config;
import dev.recount.core.view.Cron;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting, typed and checked. The defaults and their explanations are in {@code
 * reference.conf}; this class only gives them types.
 */
public record RecountConfig(
    Home home,
    Ports ports,
    Kafka kafka,
    Pinot pinot,
    Catalog catalog,
    Events events,
    Cut cut,
    Archive archive,
    URI lakeUri,
    Batch batch,
    Speed speed,
    Serving serving,
    AccessConfig access,
    Health health,
    Audit audit,
    Crons crons,
    Log log,
    long diskReserveBytes) {

  /**
   * @param client what every client is set to: how it encrypts and proves who it is
   */
  public record Kafka(String bootstrap, Map<String, String> client) implements Serializable {
    @Override
    public String toString() {
      return "Kafka[bootstrap=" + bootstrap + ", client=" + client.keySet() + "]";
    }
  }

  /** URLs without a trailing slash. */
  public record Pinot(String controller, String broker, int groupsLimit) {}

  /** {@code url} is empty for the local stack's own H2. */
  public record Catalog(Optional<String> url, String user, String password) {
    @Override
    public String toString() {
      return "Catalog[url=" + url + ", user=" + user + ", password=[REDACTED]]";
    }
  }

  public record Events(int partitions, Duration retention, int maxSizeBytes) {
    private static final int SMALLEST_RECORD_LIMIT = 8 << 20;
    private static final int OVERHEAD_BYTES = 1 << 20;

    /**
     * Most bytes of a record as it comes, which may be longer than the event that it becomes. So
     * much is read, and kept whole if it is rejected.
     */
    public int largestRecordBytes() {
      return (int) Math.min(1 << 30, Math.max(SMALLEST_RECORD_LIMIT, 4L * maxSizeBytes));
    }

    /** Most bytes of a dead letter: a record in Base64, and what is known of it. */
    public int largestLetterBytes() {
      return (int) Math.min(Integer.MAX_VALUE - 8, largestRecordBytes() / 3 * 4L + OVERHEAD_BYTES);
    }
  }

  public record Cut(Duration grain, Duration clockMargin) {}

  /**
   * @param retention how long files are kept; zero for ever
   */
  public record Archive(
      URI uri,
      long rollSizeBytes,
      Duration rollAge,
      long compactionSizeBytes,
      int compactionFiles,
      Duration compactionGrace,
      Duration retention) {}

  /**
   * @param retries how often a failed run is tried again
   * @param retryPause before the first time; the pause doubles with each
   * @param keepRuns how many published runs of a view can be rolled back to, the newest one
   *     included
   * @param smallPartBytes what an incremental run folds in any case
   * @param maxSegments of a view before more is folded
   * @param backfillPieceBytes of the archive that a backfill counts at a time
   */
  public record Batch(
      int threads,
      Duration closeWait,
      int retries,
      Duration retryPause,
      Duration keepHistory,
      int keepRuns,
      long smallPartBytes,
      int maxSegments,
      long backfillPieceBytes) {}

  public record Speed(
      Duration triggerInterval,
      long maxRecords,
      int threads,
      Duration retention,
      Duration distinctHorizon,
      long distinctMemoryBytes,
      int viewAttempts,
      Duration viewRetry,
      Duration viewLimit) {}

  /**
   * @param idleTimeout how long a client may send or take nothing in the middle of a request
   * @param drainNotice how long an ending process still takes requests
   * @param drainLimit how long those that run may then take
   * @param streams of subscriptions
   */
  public record Serving(
      int defaultLimit,
      int maxLimit,
      Duration timeout,
      Duration idleTimeout,
      Duration drainNotice,
      Duration drainLimit,
      Streams streams,
      ServingLimits limits,
      Cache cache) {}

  /**
   * @param maxGroups most groups of an answer that can be subscribed to
   * @param maxQuestions most different questions that are kept up to date
   * @param maxSubscribers most clients
   * @param longest how long a connection lasts; clients connect again by themselves
   */
  public record Streams(int maxGroups, int maxQuestions, int maxSubscribers, Duration longest) {}

  /**
   * Of answers.
   *
   * @param age how old an answer may be that is given again; zero: none is
   * @param sizeBytes of all that are kept
   */
  public record Cache(Duration age, long sizeBytes) {}

  public record Health(Duration stalledAfter) {}

  /**
   * @param history how long results are kept
   * @param hold how long deltas that nothing else needs wait for their audit
   */
  public record Audit(Duration history, Duration hold) {}

  /**
   * When the scheduler starts what is no run of a view; empty: never by itself.
   *
   * @param compaction of the archive
   * @param clean of what failed runs left behind
   */
  public record Crons(Optional<Cron> compaction, Optional<Cron> clean) {}

  /**
   * @param format {@code plain} or {@code json}
   */
  public record Log(String format) {}

  /**
   * Reads the settings of a home: defaults, then {@code recount.conf}, then the port base of the
   * stack that runs there, then the environment, then {@code portBase}.
   *
   * @throws RecountException CONFIG_INVALID listing every problem at once
   */
  public static RecountConfig load(
      Path homePath, Optional<Integer> portBase, Map<String, String> environment) {
    Home home = new Home(homePath);
    List<String> problems = new ArrayList<>();
    Config config = Settings.read(home, portBase, environment, problems);
    RecountConfig typed =
        typed(
            home,
            new TypedSettings(config, Settings.defaults(), problems),
            KafkaClientSettings.read(config, problems));
    if (!problems.isEmpty()) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID, "Cannot read the settings: %s", String.join("; ", problems));
    }
    return typed;
  }

  /** What commands bring when they ask serving; empty if nothing is asked for, or not made yet. */
  public Optional<String> commandKey() {
    return access.required() ? home.commandKey().read() : Optional.empty();
  }

  /** Where the Kafka brokers are. */
  public String kafkaBootstrap() {
    return kafka.bootstrap();
  }

  /** The settings of a home as a command started without options sees them. */
  public static RecountConfig load(Path homePath) {
    return load(homePath, Optional.empty(), System.getenv());
  }

  private static Serving serving(TypedSettings s) {
    return new Serving(
        s.inRange("serving.default-limit", 1, Integer.MAX_VALUE - 1),
        s.inRange("serving.max-limit", 1, Integer.MAX_VALUE - 1),
        s.positive("serving.timeout"),
        s.positive("serving.idle-timeout"),
        s.notNegative("serving.drain-notice"),
        s.notNegative("serving.drain-limit"),
        streams(s),
        ServingLimits.read(s),
        new Cache(
            s.notNegative("serving.cache.age"), s.bytes("serving.cache.size", Long.MAX_VALUE)));
  }

  private static Streams streams(TypedSettings s) {
    return new Streams(
        s.inRange("serving.streams.max-groups", 1, 1_000_000),
        s.inRange("serving.streams.max-questions", 1, 1_000_000),
        s.inRange("serving.streams.max-subscribers", 1, 1_000_000),
        s.positive("serving.streams.longest"));
  }

  private static RecountConfig typed(Home home, TypedSettings s, Map<String, String> kafkaClient) {
    Ports ports = new Ports(s.inRange("port-base", 1024, 65535 - Ports.COUNT));
    return new RecountConfig(
        home,
        ports,
        new Kafka(s.text("kafka.bootstrap").orElse("localhost:" + ports.kafka()), kafkaClient),
        new Pinot(
            s.url("pinot.controller").orElse("http://localhost:" + ports.pinotController()),
            s.url("pinot.broker").orElse("http://localhost:" + ports.pinotBroker()),
            s.inRange("pinot.groups-limit", 1, Integer.MAX_VALUE)),
        new Catalog(
            s.text("catalog.url"),
            s.text("catalog.user").orElse(""),
            s.text("catalog.password").orElse("")),
        new Events(
            s.inRange("events.partitions", 1, 10_000),
            s.positive("events.retention"),
            (int) s.bytes("events.max-size", 1_000_000_000)),
        new Cut(s.positive("cut.grain"), s.notNegative("cut.clock-margin")),
        new Archive(
            s.uri("archive.uri").orElse(home.archive().toUri()),
            s.bytes("archive.roll-size", Long.MAX_VALUE),
            s.positive("archive.roll-age"),
            s.bytes("archive.compaction-size", Long.MAX_VALUE),
            s.inRange("archive.compaction-files", 2, Integer.MAX_VALUE),
            s.notNegative("archive.compaction-grace"),
            s.notNegative("archive.retention")),
        s.uri("lake.uri").orElse(home.lake().toUri()),
        new Batch(
            s.inRange("batch.threads", 0, 1024),
            s.notNegative("batch.close-wait"),
            s.inRange("batch.retries", 0, 100),
            s.positive("batch.retry-pause"),
            s.positive("batch.keep-history"),
            s.inRange("batch.keep-runs", 1, 1000),
            s.bytes("batch.small-part", Long.MAX_VALUE),
            s.inRange("batch.max-segments", 1, 100_000),
            s.bytes("batch.backfill-piece", 1L << 40)),
        new Speed(
            s.notNegative("speed.trigger-interval"),
            s.inRange("speed.max-records", 1, Integer.MAX_VALUE),
            s.inRange("speed.threads", 1, 1024),
            s.positive("speed.retention"),
            s.positive("speed.distinct-horizon"),
            s.bytes("speed.distinct-memory", Integer.MAX_VALUE),
            s.inRange("speed.view-attempts", 1, 1000),
            s.positive("speed.view-retry"),
            s.positive("speed.view-limit")),
        serving(s),
        AccessConfig.read(s),
        new Health(s.positive("health.stalled-after")),
        new Audit(s.positive("audit.history"), s.notNegative("audit.hold")),
        new Crons(s.cron("archive.compaction-schedule"), s.cron("batch.clean-schedule")),
        new Log(s.oneOf("log.format", List.of("plain", "json"))),
        s.bytes("disk.reserve", Long.MAX_VALUE));
  }
}
