package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.TopicLeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** One stack of the servers, taken through its life. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StackIT {
  private static final String[] SERVERS = {"catalog", "kafka", "pinot", "pinot-server"};
  private static final int PORT_BASE = 10100;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String LIVE = "/zk/ls?path=/recount/LIVEINSTANCES";

  @TempDir static Path folder;
  private static Path home;
  private static RecountConfig config;
  private static LocalStack stack;

  @BeforeAll
  static void load() {
    // Each character has a meaning to one of the servers; Kafka starts twice in this home.
    home = folder.resolve("a b/hömé/日本/50+1,2;3#4?5&6'7$HOME:8[9]{x}*~@=\\n");
    config = RecountConfig.load(home, Optional.of(PORT_BASE), Map.of());
    stack = LocalStack.of(config);
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  @Order(1)
  void takenPort_isNamed_andNothingIsStarted() throws IOException {
    int port = config.ports().pinotBroker();
    try (ServerSocket holder = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(holder.isBound()).isTrue();
      assertThatThrownBy(() -> stack.start(SERVERS))
          .isInstanceOfSatisfying(
              RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PORT_TAKEN))
          .hasMessageContaining("port " + port)
          .hasMessageContaining("'pinot'")
          .hasMessageContaining("--port-base");
    }
    assertThat(pids()).isEmpty();
  }

  @Test
  @Order(2)
  void start_startsAllAndThenNothing() {
    List<StartedProcess> first = stack.start(SERVERS);
    assertThat(first).extracting(StartedProcess::ranAlready).containsOnly(false);
    List<Long> pids = pids();

    List<StartedProcess> second = LocalStack.of(config).start(SERVERS);
    assertThat(second).extracting(StartedProcess::ranAlready).containsOnly(true);
    assertThat(pids()).isEqualTo(pids).hasSize(4);
    Stream.of(SERVERS).forEach(name -> awaitHealth(name, Health.UP));
    assertOnlyLoopbackIsServed();
    assertThat(Stream.of(SERVERS).filter(StackIT::logs)).contains("kafka", "pinot");
  }

  private static boolean logs(String name) {
    return Files.exists(config.home().logs().resolve(name + ".log"));
  }

  /** A port on all addresses answers at this one too, which is not the one that we listen on. */
  private static void assertOnlyLoopbackIsServed() {
    List<Integer> served =
        config.ports().all().values().stream().filter(port -> isServed("127.0.0.1", port)).toList();
    assertThat(served)
        .contains(config.ports().pinotServer(), config.ports().kafka(), config.ports().catalog());
    assertThat(served).noneMatch(port -> isServed("127.0.0.2", port));
  }

  private static boolean isServed(String address, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  @Order(3)
  void data_survivesTheDeathOfAllProcesses() throws Exception {
    produce(100);
    createPinotSchema();
    Stream.of(SERVERS).forEach(stack::kill);
    assertThat(healths()).containsOnly(Health.DOWN);

    stack.start(SERVERS);
    assertThat(endOffset()).isEqualTo(100);
    assertThat(get("/schemas")).contains("kept");
  }

  @Test
  @Order(4)
  void deadServer_isSeen_andOnlyItIsStartedAgain() throws Exception {
    stack.kill("pinot-server");
    assertThat(health("pinot-server")).isEqualTo(Health.DOWN);
    awaitHealth("pinot", Health.UP);
    // Its session is not over yet, which must not keep the next one from starting.
    assertThat(get(LIVE)).contains("Server_localhost");

    List<StartedProcess> started = stack.start(SERVERS);
    assertThat(started)
        .filteredOn(process -> !process.ranAlready())
        .extracting(StartedProcess::name)
        .containsExactly("pinot-server");
    awaitHealth("pinot-server", Health.UP);
  }

  /** What has much to do may not answer at once. */
  private static void awaitHealth(String name, Health wanted) {
    await().atMost(PATIENCE).until(() -> health(name), wanted::equals);
  }

  @Test
  @Order(5)
  void otherPortsForTheSameData_areRefused() {
    RecountConfig moved = RecountConfig.load(home, Optional.of(PORT_BASE + 20), Map.of());
    assertThatThrownBy(() -> LocalStack.of(moved).start(SERVERS))
        .hasMessageContaining("--port-base " + PORT_BASE);
  }

  @Test
  @Order(6)
  void whatDies_isStartedAgain_andCounted() {
    assertThat(stack.watch(List.of(SERVERS))).isTrue();
    assertThat(stack.watch(List.of(SERVERS))).as("there is one watch").isFalse();
    for (int death = 1; death <= 2; death++) {
      killAndAwait("catalog", death);
    }
    Restarts restarts = status("catalog").restarts();
    assertThat(restarts.next()).isNull();
    assertThat(restarts.why()).startsWith("exit code 137");

    kill(status("watch").pid());
    assertThat(status("watch").health()).isEqualTo(Health.DOWN);
    stack.kill("catalog");
    assertThat(stack.watch(List.of("catalog"))).isTrue();
    await()
        .atMost(PATIENCE)
        .until(() -> status("catalog").restarts().count() == 3 && health("catalog") == Health.UP);
    awaitHealth("watch", Health.UP);
  }

  private static void killAndAwait(String name, int restarts) {
    long pid = status(name).pid();
    stack.kill(name);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              ProcessStatus again = status(name);
              assertThat(again.health()).isEqualTo(Health.UP);
              assertThat(again.pid()).isNotEqualTo(pid);
              assertThat(again.restarts().count()).isEqualTo(restarts);
            });
  }

  private static void kill(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    await().atMost(PATIENCE).until(() -> !process.isAlive());
  }

  @Test
  @Order(7)
  void stop_whileAProcessIsStartedAgain_stopsAllAndThenNothing() {
    List<Long> pids = Stream.concat(pids().stream(), Stream.of(status("watch").pid())).toList();
    stack.kill("kafka");
    assertThat(stack.stop()).isBetween(3, 4);
    assertThat(stack.status()).as("no watch is left").allMatch(process -> process.pid() == null);
    await()
        .atMost(PATIENCE)
        .until(() -> pids.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
    assertThat(stack.stop()).isZero();
    assertThat(healths()).containsOnly(Health.DOWN);
    assertThat(stack.restarts()).isEmpty();
    // The watch is gone; nothing may come back behind it.
    assertThat(stack.wanted()).isEmpty();
  }

  private static List<Long> pids() {
    return Stream.of(SERVERS).flatMap(name -> stack.pid(name).stream()).toList();
  }

  private static List<Health> healths() {
    return Stream.of(SERVERS).map(StackIT::health).toList();
  }

  private static Health health(String name) {
    return status(name).health();
  }

  private static ProcessStatus status(String name) {
    return stack.status().stream()
        .filter(process -> process.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", config.kafkaBootstrap());
  }

  private static void produce(int records) throws Exception {
    try (Admin admin = Admin.create(kafka())) {
      admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();
      TopicLeaders.await(admin, "kept", Deadline.after(Duration.ofMinutes(2)));
    }
    StringSerializer text = new StringSerializer();
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(kafka(), text, text)) {
      for (int i = 0; i < records; i++) {
        producer.send(new ProducerRecord<>("kept", "record " + i));
      }
    }
  }

  private static long endOffset() throws Exception {
    TopicPartition partition = new TopicPartition("kept", 0);
    try (Admin admin = Admin.create(kafka())) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }

  private static void createPinotSchema() throws Exception {
    String schema =
        "{\"schemaName\":\"kept\",\"dimensionFieldSpecs\":[{\"name\":\"a\",\"dataType\":\"LONG\"}]}";
    HttpRequest request =
        HttpRequest.newBuilder(controller("/schemas"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(schema))
            .build();
    HttpResponse<String> response = send(request);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  private static String get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(controller(path)).build()).body();
  }

  private static URI controller(String path) {
    return URI.create(config.pinot().controller() + path);
  }

  private static HttpResponse<String> send(HttpRequest request)
      throws IOException, InterruptedException {
    // Pinot's controller waits for ever for the body behind an offer of HTTP/2.
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
