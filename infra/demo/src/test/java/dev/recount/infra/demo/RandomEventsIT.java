package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.infra.demo.drive.Recount;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Random events of every type, late, repeated and with NULLs, sent in random portions while batch
 * runs begin at random moments: what is served is what plain Java makes of all that was sent. Soaks
 * draw others each time; the system property {@code recount.seed} repeats a try.
 */
@ExtendWith(WholeStack.class)
class RandomEventsIT {
  private static final long SEED = Long.getLong("recount.seed", seed());
  private static final int ROUNDS = 2 * WholeStack.FACTOR;
  private static final int EVENTS_OF_A_ROUND = 1_200;
  private static final int MOST_OF_A_PORTION = 150;
  private static final Duration RUN_PATIENCE = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Map<String, Function<JsonNode, Object>> DIMENSIONS = dimensions();
  private static final Map<String, Function<List<JsonNode>, Object>> MEASURES = PlainMeasures.all();

  private final Random random = new Random(SEED);
  private final List<JsonNode> sent = new ArrayList<>();
  private final Gateway gateway = new Gateway(WholeStack.config());
  private long seen;

  private static long seed() {
    return WholeStack.FACTOR > 1 ? new Random().nextLong() : 1;
  }

  private static Map<String, Function<JsonNode, Object>> dimensions() {
    Map<String, Function<JsonNode, Object>> dimensions = new LinkedHashMap<>();
    dimensions.put(
        "hour",
        e ->
            Instant.parse(e.get("event_time").textValue())
                .truncatedTo(ChronoUnit.HOURS)
                .toString());
    dimensions.put("room", e -> e.at("/place/room").textValue());
    dimensions.put("kind", e -> e.path("kind").textValue());
    dimensions.put("outside", e -> e.has("outside") ? e.get("outside").asText() : null);
    return dimensions;
  }

  @BeforeAll
  static void applyTheView() {
    String schemas =
        Recount.root().resolve("infra/demo/src/test/resources/random_events").toString();
    run("apply", "--schemas", schemas);
  }

  @Test
  void whatIsServed_isARecountOfAllThatWasSent() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      sendWithABatchRunInTheMiddle();
      awaitAll();
      checkEachIdIsCountedOnce();
      checkGroups(new ArrayList<>(DIMENSIONS.keySet()));
      List<String> some = new ArrayList<>(DIMENSIONS.keySet());
      Collections.shuffle(some, random);
      checkGroups(some.subList(0, random.nextInt(some.size())));
    }
  }

  private void sendWithABatchRunInTheMiddle() throws Exception {
    List<JsonNode> events = new RandomEvents(random).draw(EVENTS_OF_A_ROUND);
    int runAfter = random.nextInt(events.size());
    CompletableFuture<WarmCommands.Result> run = null;
    for (int from = 0, to; from < events.size(); from = to) {
      to = Math.min(from + 1 + random.nextInt(MOST_OF_A_PORTION), events.size());
      send(events.subList(from, to));
      if (run == null && to > runAfter) {
        run = WholeStack.runBeside("batch", "run", "random_events", "random_events_once");
      }
      checkNothingIsCountedTwiceOrLost();
    }
    CompletableFuture<WarmCommands.Result> begun = run;
    await()
        .atMost(RUN_PATIENCE)
        .until(
            () -> {
              checkNothingIsCountedTwiceOrLost();
              return begun.isDone();
            });
    WholeStack.requireZero(begun.join());
  }

  private void send(List<JsonNode> portion) {
    String body = portion.stream().map(JsonNode::toString).collect(Collectors.joining("\n"));
    Gateway.Reply reply = gateway.post("/v1/events/random_event", body);
    assertThat(reply.body().path("accepted").asInt())
        .as(what("%s", reply))
        .isEqualTo(portion.size());
    sent.addAll(portion);
  }

  private List<JsonNode> counted() {
    return counted(sent);
  }

  private static List<JsonNode> counted(List<JsonNode> events) {
    return events.stream().filter(e -> !e.path("kind").asText().equals("ignored")).toList();
  }

  /** Also while a run swaps its answer in, the count only grows, and never beyond what was sent. */
  private void checkNothingIsCountedTwiceOrLost() {
    long count = gateway.number("SELECT MEASURE(n) FROM random_events", "merged");
    assertThat(count).as(what("the count")).isBetween(seen, (long) counted().size());
    seen = count;
  }

  private void awaitAll() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              checkNothingIsCountedTwiceOrLost();
              assertThat(seen).as(what("the count")).isEqualTo(counted().size());
            });
  }

  /** Of the copies of an id the first that was sent is counted, in whichever layer they lie. */
  private void checkEachIdIsCountedOnce() {
    List<JsonNode> once = counted(ReadModel.once(sent));
    List<Object> expected =
        PlainMeasures.once().values().stream().map(measure -> measure.apply(once)).toList();
    String ask = "SELECT " + String.join(", ", PlainMeasures.once().keySet());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode row =
                  gateway.sql(ask + " FROM random_events_once", "merged").body().at("/rows/0");
              for (int i = 0; i < expected.size(); i++) {
                check(what("column %d of random_events_once", i), row.path(i), expected.get(i));
              }
            });
  }

  /** Compares every measure of every group by these dimensions. */
  private void checkGroups(List<String> by) {
    Map<List<Object>, List<JsonNode>> groups = new HashMap<>();
    for (JsonNode event : counted()) {
      List<Object> key =
          Arrays.asList(by.stream().map(d -> DIMENSIONS.get(d).apply(event)).toArray());
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(event);
    }
    JsonNode rows = ask(by);
    assertThat(rows.size()).as(what("groups by %s", by)).isEqualTo(groups.size());
    for (JsonNode row : rows) {
      List<Object> key = new ArrayList<>();
      for (int i = 0; i < by.size(); i++) {
        key.add(row.get(i).isNull() ? null : row.get(i).asText());
      }
      assertThat(groups).as(what("groups by %s", by)).containsKey(key);
      int column = by.size();
      for (Map.Entry<String, Function<List<JsonNode>, Object>> measure : MEASURES.entrySet()) {
        check(
            what("%s of %s", measure.getKey(), key),
            row.get(column++),
            measure.getValue().apply(groups.get(key)));
      }
    }
  }

  private JsonNode ask(List<String> by) {
    String columns =
        Stream.concat(by.stream(), MEASURES.keySet().stream()).collect(Collectors.joining(", "));
    String groups = by.isEmpty() ? "" : " GROUP BY " + String.join(", ", by);
    Gateway.Reply reply =
        gateway.sql("SELECT " + columns + " FROM random_events" + groups, "merged");
    assertThat(reply.status()).as(what("%s", reply.body())).isEqualTo(200);
    assertThat(reply.body().path("truncated").asBoolean()).isFalse();
    return reply.body().path("rows");
  }

  private static void check(String what, JsonNode actual, Object expected) {
    if (expected == null) {
      assertThat(actual.isNull()).as("%s: %s", what, actual).isTrue();
    } else if (expected instanceof PlainMeasures.Near near) {
      assertThat(actual.isNumber()).as("%s: %s", what, actual).isTrue();
      assertThat(actual.doubleValue()).as(what).isCloseTo(near.value(), within(near.tolerance()));
    } else if (expected instanceof PlainMeasures.OneOf some) {
      assertThat(some.texts()).as(what).contains(actual.isNull() ? null : actual.asText());
    } else {
      assertThat(actual.asText()).as(what).isEqualTo(expected.toString());
    }
  }

  private static String what(String format, Object... arguments) {
    return String.format("-Drecount.seed=%d: ", SEED) + String.format(format, arguments);
  }
}
