package dev.recount.planner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.contract.Json;
import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.cli.Commands;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.event.Topics;
import dev.recount.contract.view.StoredText;
import dev.recount.infra.LocalStack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.datasketches.theta.UpdateSketch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped schemas applied to a real catalog, Kafka and Pinot. */
class PlannerIT {
  private static final int PORT_BASE = 12000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LARGEST = "max.message.bytes";

  @TempDir static Path home;
  private static RecountConfig config;
  private static LocalStack stack;

  @BeforeAll
  static void start() {
    config = RecountConfig.load(home, Optional.of(PORT_BASE), Map.of());
    stack = LocalStack.of(config);
    stack.start("catalog", "kafka", "pinot", "pinot-server");
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void appliesTwiceAndPinotCountsDeltasOnce() throws Exception {
    assertThat(apply()).isZero();
    setLargest(Topics.DEAD_LETTERS, "1048588");
    setLargest(Topics.raw("page_view"), "1000");
    assertThat(apply()).isZero();
    assertThat(largest(Topics.DEAD_LETTERS))
        .as("a topic that is older than a setting takes what the setting allows")
        .isEqualTo(config.events().largestLetterBytes());
    assertThat(largest(Topics.raw("page_view"))).isGreaterThan(config.events().maxSizeBytes());
    try (Catalog catalog = Catalog.open(config)) {
      assertThat(catalog.events().names()).containsExactly("page_view");
      assertThat(catalog.views().all())
          .extracting(v -> v.plan().table())
          .containsExactly("page_views_v1", "traffic_v1", "visitors_v1");
    }
    long unknown = Long.MIN_VALUE;
    String longUrl = "/" + "x".repeat(2000);
    produce(delta(unknown, longUrl + "a", 0, "u1", "u2"), 2);
    produce(delta(1_700_000_000_000L, longUrl + "b", 0, "u2", "u3", "u4"), 1);
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(
                      rows(
                          "SELECT SUM(views), DISTINCTCOUNTTHETASKETCH(visitors) FROM"
                              + " page_views_v1"))
                  .containsExactly("[7.0,4]");
              assertThat(
                      rows(
                          "SELECT \"minute\", page_url, browser, SUM(views) FROM"
                              + " page_views_v1 GROUP BY \"minute\", page_url,"
                              + " browser ORDER BY page_url"))
                  .containsExactly(
                      Json.write(List.of(unknown, longUrl + "a", StoredText.NULL, 3.0)),
                      Json.write(List.of(1_700_000_000_000L, longUrl + "b", StoredText.NULL, 4.0)));
            });
    assertThat(rows("SELECT SUM(views) FROM page_views_v1 WHERE \"minute\" = " + unknown))
        .containsExactly("[3.0]");
  }

  private static void setLargest(String topic, String bytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      AlterConfigOp set =
          new AlterConfigOp(new ConfigEntry(LARGEST, bytes), AlterConfigOp.OpType.SET);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
    }
  }

  private static int largest(String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      return Integer.parseInt(
          admin.describeConfigs(List.of(resource)).all().get().get(resource).get(LARGEST).value());
    }
  }

  private static int apply() {
    return Commands.run(
        new PlannerCli(),
        "apply",
        "--home",
        home.toString(),
        "--port-base",
        String.valueOf(PORT_BASE),
        "--schemas",
        TestSpark.SCHEMAS.toString());
  }

  private static Map<String, Object> delta(
      long minute, String url, long chunk, String... visitors) {
    UpdateSketch sketch = UpdateSketch.builder().build();
    for (String visitor : visitors) {
      sketch.update(visitor);
    }
    Map<String, Object> delta = new LinkedHashMap<>();
    delta.put("minute", minute);
    delta.put("page_url", url);
    delta.put("browser", StoredText.NULL);
    delta.put("views", visitors.length + 1);
    delta.put("visitors", HexFormat.of().formatHex(sketch.compact().toByteArray()));
    delta.put("_arrived", 1_700_000_010_000L);
    delta.put("_chunk", chunk);
    return delta;
  }

  private static void produce(Map<String, Object> delta, int times) {
    Map<String, Object> settings = Map.of("bootstrap.servers", config.kafkaBootstrap());
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < times; i++) {
        producer.send(
            new ProducerRecord<>(
                Topics.deltas("page_views_v1"),
                delta.get("page_url").toString(),
                Json.write(delta)));
      }
    }
  }

  private static List<String> rows(String sql) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(config.pinot().broker() + "/query/sql"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))))
            .build();
    JsonNode answer =
        Json.read(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body(),
            JsonNode.class);
    assertThat(answer.path("exceptions")).isEmpty();
    List<String> rows = new ArrayList<>();
    answer.path("resultTable").path("rows").forEach(r -> rows.add(r.toString()));
    return rows;
  }
}
