package dev.recount.demo;

import static dev.recount.demo.WholeStack.recount;
import static dev.recount.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.contract.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
  private static final int EVENTS = 1_200;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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
    run("apply", "--schemas", schemas.toString());
    sent = events(new Random(11));
    post(sent.subList(0, EVENTS / 2));
    run("batch", "run", "sales", "amounts");
    post(sent.subList(EVENTS / 2, EVENTS));
    await()
        .atMost(PATIENCE)
        .until(() -> gateway.number("SELECT MEASURE(sales) FROM amounts", "merged") == EVENTS);
  }

  private static void post(List<JsonNode> events) {
    String lines = events.stream().map(JsonNode::toString).collect(Collectors.joining("\n"));
    Gateway.Reply reply = gateway.post("/v1/events/sale", lines);
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
    WholeStack.Result audit = recount("audit", "amounts", "sales");
    assertThat(audit.code()).as(audit.output()).isEqualTo(1);
    assertThat(audit.output()).contains("OVERFLOW");
    assertThat(audit.output())
        .contains("Every group that could be compared is what a recount from raw gives.");
  }
}
