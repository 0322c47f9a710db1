package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.recount;
import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of dimension and condition, over a user's own event with records, lists and maps:
 * batch and speed together are a recount from raw, also where some events make an expression fail.
 */
@ExtendWith(WholeStack.class)
class EveryExpressionIT {
  private static final String EVENT =
      """
      {"type": "record", "name": "sale", "namespace": "test", "doc": "A sale.", "fields": [
        {"name": "sold_at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "When."},
        {"name": "code", "type": ["null", "string"], "default": null, "doc": "A number, mostly."},
        {"name": "amount", "type": "long", "doc": "In cents."},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": [], "doc": "Words."},
        {"name": "counts", "type": {"type": "map", "values": "int"}, "default": {}, "doc": "By size."},
        {"name": "shop", "type": ["null", {"type": "record", "name": "shop_type", "fields": [
          {"name": "city", "type": "string", "doc": "Where."},
          {"name": "spot", "type": {"type": "record", "name": "spot_type", "fields": [
            {"name": "floor", "type": ["null", "int"], "default": null, "doc": "Level."}]}, "doc": "In it."}]}],
          "default": null, "doc": "The shop."}
      ]}
      """;
  private static final String VIEW =
      """
      -- @description Sales by everything.
      SELECT date_trunc('DAY', from_utc_timestamp(sold_at, 'America/New_York')) AS new_york_day,
             CAST(sold_at AS DATE)                                      AS day,
             shop.city                                                  AS city,
             shop.spot.floor                                            AS floor,
             tags[0]                                                    AS first_tag,
             counts['small']                                            AS small,
             size(tags) > 1                                             AS several,
             CASE WHEN amount < 100 THEN 'low' WHEN amount < 5000 THEN 'middle' END AS class,
             regexp_extract(code, '^([0-9])', 1)                        AS digit,
             count(*)                                                   AS sales,
             count(CAST(code AS INT))                                   AS numbers,
             sum(amount * 100)                                          AS thousandths,
             sum(counts['large'])                                       AS large,
             sum(size(tags))                                            AS words,
             count_if(array_contains(tags, 'red'))                      AS red,
             max_by(code, sold_at)                                      AS last_code,
             min_by(amount, date_trunc('HOUR', sold_at)) FILTER (WHERE amount > 0) AS first_amount,
             min(code)                                                  AS least_code,
             max(shop.city)                                             AS largest_city
      FROM sale
      WHERE amount % 11 <> 0 AND coalesce(CAST(code AS INT), 0) < 990
      GROUP BY ALL
      """;
  private static final String OVERFLOWING =
      """
      -- @description A sum that may leave a LONG.
      SELECT shop.city AS city, count(*) AS sales, sum(amount) AS amount, max(code) AS code
      FROM sale GROUP BY ALL
      """;
  private static final String PROBE =
      """
      {"type": "record", "name": "probe", "namespace": "test", "doc": "Anything.", "fields": [
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "When."},
        {"name": "txt", "type": ["null", "string"], "default": null, "doc": "A text, a number as text."},
        {"name": "num", "type": ["null", "long"], "default": null, "doc": "A number."},
        {"name": "small", "type": ["null", "int"], "default": null, "doc": "A small one."},
        {"name": "flag", "type": ["null", "boolean"], "default": null, "doc": "Yes or no."},
        {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null, "doc": "A day."}
      ]}
      """;
  private static final String CODES =
      """
      -- @description Dimensions of every type, with values that something else might be stored as.
      -- @index x range
      -- @star-tree num, x, txt
      SELECT txt, num, small, flag, day, CAST(txt AS DOUBLE) AS x,
             date_trunc('DAY', from_utc_timestamp(at, 'Europe/Berlin'))        AS berlin_day,
             date_add(day, 1)                                                 AS next_day,
             to_timestamp(txt)                                                AS moment,
             count(*) AS n, sum(small) AS total
      FROM probe GROUP BY ALL
      """;
  private static final String EXTREMES =
      """
      -- @description Measures of every kind, of NaN, infinities and the ends of their types.
      SELECT small, flag, count(*) AS n, min(x) AS lo, max(x) AS hi, sum(x) AS s, avg(x) AS mean,
             stddev(x) AS sd, var_pop(x) AS v, max_by(x, day) AS last_x, min_by(num, day) AS first_num,
             tdigest_agg(x) FILTER (WHERE x > 5) AS dist, bool_or(x > 5) AS big, count_if(x > 5) AS nbig,
             max(num) AS most, min(num) AS least, avg(small) AS mean_small, max(at) AS newest,
             max(date_add(day, 1)) AS last_day, min(from_utc_timestamp(at, 'America/New_York')) AS first_at,
             max(txt) AS largest, min(txt) AS smallest, max_by(txt, day) AS last_txt
      FROM (SELECT *, CAST(txt AS DOUBLE) AS x FROM probe) GROUP BY ALL
      """;
  private static final List<String> TEXTS =
      Arrays.asList(
          null,
          "",
          "\0",
          "\1",
          "\1\2",
          "\uE000null",
          "\uFFFD",
          "null",
          "NaN",
          "Infinity",
          "-Infinity",
          "0.0",
          "-0.0",
          "7",
          "-1.5",
          "4.9E-324",
          "9999-12-31 23:59:59",
          "-0044-03-15",
          "+12345-01-01");
  private static final int EVENTS = 1_200;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @TempDir private static Path schemas;
  private static Gateway gateway;
  private static List<JsonNode> sent;

