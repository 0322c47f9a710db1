package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Found;
import dev.recount.core.view.Measure;
import dev.recount.core.view.Merge;
import dev.recount.core.view.OrderedDouble;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.TopicLeaders;
import dev.recount.infra.stack.LocalStack;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotRouting;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** A real Kafka, Pinot and catalog with views that are filled by the test itself. */
final class TestingPinot implements AutoCloseable {
  static final Duration GRAIN = Duration.ofSeconds(10);

  /** Pinot takes no segment of before 1971. */
  static final long BASE = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  /**
   * No speed layer reports here again and again, as it would; and the machine may have more to do
   * than these tests.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "RECOUNT_HEALTH_STALLED_AFTER", "1h",
          "RECOUNT_SERVING_TIMEOUT", "2m",
          "RECOUNT_SERVING_CACHE_AGE", "0s");

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final RecountConfig config;
  private final LocalStack stack;
  private final Catalog catalog;
  private final PinotRest rest;
  private final KafkaProducer<String, String> producer;
  private final Gateway gateway;
  private final TestingTables tables;
  private final Clock clock = Clock.systemUTC();
  private final Map<String, String> labels = new ConcurrentHashMap<>();

  TestingPinot(Path home, int portBase) {
    config = RecountConfig.load(home, Optional.of(portBase), SETTINGS);
    stack = LocalStack.of(config);
    stack.start("catalog", "kafka", "pinot", "pinot-server");
    catalog = Catalog.open(config);
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", config.kafkaBootstrap(), "linger.ms", 5),
            new StringSerializer(),
            new StringSerializer());
    gateway = new Gateway(config, catalog, clock);
    tables = new TestingTables(config.kafkaBootstrap());
    rest = new PinotRest(config.pinot());
  }

  /** Pinot itself, without the gateway. */
  PinotRest rest() {
    return rest;
  }

  Gateway gateway() {
    return gateway;
  }

  RecountConfig config() {
    return config;
  }

  Catalog catalog() {
    return catalog;
  }

  LocalStack stack() {
    return stack;
  }

  /** Kills the server and starts it with other settings, given as environment variables. */
  void restartServer(Map<String, String> environment) {
    stack.kill("pinot-server");
    Map<String, String> settings = new HashMap<>(SETTINGS);
    settings.putAll(environment);
    RecountConfig other =
        RecountConfig.load(config.home().path(), Optional.of(config.ports().base()), settings);
    LocalStack.of(other).start("pinot-server");
  }

  /** Makes the view's tables and topic; the speed layer is up to now with it. */
  void create(ViewPlan plan) throws Exception {
    createBeforeSpeedReports(plan);
    reportSpeed(plan.event());
  }

  void reportSpeed(String event) {
    long now = clock.millis();
    catalog.services().report(SpeedProgress.of(event, "generation", 0, now, now));
  }

