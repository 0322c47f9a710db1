package dev.recount.batch.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.recount.apply.PlannerCli;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeptRun;
import dev.recount.core.catalog.KeptRuns;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.Commands;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.Found;
import dev.recount.core.view.Merge;
import dev.recount.error.ErrorCode;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.infra.stack.JavaCommand;
import dev.recount.infra.stack.LocalStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A real catalog, Kafka, Pinot and archive writer, with the repository's views applied. The speed
 * layer is played by the test: one delta of view {@code traffic} for each event.
 */
final class BatchStack implements AutoCloseable {
  static final String TABLE = "traffic_v1";

  private static final String MERGED = "SELECT SUM(requests) FROM " + TABLE;

  private static final Path ROOT = Path.of(System.getProperty("recount.root"));

  private final RecountConfig config;
  private final LocalStack stack;
  private final Catalog catalog;
  private final EventCodec codec;
  private final KafkaProducer<byte[], byte[]> producer;
  private final ServedTables broker;
  private final AtomicLong sent = new AtomicLong();

  private BatchStack(RecountConfig config, LocalStack stack) {
    this.config = config;
    this.stack = stack;
    this.catalog = Catalog.open(config);
    EventSchema schema = catalog.events().schema("page_view").orElseThrow();
    this.codec = new EventCodec(schema, catalog.events());
    this.producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.broker = new ServedTables(config);
  }