  @BeforeAll
  static void sendHalfBeforeABatchRun_andHalfAfter() throws IOException {
    gateway = new Gateway(WholeStack.config());
    Files.createDirectories(schemas.resolve("events"));
    Files.createDirectories(schemas.resolve("views"));
    Files.writeString(schemas.resolve("events/sale.avsc"), EVENT);
    Files.writeString(schemas.resolve("views/sales.sql"), VIEW);
    Files.writeString(schemas.resolve("views/amounts.sql"), OVERFLOWING);
    Files.writeString(schemas.resolve("events/probe.avsc"), PROBE);
    Files.writeString(schemas.resolve("views/codes.sql"), CODES);
    Files.writeString(schemas.resolve("views/extremes.sql"), EXTREMES);
    run("apply", "--schemas", schemas.toString());
    sent = events(new Random(11));
    List<JsonNode> probes = probes(new Random(12));
    post("sale", sent.subList(0, EVENTS / 2));
    post("probe", probes.subList(0, probes.size() / 2));
    run("batch", "run", "sales", "amounts", "codes", "extremes");
    post("sale", sent.subList(EVENTS / 2, EVENTS));
    post("probe", probes.subList(probes.size() / 2, probes.size()));
    await()
        .atMost(PATIENCE)
        .until(() -> gateway.number("SELECT MEASURE(sales) FROM amounts", "merged") == EVENTS);
    // The deltas of another view may come later.
    long counted = sent.stream().filter(EveryExpressionIT::passes).count();
    await()
        .atMost(PATIENCE)
        .until(() -> gateway.number("SELECT MEASURE(sales) FROM sales", "merged") == counted);
  }