  /** Makes the view's tables and topic, whole in the speed layer since the log began. */
  void createBeforeSpeedReports(ViewPlan plan) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      String topic = Topics.deltas(plan.table());
      admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
      TopicLeaders.await(admin, topic, Deadline.after(PATIENCE));
    }
    rest.post("/schemas", tables.schema(plan));
    rest.post("/tables", tables.realtime(plan));
    rest.post("/tables", tables.offline(plan));
    catalog.views().add(plan, clock.millis());
    catalog.views().beginSpeed(plan.view(), plan.version(), 0);
    catalog.views().wholeSince(plan.view(), plan.version(), 0);
    PinotRouting routing = rest.routing();
    Deadline.after(PATIENCE)
        .require(
            "the routing of " + plan.table(),
            POLL,
            () -> routing.snapshot(plan.table(), Deadline.after(PATIENCE)).realtime().size() == 2);
  }

  /** A new view of {@link Plans#traffic}, empty. */
  ViewPlan view(String name) throws Exception {
    ViewPlan plan = Plans.traffic(name);
    create(plan);
    return plan;
  }

  /** Removes a large view's tables, which a server that starts again would read again. */
  void drop(ViewPlan plan) throws Exception {
    rest.delete("/tables/" + plan.table());
  }

  /** The rows of a merged answer. */
  List<List<Object>> rows(String sql) {
    return gateway.answer(sql, Mode.MERGED).rows();
  }

  /** The first value of the first row of a merged answer. */
  Object value(String sql) {
    return rows(sql).get(0).get(0);
  }

  /** Waits until a merged answer has counted so many requests. */
  void awaitRequests(String view, long expected) {
    Deadline.after(PATIENCE)
        .require(
            expected + " requests of " + view,
            POLL,
            () -> {
              try {
                return value("SELECT MEASURE(requests) FROM " + view).equals(expected);
              } catch (RecountException e) {
                return false;
              }
            });
  }

  /** A stored row; see {@link #row(ViewPlan, Map)}. */
  static Map<String, Object> row(ViewPlan plan, Object... namesAndValues) {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return row(plan, values);
  }

  /**
   * A stored row: dimensions by their values, a moment also as milliseconds, and parts by name;
   * what is not named is NULL or neutral.
   */
  static Map<String, Object> row(ViewPlan plan, Map<String, Object> values) {
    Map<String, Object> row = new LinkedHashMap<>();
    plan.dimensions().forEach(d -> row.putAll(stored(d, values.get(d.name()))));
    plan.storedParts()
        .filter(p -> values.containsKey(p.name()) || p.merge() != Merge.THETA_UNION)
        .forEach(
            p ->
                row.put(
                    p.name(), values.containsKey(p.name()) ? values.get(p.name()) : p.neutral()));
    plan.measures().forEach(m -> noteFound(m, row));
    return row;
  }

  /** Beside a least or largest number that is given, that it was found. */
  private static void noteFound(Measure measure, Map<String, Object> row) {
    StoredColumn value = measure.parts().get(0);
    row.computeIfPresent(
        measure.name() + Found.SUFFIX,
        (name, found) ->
            row.get(value.name()).equals(value.neutral()) ? found : Found.of(value.merge(), false));
  }

  private static Map<String, Object> stored(Dimension dimension, Object value) {
    List<Object> stored =
        value == null
            ? dimension.storedNull()
            : switch (dimension.type()) {
              case STRING -> List.of(StoredText.of((String) value));
              case BOOLEAN -> List.of(value.toString());
              case DATE -> List.of(((LocalDate) value).toEpochDay());
              case TIMESTAMP -> List.of(value instanceof Instant at ? at.toEpochMilli() : value);
              case DOUBLE -> List.of(OrderedDouble.of((Double) value), value);
              default -> dimension.hasNullFlag() ? List.of(value, 0) : List.of(value);
            };
    Map<String, Object> columns = new LinkedHashMap<>();
    for (int i = 0; i < stored.size(); i++) {
      columns.put(dimension.columns().get(i).name(), stored.get(i));
    }
    return columns;
  }

  /** Writes deltas of one arrival bucket to Kafka; they are visible a little later. */
  void delta(ViewPlan plan, long arrivedMs, long chunk, List<Map<String, Object>> rows) {
    for (Map<String, Object> row : rows) {
      Map<String, Object> stored = new LinkedHashMap<>(row);
      stored.put(StoredColumn.ARRIVED, arrivedMs);
      stored.put(StoredColumn.CHUNK, chunk);
      StringBuilder key = new StringBuilder();
      plan.dimensions().forEach(d -> key.append(stored.get(d.name())).append('|'));
      producer.send(
          new ProducerRecord<>(Topics.deltas(plan.table()), key.toString(), Json.write(stored)));
    }
    producer.flush();
  }

  /** What a test calls a run that it published. */
  String label(String runId) {
    return labels.get(runId);
  }

  /**
   * Publishes a batch run: one segment for each list of rows, and sentinels; swaps by lineage.
   *
   * @param label what the test calls the run
   */
  void publish(
      ViewPlan plan, String label, Cut cut, int sentinels, List<List<Map<String, Object>>> parts)
      throws Exception {
    List<String> segments = new ArrayList<>();
    for (int i = 0; i < parts.size() + sentinels; i++) {
      segments.add(plan.table() + "_" + label + "_" + i);
    }
    List<String> from =
        catalog.batch().serving(plan.table()).map(Publication::segments).orElse(List.of());
    long rows = parts.stream().mapToLong(List::size).sum();
    String runId =
        catalog
            .runs()
            .begin(clock.millis(), RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
    labels.put(runId, label);
    catalog.batch().put(publication(plan, runId, Publication.PUBLISHING, cut, rows, segments));
    String lineage =
        rest.post(
                "/segments/"
                    + plan.table()
                    + "/startReplaceSegments?type=OFFLINE&forceCleanup=false",
                Json.write(Map.of("segmentsFrom", from, "segmentsTo", segments)))
            .path("segmentLineageEntryId")
            .asText();
    for (int i = 0; i < segments.size(); i++) {
      boolean isSentinel = i >= parts.size();
      List<Map<String, Object>> part =
          isSentinel ? List.of(row(plan, Map.of("hour", 0L))) : parts.get(i);
      long arrivedMs = isSentinel ? cut.sentinelArrivedMs() : cut.batchArrivedMs();
      rest.upload(plan, segments.get(i), lines(arrivedMs, part));
    }
    rest.awaitOnline(plan, segments);
    rest.post(
        "/segments/"
            + plan.table()
            + "/endReplaceSegments?type=OFFLINE&segmentLineageEntryId="
            + lineage,
        "");
    catalog.batch().put(publication(plan, runId, Publication.SERVING, cut, rows, segments));
  }

  private Publication publication(
      ViewPlan plan, String runId, String status, Cut cut, long rows, List<String> segments) {
    return new Publication(
        runId,
        plan.table(),
        plan.view(),
        plan.version(),
        status,
        RunRequest.FULL,
        cut.boundaryMs(),
        rows,
        Json.write(segments),
        segments.size(),
        "[]",
        null,
        null,
        clock.millis());
  }

  private static String lines(long arrivedMs, List<Map<String, Object>> rows) {
    StringBuilder json = new StringBuilder();
    for (Map<String, Object> row : rows) {
      Map<String, Object> stored = new LinkedHashMap<>(row);
      stored.put(StoredColumn.ARRIVED, arrivedMs);
      stored.put(StoredColumn.CHUNK, StoredColumn.NO_CHUNK);
      json.append(Json.write(stored)).append('\n');
    }
    return json.toString();
  }

  @Override
  public void close() {
    gateway.close();
    producer.close();
    catalog.close();
    stack.close();
  }
}