  static BatchStack start(Path home, int portBase) throws IOException {
    Files.createDirectories(home);
    Files.writeString(
        home.resolve("recount.conf"),
        "port-base = "
            + portBase
            + "\ncut.grain = 1s\nbatch.threads = 2\nbatch.close-wait = 60s\nbatch.small-part = 1B\n");
    RecountConfig config = RecountConfig.load(home);
    LocalStack stack = LocalStack.of(config);
    try {
      stack.start("catalog", "kafka", "pinot", "pinot-server");
      if (apply(home) != 0) {
        throw new IllegalStateException("Cannot apply the shipped schemas");
      }
      stack.start("archive");
      return new BatchStack(config, stack);
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  /** Applies the shipped schemas; its exit code. */
  static int apply(Path home) {
    return Commands.run(
        new PlannerCli(),
        "apply",
        "--home",
        home.toString(),
        "--schemas",
        ROOT.resolve("schemas").toString());
  }

  /** A run as a process of its own. */
  ProcessBuilder batchRun(String mode) {
    return process(
        List.of(
            "batch", "run", "traffic", "--mode", mode, "--home", config.home().path().toString()));
  }

  /** A roll-back as a process of its own. */
  ProcessBuilder rollbackProcess(String run) {
    return process(
        List.of(
            "batch",
            "rollback",
            "traffic",
            "--to",
            run,
            "--home",
            config.home().path().toString()));
  }

  private ProcessBuilder process(List<String> words) {
    return new ProcessBuilder(
            JavaCommand.of(ROOT, "batch/recompute", "dev.recount.batch.BatchCli", words))
        .redirectErrorStream(true)
        .redirectOutput(config.home().logs().resolve("killed-run.log").toFile());
  }

  /** View {@code traffic}, as an earlier run left it. */
  RollbackReport rollBack(String run, boolean isDryRun) {
    return new BatchRunner(
            config, catalog, Clock.systemUTC(), new Progress(System.out::println, false))
        .rollBack(new RollbackOrder("traffic", run, isDryRun, true));
  }

  List<KeptRun> keptRuns(String view) {
    KeptRuns runs = new KeptRuns(catalog, config, Clock.systemUTC());
    return runs.list(runs.view(view), p -> Optional.empty());
  }

  /** What is due, in this process. */
  Optional<RunSummary> runDue() {
    return new BatchRunner(
            config, catalog, Clock.systemUTC(), new Progress(System.out::println, false))
        .run(RunOrder.due());
  }

  LocalStack local() {
    return stack;
  }

  /** Counts only what arrived since the last cut. */
  RunSummary add(String... views) {
    return new BatchRunner(
            config, catalog, Clock.systemUTC(), new Progress(System.out::println, false))
        .run(new RunOrder(List.of(views), RunRequest.INCREMENTAL, false, true))
        .orElseThrow();
  }

  RunSummary run(String... views) {
    return new BatchRunner(
            config, catalog, Clock.systemUTC(), new Progress(System.out::println, false))
        .run(List.of(views));
  }

  RecountConfig config() {
    return config;
  }

  Catalog catalog() {
    return catalog;
  }

  PinotController controller() {
    return new PinotController(config, Duration.ofSeconds(30));
  }

  /** Sends events with the given event time, and their deltas; returns when Kafka has them. */
  void send(int count, Instant eventTime) {
    for (int i = 0; i < count; i++) {
      int status = i % 3 == 0 ? 404 : 200;
      long arrived = sendRaw(event(eventTime, status));
      sendDelta(eventTime, status, arrived);
    }
    producer.flush();
  }

  long sent() {
    return sent.get();
  }

  private GenericRecord event(Instant eventTime, int status) {
    return new GenericRecordBuilder(codec.schema().avro())
        .set("event_time", eventTime.toEpochMilli())
        .set("ip_address", "10.0.0." + sent.get() % 200)
        .set("session_id", "session " + sent.get() % 500)
        .set("page_url", "/page/" + sent.get() % 50)
        .set("method", "GET")
        .set("status", status)
        .set("bytes", 1000L)
        .build();
  }

  private long sendRaw(GenericRecord event) {
    try {
      long arrived =
          producer
              .send(new ProducerRecord<>(Topics.raw("page_view"), codec.encode(event)))
              .get()
              .timestamp();
      sent.incrementAndGet();
      return arrived;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends an event of which one text claims to have 2,147,483,639 bytes. */
  void sendHostile() throws InterruptedException, ExecutionException {
    String event = new String(codec.encode(event(Instant.EPOCH, 200)), StandardCharsets.ISO_8859_1);
    byte[] hostile =
        event
            .replace("\u0006GET", "\u00EE\u00FF\u00FF\u00FF\u000FGET")
            .getBytes(StandardCharsets.ISO_8859_1);
    producer.send(new ProducerRecord<>(Topics.raw("page_view"), hostile)).get();
  }

  private void sendDelta(Instant eventTime, int status, long arrivedMs) {
    Map<String, Object> delta = new LinkedHashMap<>();
    delta.put("hour", eventTime.truncatedTo(ChronoUnit.HOURS).toEpochMilli());
    delta.put("method", "GET");
    delta.put("status", status);
    delta.put("requests", 1);
    delta.put("bytes", 1000);
    delta.put("bytes__count", 1);
    delta.put("bytes__carry", 0);
    delta.put("min_bytes", 1000);
    delta.put("min_bytes__found", Found.of(Merge.MIN, false));
    delta.put("max_bytes", 1000);
    delta.put("max_bytes__found", Found.of(Merge.MAX, false));
    delta.put("avg_bytes__sum", 1000);
    delta.put("avg_bytes__count", 1);
    delta.put("avg_bytes__carry", 0);
    delta.put("_arrived", Cut.bucket(arrivedMs, config.cut().grain()));
    delta.put("_chunk", sent.get());
    sendDelta(TABLE, Long.toString(sent.get()), delta);
  }

  /** Sends a delta of an arrival before a moment, as a layer that repeats itself might. */
  void sendOldDelta(Instant eventTime, long beforeMs) {
    sendDelta(eventTime, 200, beforeMs - 1);
    producer.flush();
  }

  /** Sends a delta as the speed layer does. */
  void sendDelta(String table, String key, Map<String, Object> delta) {
    producer.send(
        new ProducerRecord<>(
            Topics.deltas(table),
            key.getBytes(StandardCharsets.UTF_8),
            Json.write(delta).getBytes(StandardCharsets.UTF_8)));
  }

  /** The first row of an answer of the Pinot broker; null if it failed. */
  JsonNode ask(String sql) {
    JsonNode rows = rows(sql);
    return rows == null ? null : rows.path(0);
  }

  /** The rows of an answer of the Pinot broker; null if it failed. */
  JsonNode rows(String sql) {
    return broker.rows(sql).orElse(null);
  }

  /** Requests in the merged answer, straight from the broker. */
  long merged() {
    return ask(MERGED).path(0).asLong();
  }

  /**
   * The same where the broker was settled on one publication before and after; empty if not. A
   * broker reads boundary and segments one after the other, so that a query in the midst of a swap
   * may see one of the old and one of the new; whoever asks it directly must look (decision 3).
   */
  OptionalLong settledMerged() {
    Optional<Publication> before = settledOn();
    long answer = merged();
    return before.isPresent()
            && before.map(Publication::runId).equals(settledOn().map(Publication::runId))
        ? OptionalLong.of(answer)
        : OptionalLong.empty();
  }

  /** The publication whose cut and segments are both what the broker goes by. */
  private Optional<Publication> settledOn() {
    long boundary = find("/debug/timeBoundary/" + TABLE).path("timeValue").asLong();
    Set<String> segments = new HashSet<>();
    find("/debug/routingTable/" + TABLE)
        .path(TABLE + "_OFFLINE")
        .forEach(server -> server.forEach(segment -> segments.add(segment.asText())));
    return catalog.batch().publications(TABLE).stream()
        .filter(p -> p.cutMs() - 1 == boundary && Set.copyOf(p.segments()).equals(segments))
        .findFirst();
  }

  private JsonNode find(String path) {
    Duration patience = Duration.ofSeconds(30);
    return new JsonService("Pinot", config.pinot().broker(), patience, ErrorCode.PINOT_UNAVAILABLE)
        .find(path, patience)
        .orElse(MissingNode.getInstance());
  }

  void awaitMerged(long expected) {
    Deadline.after(Duration.ofMinutes(3))
        .require(
            "merged = " + expected,
            Duration.ofMillis(200),
            () -> {
              JsonNode row = ask(MERGED);
              return row != null && row.path(0).asLong() == expected;
            });
  }

  @Override
  public void close() {
    producer.close();
    catalog.close();
    stack.close();
  }
}