  /** Each value of each field alone, and then at random. */
  private static List<JsonNode> probes(Random random) {
    List<Long> numbers = Arrays.asList(null, Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE);
    List<Integer> small = Arrays.asList(null, Integer.MIN_VALUE, 3, 4);
    List<String> days = Arrays.asList(null, "0001-01-01", "2026-05-04", "9999-12-31");
    List<String> times =
        List.of("2026-05-04T10:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z");
    List<JsonNode> probes = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean alone = i % 2 == 0;
      ObjectNode probe = Json.MAPPER.createObjectNode();
      probe.put("at", times.get(random.nextInt(times.size())));
      int one = random.nextInt(5);
      probe.put("txt", alone && one != 0 ? null : TEXTS.get(random.nextInt(TEXTS.size())));
      probe.put("num", alone && one != 1 ? null : numbers.get(random.nextInt(numbers.size())));
      probe.put("small", alone && one != 2 ? null : small.get(random.nextInt(small.size())));
      probe.put("day", alone && one != 3 ? null : days.get(random.nextInt(days.size())));
      if (!alone || one == 4) {
        probe.put("flag", random.nextBoolean());
      }
      probes.add(probe);
    }
    return probes;
  }

  private static void post(String event, List<JsonNode> events) {
    String lines = events.stream().map(JsonNode::toString).collect(Collectors.joining("\n"));
    Gateway.Reply reply = gateway.post("/v1/events/" + event, lines);
    assertThat(reply.body().path("accepted").asInt()).as("%s", reply).isEqualTo(events.size());
  }

  /**
   * Of the amounts, one of each half is too large to be multiplied, and for the city of Ulm to be
   * added.
   */
  private static List<JsonNode> events(Random random) {
    List<JsonNode> events = new ArrayList<>();
    Instant begin = Instant.parse("2026-03-07T00:00:00Z");
    for (int i = 0; i < EVENTS; i++) {
      ObjectNode event = Json.MAPPER.createObjectNode();
      event.put("sold_at", begin.plusSeconds(random.nextInt(200_000)).toString());
      boolean huge = i % (EVENTS / 2) == 5;
      event.put("amount", huge ? Long.MAX_VALUE : random.nextInt(10_000));
      if (random.nextInt(8) > 0) {
        event.put("code", random.nextInt(8) == 0 ? "x" + i : String.valueOf(random.nextInt(1_000)));
      }
      ArrayNode tags = event.putArray("tags");
      for (int t = random.nextInt(3); t > 0; t--) {
        tags.add(random.nextBoolean() ? "red" : "blue");
      }
      ObjectNode counts = event.putObject("counts");
      if (random.nextBoolean()) {
        counts.put(random.nextBoolean() ? "small" : "large", random.nextInt(3));
      }
      if (huge || random.nextInt(5) > 0) {
        ObjectNode shop =
            event.putObject("shop").put("city", huge || random.nextBoolean() ? "Ulm" : "Bonn");
        ObjectNode spot = shop.putObject("spot");
        if (random.nextBoolean()) {
          spot.put("floor", random.nextInt(2));
        }
      }
      events.add(event);
    }
    return events;
  }

  @Test
  void everyGroupAndMeasure_isThatOfARecountFromRaw() {
    run("audit", "sales");
    assertThat(gateway.number("SELECT MEASURE(sales) FROM sales", "batch")).isPositive();
    assertThat(gateway.number("SELECT MEASURE(sales) FROM sales", "speed")).isPositive();
  }

  @Test
  void eventsThatAnExpressionFailsOn_areCountedAsNull() {
    long counted = sent.stream().filter(EveryExpressionIT::passes).count();
    assertThat(gateway.number("SELECT MEASURE(sales) FROM sales", "merged")).isEqualTo(counted);
    long numbers =
        sent.stream()
            .filter(EveryExpressionIT::passes)
            .filter(e -> e.path("code").asText().matches("[0-9]+"))
            .count();
    assertThat(gateway.number("SELECT MEASURE(numbers) FROM sales", "merged")).isEqualTo(numbers);
  }

  @Test
  void noValueIsTakenForNullOrForAnother_andNoEventMakesAColumnUnanswerable() {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                gateway.number("SELECT MEASURE(n) FROM extremes", "merged") == 400
                    && gateway.number("SELECT MEASURE(n) FROM codes", "merged") == 400);
    run("audit", "codes", "extremes");
    for (String column : List.of("txt", "num", "small", "x", "day", "next_day", "moment")) {
      for (String mode : List.of("merged", "batch", "speed")) {
        String sql = "SELECT %s, MEASURE(n) FROM codes WHERE %s IS NULL GROUP BY %s";
        assertThat(gateway.sql(sql.formatted(column, column, column), mode).body().path("rows"))
            .as("%s in %s", column, mode)
            .hasSize(1);
      }
    }
    assertThat(run("query", "SELECT berlin_day, MEASURE(n) FROM codes GROUP BY berlin_day"))
        .contains("+10000-01-01T00:00:00Z", "2026-05-04T00:00:00Z");
  }

  private static boolean passes(JsonNode event) {
    return event.path("amount").asLong() % 11 != 0 && event.path("code").asInt(0) < 990;
  }

  @Test
  void sumThatLeavesLong_isAnErrorForItsGroupAlone() {
    Gateway.Reply all = gateway.sql("SELECT MEASURE(amount) FROM amounts", "merged");
    assertThat(all.body().path("code").asText()).isEqualTo("MEASURE_OVERFLOW");
    long bonn =
        sent.stream()
            .filter(e -> e.path("shop").path("city").asText().equals("Bonn"))
            .mapToLong(e -> e.path("amount").asLong())
            .sum();
    assertThat(gateway.number("SELECT MEASURE(amount) FROM amounts WHERE city = 'Bonn'", "merged"))
        .isEqualTo(bonn);
    WarmCommands.Result audit = recount("audit", "amounts", "sales");
    assertThat(audit.code()).as(audit.output()).isEqualTo(1);
    assertThat(audit.output()).contains("OVERFLOW");
    assertThat(audit.output())
        .contains("Every group that could be compared equals the recount from raw.");
  }
}
