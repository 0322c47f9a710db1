package dev.recount.speed;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.SchemaFolder;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.TopicLeaders;
import dev.recount.infra.stack.LocalStack;
import dev.recount.planner.compile.DeltaSize;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.table.PinotTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.sql.SparkSession;

/** A real stack with the shipped event and views applied, and a producer of page views. */
public final class SpeedStack implements AutoCloseable {
  public static final String EVENT = "page_view";
  static final Clock CLOCK = Clock.systemUTC();

  private final RecountConfig config;
  private final LocalStack stack;
  private final Catalog catalog;
  private final KafkaProducer<byte[], byte[]> producer;
  private final EventCodec codec;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private SpeedStack(RecountConfig config, LocalStack stack) {
    this.config = config;
    this.stack = stack;
    this.catalog = Catalog.open(config);
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.kafkaBootstrap(),
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.LINGER_MS_CONFIG,
                10,
                ProducerConfig.BATCH_SIZE_CONFIG,
                128 * 1024,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    EventSchema schema = SchemaFolder.read(schemas()).events().get(0);
    this.codec = new EventCodec(schema, catalog.events());
  }

  private static Path schemas() {
    return Path.of(System.getProperty("recount.root"), "schemas");
  }

  /** Starts the servers (not the speed process) and applies the shipped schemas. */
  public static SpeedStack start(Path home, int portBase) {
    RecountConfig config = RecountConfig.load(home, Optional.of(portBase), System.getenv());
    LocalStack stack = LocalStack.of(config);
    stack.start("catalog", "kafka", "pinot", "pinot-server");
    try {
      SpeedStack started = new SpeedStack(config, stack);
      started.apply();
      return started;
    } catch (RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  private void apply() {
    SchemaFolder folder = SchemaFolder.read(schemas());
    topic(Topics.raw(EVENT), Map.of("message.timestamp.type", "LogAppendTime"));
    catalog.events().apply(codec.schema(), CLOCK.millis());
    SparkSession spark = SparkSessions.local("apply", 1);
    ViewCompiler compiler = new ViewCompiler(spark);
    folder.views().stream()
        .map(view -> compiler.plan(view, codec.schema()))
        .forEach(this::addVersion);
    spark.stop();
  }

  /** Makes the topic of another event and tells the catalog. */
  EventSchema addEvent(String json, String name) {
    EventSchema schema = EventSchema.parse(json, name);
    topic(Topics.raw(name), Map.of("message.timestamp.type", "LogAppendTime"));
    catalog.events().apply(schema, CLOCK.millis());
    return schema;
  }

  /** Plans a view of page views and adds it. */
  public ViewPlan addView(String name, String text) {
    return addView(name, text, codec.schema());
  }

  ViewPlan addView(String name, String text, EventSchema event) {
    SparkSession spark = SparkSessions.local("apply", 1);
    try {
      ViewPlan plan = new ViewCompiler(spark).plan(ViewFile.parse(name, text), event);
      addVersion(plan);
      return plan;
    } finally {
      spark.stop();
    }
  }

  /** Makes the delta topic and the Pinot tables of a version, then tells the catalog. */
  public void addVersion(ViewPlan plan) {
    topic(
        Topics.deltas(plan.table()),
        Map.of("max.message.bytes", String.valueOf(DeltaSize.LARGEST_BATCH_BYTES)));
    PinotTables tables = new PinotTables(config);
    post(config.pinot().controller() + "/schemas", tables.schema(plan));
    post(config.pinot().controller() + "/tables", tables.offlineTable(plan));
    post(config.pinot().controller() + "/tables", tables.realtimeTable(plan));
    catalog.views().add(plan, CLOCK.millis());
  }

  void topic(String name, Map<String, String> settings) {
    Map<String, Object> servers = Map.of("bootstrap.servers", config.kafkaBootstrap());
    try (Admin admin = Admin.create(servers)) {
      admin.createTopics(List.of(new NewTopic(name, 2, (short) 1).configs(settings))).all().get();
      TopicLeaders.await(admin, name, Deadline.after(Duration.ofMinutes(2)));
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has the broker refuse deltas of a version that are larger. */
  void limitDeltas(ViewPlan plan, long mostBytes) {
    ConfigEntry limit =
        new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(mostBytes));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, Topics.deltas(plan.table())),
                  List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  public RecountConfig config() {
    return config;
  }

  public LocalStack stack() {
    return stack;
  }

  public Catalog catalog() {
    return catalog;
  }

  public EventCodec codec() {
    return codec;
  }

  public GenericRecord event() {
    GenericRecord event = new GenericData.Record(codec.schema().avro());
    event.put("is_bot", false);
    return event;
  }

  public void send(GenericRecord event, Callback callback) {
    send(codec.encode(event), callback);
  }

  public void send(byte[] key, GenericRecord event, Callback callback) {
    producer.send(new ProducerRecord<>(Topics.raw(EVENT), key, codec.encode(event)), callback);
  }

  public void send(byte[] value, Callback callback) {
    producer.send(new ProducerRecord<>(Topics.raw(EVENT), value), callback);
  }

  public void flush() {
    producer.flush();
  }

  /** The first row of an answer of Pinot's broker; null if there is none yet. */
  public JsonNode row(String sql) {
    JsonNode answer = ask(sql);
    JsonNode rows = answer.path("resultTable").path("rows");
    return answer.path("exceptions").isEmpty() && !rows.isEmpty() ? rows.get(0) : null;
  }

  public JsonNode ask(String sql) {
    return Json.read(
        post(config.pinot().broker() + "/query/sql", Json.write(Map.of("sql", sql))),
        JsonNode.class);
  }

  private String post(String url, String json) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build();
    try {
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(url + ": " + answer.body());
      }
      return answer.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What the speed process last said of page views; missing node where nothing. */
  public JsonNode facts() {
    return facts(EVENT);
  }

  JsonNode facts(String event) {
    return catalog.services().heartbeats().stream()
        .filter(beat -> beat.service().equals("speed"))
        .map(Heartbeat::detailJson)
        .findFirst()
        .map(json -> Json.read(json, JsonNode.class).path("events").path(event))
        .orElse(Json.MAPPER.missingNode());
  }

  /**
   * Stops the speed process as if it had been killed between its last deltas and their commit.
   *
   * @return that micro-batch
   */
  long stopBeforeItsCommit() throws IOException {
    Path folder = config.home().checkpoints().resolve(EVENT);
    Checkpoint checkpoint = new Checkpoint(folder, EVENT, "");
    // Deltas can be counted before their commit: no other micro-batch may be without one.
    Deadline.after(Duration.ofMinutes(2))
        .require(
            "the commit of the last micro-batch",
            Duration.ofMillis(20),
            () -> {
              long next = checkpoint.newestCommitted().orElseThrow() + 1;
              return !Files.exists(folder.resolve("offsets").resolve(String.valueOf(next)));
            });
    stack.stop("speed");
    long chunk = checkpoint.newestCommitted().orElseThrow();
    Files.delete(folder.resolve("commits").resolve(String.valueOf(chunk)));
    Files.deleteIfExists(folder.resolve("commits").resolve("." + chunk + ".crc"));
    return chunk;
  }

  /** The requests of the distinct deltas of a topic, from a bucket on. */
  long requestsOnTopic(String topic, long sinceMs) {
    Map<String, Object> settings =
        Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap());
    Map<String, Long> requests = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < end.get(p))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          JsonNode delta = Json.read(new String(record.value()), JsonNode.class);
          if (delta.get("_arrived").asLong() >= sinceMs) {
            requests.put(new String(record.key()), delta.get("requests").asLong());
          }
        }
      }
    }
    return requests.values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public void close() {
    producer.close();
    catalog.close();
    stack.close();
  }
}
