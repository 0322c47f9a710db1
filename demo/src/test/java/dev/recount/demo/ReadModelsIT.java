package dev.recount.demo;

import static dev.recount.demo.WholeStack.recount;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.contract.Json;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The read models of schemas/examples are, from batch and speed together, what a plain program
 * makes of all events: of late ones, in any order, with a batch run in the middle of the stream.
 */
@ExtendWith(WholeStack.class)
class ReadModelsIT {
  private static final List<ReadModel> MODELS = List.of(new LikesModel(), new IpRateModel());
  private static final Instant BEGIN = Instant.parse("2026-05-04T10:00:00Z");
  private static final int RANGE_MS = 172_800_000;

  /** Half of the events lie in these first minutes, which the pages ask for. */
  private static final int BUSY_MS = 600_000;

  private static final int EVENTS = 1_500;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Map<ReadModel, List<JsonNode>> SENT = new HashMap<>();
  private static Gateway gateway;

  static List<ReadModel> models() {
    return MODELS;
  }

  @BeforeAll
  static void sendAll_withABatchRunInTheMiddle() throws Exception {
    gateway = new Gateway(WholeStack.config());
    String schemas = Recount.root().resolve("schemas/examples").toString();
    WholeStack.Result applied = recount("apply", "--schemas", schemas);
    assertThat(applied.code()).as(applied.output()).isZero();
    for (ReadModel model : MODELS) {
      SENT.put(model, events(model, new Random(7)));
    }
    MODELS.forEach(model -> postThird(model, 0));
    List<String> command = new ArrayList<>(List.of("batch", "run"));
    MODELS.forEach(model -> command.add(model.view()));
    Process run = WholeStack.begin(command.toArray(String[]::new));
    MODELS.forEach(model -> postThird(model, 1));
    String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(run.exitValue()).as(said).isZero();
    MODELS.forEach(model -> postThird(model, 2));
  }

  /** Drawn events and those of the page; of two days, in no order. */
  private static List<JsonNode> events(ReadModel model, Random random) {
    List<JsonNode> events = new ArrayList<>(section(model).events());
    while (events.size() < EVENTS) {
      int range = random.nextBoolean() ? RANGE_MS : BUSY_MS;
      ObjectNode event = Json.MAPPER.valueToTree(model.draw(random));
      events.add(event.put("event_time", BEGIN.plusMillis(random.nextInt(range)).toString()));
    }
    Collections.shuffle(events, random);
    return events;
  }

  private static ReadModelsPage.Section section(ReadModel model) {
    return ReadModelsPage.sections().get(model.section());
  }

  private static String third(ReadModel model, int index) {
    List<JsonNode> events = SENT.get(model);
    return events.subList(index * events.size() / 3, (index + 1) * events.size() / 3).stream()
        .map(JsonNode::toString)
        .collect(Collectors.joining("\n"));
  }

  private static void postThird(ReadModel model, int index) {
    Gateway.Reply reply = gateway.post("/v1/events/" + model.event(), third(model, index));
    assertThat(reply.body().path("accepted").asInt()).as("%s", reply).isEqualTo(EVENTS / 3);
  }

  private static List<JsonNode> rows(String sql, String mode) {
    Gateway.Reply reply = gateway.sql(sql, mode);
    assertThat(reply.status()).as("%s: %s", sql, reply.body()).isEqualTo(200);
    List<JsonNode> rows = new ArrayList<>();
    reply.body().path("rows").forEach(rows::add);
    return rows;
  }

  private static List<JsonNode> json(List<List<Object>> rows) {
    return rows.stream().map(row -> Json.read(Json.write(row), JsonNode.class)).toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void batchAndSpeedTogether_areTheStateByAPlainProgram(ReadModel model) {
    List<JsonNode> expected = json(model.state(SENT.get(model)));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(rows(model.everything(), "merged"))
                    .containsExactlyInAnyOrderElementsOf(expected));
    assertThat(rows(model.everything(), "batch")).isNotEmpty();
    assertThat(rows(model.everything(), "speed")).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("models")
  void queryOfThePage_answersWhatThePageAsks(ReadModel model) {
    List<JsonNode> expected = json(model.page(SENT.get(model)));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(rows(section(model).query(), "merged")).isEqualTo(expected));
  }

  @Test
  void newRequest_isCountedSoon() {
    Instant now = Clock.systemUTC().instant();
    String address = "198.51.100.1";
    String ask =
        "SELECT MEASURE(requests) FROM ip_rate WHERE ip_address = '%s' AND second >= '%s'"
            .formatted(address, now.minusSeconds(300));
    ObjectNode event = Json.MAPPER.createObjectNode();
    event.put("event_time", now.toString()).put("ip_address", address);
    event.put("path", "/").put("status", 200);
    MODELS.stream()
        .filter(model -> model.event().equals("api_request"))
        .forEach(model -> SENT.get(model).add(event));
    long begun = System.nanoTime();
    gateway.post("/v1/events/api_request", event.toString());
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(PATIENCE)
        .until(() -> gateway.number(ask, "merged") == 1);
    System.out.printf("Counted %d ms after it was sent%n", (System.nanoTime() - begun) / 1_000_000);
  }
}
