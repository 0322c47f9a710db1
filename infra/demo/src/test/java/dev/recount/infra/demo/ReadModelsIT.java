package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.drive.Recount;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The read models of schemas/examples are, from batch and speed together, what a plain program
 * makes of all events: of late ones and copies, in any order, with a batch run in the middle of the
 * stream.
 */
@ExtendWith(WholeStack.class)
class ReadModelsIT {
  private static final List<ReadModel> MODELS =
      List.of(
          new LikesModel(),
          new WikiModel(),
          new CartsModel(),
          new ProfilesModel(),
          new IpRateModel());
  private static final Instant BEGIN = Instant.parse("2026-05-04T10:00:00Z");
  private static final int RANGE_MS = 172_800_000;

  /** Half of the events are in these first minutes, which the pages ask for. */
  private static final int BUSY_MS = 600_000;

  private static final int EVENTS = 1_500;
  private static final int COPIES = 60;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Map<ReadModel, List<JsonNode>> SENT = new HashMap<>();
  private static Gateway gateway;

  static List<ReadModel> models() {
    return MODELS;
  }

  @BeforeAll
  static void sendAll_withABatchRunInTheMiddle() throws Exception {
    gateway = new Gateway(WholeStack.config());
    String schemas = Recount.root().resolve("schemas/examples").toString();
    run("apply", "--schemas", schemas);
    for (ReadModel model : MODELS) {
      SENT.put(model, events(model, new Random(7)));
    }
    MODELS.forEach(model -> postThird(model, 0));
    List<String> command = new ArrayList<>(List.of("batch", "run"));
    MODELS.forEach(model -> command.add(model.view()));
    CompletableFuture<WarmCommands.Result> run =
        WholeStack.runBeside(command.toArray(String[]::new));
    MODELS.forEach(model -> postThird(model, 1));
    WholeStack.requireZero(run.get(10, TimeUnit.MINUTES));
    MODELS.forEach(model -> postThird(model, 2));
  }

  /** Drawn events and those of the page; of two days, in no order, some sent twice. */
  private static List<JsonNode> events(ReadModel model, Random random) {
    List<JsonNode> events = new ArrayList<>(section(model).events());
    random
        .ints(0, RANGE_MS)
        .map(ms -> random.nextBoolean() ? ms : ms % BUSY_MS)
        .distinct()
        .limit(EVENTS - events.size())
        .sorted()
        .forEach(
            ms -> {
              ObjectNode event = Json.MAPPER.valueToTree(model.draw(random));
              event.put("event_id", "id of " + ms);
              events.add(event.put("event_time", BEGIN.plusMillis(ms).toString()));
            });
    Collections.shuffle(events, random);
    for (int i = 0; i < COPIES; i++) {
      events.add(random.nextInt(events.size()), events.get(random.nextInt(events.size())));
    }
    return events;
  }

  private static ReadModelsPage.Section section(ReadModel model) {
    return ReadModelsPage.sections().get(model.section());
  }

  private static void postThird(ReadModel model, int index) {
    List<JsonNode> all = SENT.get(model);
    List<JsonNode> events = all.subList(index * all.size() / 3, (index + 1) * all.size() / 3);
    String body = events.stream().map(JsonNode::toString).collect(Collectors.joining("\n"));
    Gateway.Reply reply = gateway.post("/v1/events/" + model.event(), body);
    assertThat(reply.body().path("accepted").asInt()).as("%s", reply).isEqualTo(events.size());
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

  /**
   * The page's GET, which asks for the last minutes. How soon is printed: it depends on the
   * machine.
   */
  @Test
  void newRequest_isCountedSoon() {
    ReadModel model =
        MODELS.stream().filter(m -> m.view().equals("ip_rate")).findFirst().orElseThrow();
    batchAndSpeedTogether_areTheStateByAPlainProgram(model);
    String path = section(model).get();
    long before = requests(path);
    ObjectNode event = section(model).events().get(0).deepCopy();
    event.put("event_time", Clock.systemUTC().instant().toString());
    SENT.get(model).add(event);
    long begun = System.nanoTime();
    gateway.post("/v1/events/" + model.event(), event.toString());
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(PATIENCE)
        .until(() -> requests(path) == before + 1);
    System.out.printf("Counted %d ms after it was sent%n", (System.nanoTime() - begun) / 1_000_000);
  }

  private static long requests(String path) {
    Gateway.Reply reply = gateway.get(path);
    assertThat(reply.status()).as("%s: %s", path, reply.body()).isEqualTo(200);
    return reply.body().at("/rows/0/0").asLong();
  }
}
