package dev.recount.serving.gateway;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.contract.Deadline;
import dev.recount.contract.Json;
import dev.recount.contract.catalog.BatchRun;
import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.catalog.Publication;
import dev.recount.contract.catalog.SpeedProgress;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.cut.Cut;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import dev.recount.contract.view.Merge;
import dev.recount.contract.view.StoredColumn;
import dev.recount.contract.view.ViewPlan;
import dev.recount.infra.LocalStack;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(100);

  private final RecountConfig config;
  private final LocalStack stack;
  private final Catalog catalog;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final KafkaProducer<String, String> producer;
  private final Gateway gateway;
  private final TestingTables tables;
  private final Clock clock = Clock.systemUTC();

  TestingPinot(Path home, int portBase) {
    config = RecountConfig.load(home, Optional.of(portBase), Map.of());
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
    RecountConfig other =
        RecountConfig.load(config.home().path(), Optional.of(config.ports().base()), environment);
    LocalStack.of(other).start("pinot-server");
  }

  /** Makes the view's tables and topic; the speed layer is up to now with it. */
  void create(ViewPlan plan) throws Exception {
    createBeforeSpeedReports(plan);
    reportSpeed(plan.event());
  }

  void reportSpeed(String event) {
    long now = clock.millis();
    catalog.services().report(new SpeedProgress(event, "generation", 0, now, now));
  }

  /** Makes the view's tables and topic, whole in the speed layer since the log began. */
  void createBeforeSpeedReports(ViewPlan plan) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      admin.createTopics(List.of(new NewTopic("deltas." + plan.table(), 2, (short) 1))).all().get();
    }
    post("/schemas", tables.schema(plan));
    post("/tables", tables.realtime(plan));
    post("/tables", tables.offline(plan));
    catalog.views().add(plan, clock.millis());
    catalog.views().beginSpeed(plan.view(), plan.version(), 0);
    catalog.views().wholeSince(plan.view(), plan.version(), 0);
    PinotRouting routing = new PinotRouting(http, config.pinot());
    Deadline.after(PATIENCE)
        .require(
            "the routing of " + plan.table(),
            POLL,
            () -> routing.snapshot(plan.table()).realtime().size() == 2);
  }

  /** A new view of {@link Plans#traffic}, empty. */
  ViewPlan view(String name) throws Exception {
    ViewPlan plan = Plans.traffic(name);
    create(plan);
    return plan;
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

  /** A stored row: dimensions and parts by name; what is not named is NULL or neutral. */
  static Map<String, Object> row(ViewPlan plan, Map<String, Object> values) {
    Map<String, Object> row = new LinkedHashMap<>();
    plan.dimensions()
        .forEach(d -> row.put(d.name(), stored(d, values.getOrDefault(d.name(), d.storedNull()))));
    plan.storedParts()
        .filter(p -> values.containsKey(p.name()) || p.merge() != Merge.THETA_UNION)
        .forEach(
            p ->
                row.put(
                    p.name(), values.containsKey(p.name()) ? values.get(p.name()) : p.neutral()));
    return row;
  }

  /** Pinot's JSON reader takes a small number for an INT, which is no TIMESTAMP to it. */
  private static Object stored(Dimension dimension, Object value) {
    return dimension.type() == ColumnType.TIMESTAMP ? String.valueOf(value) : value;
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
          new ProducerRecord<>("deltas." + plan.table(), key.toString(), Json.write(stored)));
    }
    producer.flush();
  }

  /** Publishes a batch run: one segment for each list of rows, and sentinels; swaps by lineage. */
  void publish(
      ViewPlan plan, String runId, Cut cut, int sentinels, List<List<Map<String, Object>>> parts)
      throws Exception {
    List<String> segments = new ArrayList<>();
    for (int i = 0; i < parts.size() + sentinels; i++) {
      segments.add(plan.table() + "_" + runId + "_" + i);
    }
    List<String> from =
        catalog.batch().serving(plan.table()).map(Publication::segments).orElse(List.of());
    long rows = parts.stream().mapToLong(List::size).sum();
    catalog
        .batch()
        .put(
            new BatchRun(
                runId,
                "full",
                BatchRun.RUNNING,
                1,
                clock.millis(),
                null,
                cut.boundaryMs(),
                0L,
                "{}",
                null));
    catalog.batch().put(publication(plan, runId, Publication.PUBLISHING, cut, rows, segments));
    String lineage =
        post(
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
      upload(
          plan, segments.get(i), isSentinel ? cut.sentinelArrivedMs() : cut.batchArrivedMs(), part);
    }
    awaitOnline(plan, segments);
    post(
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
        cut.boundaryMs(),
        rows,
        Json.write(segments),
        segments.size(),
        null,
        clock.millis());
  }

  private void awaitOnline(ViewPlan plan, List<String> segments) {
    Deadline.after(PATIENCE)
        .require(
            "the segments of " + plan.table(),
            POLL,
            () -> {
              JsonNode view =
                  get("/tables/" + plan.table() + "/externalview?tableType=offline")
                      .path("OFFLINE");
              return segments.stream().allMatch(s -> view.path(s).toString().contains("ONLINE"));
            });
  }

  private void upload(ViewPlan plan, String segment, long arrivedMs, List<Map<String, Object>> rows)
      throws Exception {
    StringBuilder json = new StringBuilder();
    for (Map<String, Object> row : rows) {
      Map<String, Object> stored = new LinkedHashMap<>(row);
      stored.put(StoredColumn.ARRIVED, arrivedMs);
      stored.put(StoredColumn.CHUNK, StoredColumn.NO_CHUNK);
      json.append(Json.write(stored)).append('\n');
    }
    String options =
        Json.write(
            Map.of(
                "inputFormat", "json",
                "segmentNameGenerator.type", "fixed",
                "segmentNameGenerator.configs.segment.name", segment));
    String boundary = "recount-test-boundary";
    String body =
        "--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rows.json\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n"
            + json
            + "\r\n--"
            + boundary
            + "--\r\n";
    send(
        HttpRequest.newBuilder(
                URI.create(
                    config.pinot().controller()
                        + "/ingestFromFile?tableNameWithType="
                        + plan.table()
                        + "_OFFLINE&batchConfigMapStr="
                        + URLEncoder.encode(options, StandardCharsets.UTF_8)))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private JsonNode post(String path, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(config.pinot().controller() + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  JsonNode get(String path) {
    try {
      return send(HttpRequest.newBuilder(URI.create(config.pinot().controller() + path)).build());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The rows of the broker's own answer; none where it has no table of results. */
  List<List<Object>> ownRows(String sql) throws Exception {
    JsonNode rows = broker(sql).path("resultTable").path("rows");
    return rows.isMissingNode()
        ? List.of()
        : Json.MAPPER.convertValue(rows, new TypeReference<List<List<Object>>>() {});
  }

  /** Tells the cluster what state a batch segment should be in: ONLINE or OFFLINE. */
  void setState(ViewPlan plan, String segment, String state) throws Exception {
    String path = "/recount/IDEALSTATES/" + plan.table() + "_OFFLINE";
    ObjectNode ideal = (ObjectNode) get("/zk/get?path=" + path);
    ObjectNode servers = (ObjectNode) ideal.path("mapFields").path(segment);
    servers.fieldNames().forEachRemaining(server -> servers.put(server, state));
    send(
        HttpRequest.newBuilder(
                URI.create(
                    config.pinot().controller()
                        + "/zk/put?expectedVersion=-1&accessOption=1&path="
                        + path
                        + "&data="
                        + URLEncoder.encode(Json.write(ideal), StandardCharsets.UTF_8)))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build());
    Deadline.after(PATIENCE)
        .require(segment + " to be " + state, POLL, () -> stateOf(plan, segment).equals(state));
  }

  /** What state a batch segment is in on its server. */
  String stateOf(ViewPlan plan, String segment) {
    JsonNode servers =
        get("/tables/" + plan.table() + "/externalview?tableType=offline")
            .path("OFFLINE")
            .path(segment);
    return servers.isEmpty() ? "" : servers.iterator().next().asText();
  }

  /** Asks the broker without the gateway. */
  JsonNode broker(String sql) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(config.pinot().broker() + "/query/sql"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))))
            .build());
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(request.uri() + ": " + response.statusCode() + " " + response.body());
    }
    return Json.MAPPER.readTree(response.body());
  }

  @Override
  public void close() {
    gateway.close();
    producer.close();
    catalog.close();
    stack.close();
  }
}
