package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Events that come several times, in one file, in several, and on both sides of a cut. */
@ExtendWith(WholeStack.class)
class DuplicatesIT {
  private static final String SCHEMA =
      """
      {"type": "record", "name": "purchase", "fields": [
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "When."},
        {"name": "purchase_id", "type": ["null", "string"], "default": null, "recount": "event-id", "doc": "Which."},
        {"name": "shop", "type": "string", "doc": "Where."},
        {"name": "cents", "type": "long", "doc": "How much."}]}""";
  private static final String SQL =
      "SELECT shop, count(*) AS purchases, sum(cents) AS cents FROM purchase GROUP BY shop";

  @TempDir private static Path schemas;

  private final Gateway gateway = new Gateway(WholeStack.config());
  private final Random random = new Random(3);
  private final Map<String, Long> centsOfFirst = new LinkedHashMap<>();
  private long centsWithoutId;
  private long withoutId;
  private long all;

  @Test
  void eachId_countsOnce_howeverItComes() throws IOException {
    write("events/purchase.avsc", SCHEMA);
    write("views/revenue.sql", "-- @distinct purchase_id\n" + SQL);
    write("views/received.sql", SQL);
    run("apply", "--schemas", schemas.toString());

    ingest("first", 0, 300);
    ingest("second", 200, 400);
    assertCounted();
    run("batch", "run", "revenue", "received");
    assertCounted();
    assertThat(gateway.number("SELECT MEASURE(purchases) FROM revenue", "batch"))
        .isEqualTo(centsOfFirst.size() + withoutId);
    assertThat(run("audit", "--absorbed", "revenue", "received"))
        .contains("Every group that speed had served equals");

    ingest("third", 350, 500);
    ingest("fourth", 0, 500);
    assertCounted();
    assertThat(gateway.number("SELECT MEASURE(purchases) FROM received", "merged")).isEqualTo(all);
    assertProvenance();
    run("audit", "revenue");
  }

  private void assertCounted() {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> {
              assertThat(gateway.number("SELECT MEASURE(purchases) FROM received", "merged"))
                  .isEqualTo(all);
              assertThat(gateway.number("SELECT MEASURE(purchases) FROM revenue", "merged"))
                  .isEqualTo(centsOfFirst.size() + withoutId);
            });
    assertThat(gateway.number("SELECT MEASURE(cents) FROM revenue", "merged"))
        .isEqualTo(
            centsWithoutId + centsOfFirst.values().stream().mapToLong(Long::longValue).sum());
  }

  private void assertProvenance() {
    String sql = "SELECT MEASURE(purchases) FROM revenue";
    JsonNode merged = gateway.sql(sql, "merged").body().at("/provenance/distinct");
    assertThat(merged.path("field").asText()).isEqualTo("purchase_id");
    assertThat(merged.path("horizon_ms").asLong()).isEqualTo(Duration.ofMinutes(30).toMillis());
    JsonNode batch = gateway.sql(sql, "batch").body().at("/provenance/distinct");
    assertThat(batch.path("field").asText()).isEqualTo("purchase_id");
    assertThat(batch.path("horizon_ms").isNumber()).isFalse();
    assertThat(
            gateway
                .sql("SELECT MEASURE(purchases) FROM received", "merged")
                .body()
                .at("/provenance/distinct")
                .isObject())
        .isFalse();
  }

  /** Sends purchases of these numbers, each once or twice, and some without an id. */
  private void ingest(String file, int from, int to) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int number = from; number < to; number++) {
      long cents = random.nextInt(10_000);
      centsOfFirst.putIfAbsent("purchase " + number, cents);
      lines.addAll(copies("purchase " + number, cents, 1 + random.nextInt(2)));
      if (number % 10 == 0) {
        withoutId += 2;
        centsWithoutId += 2 * cents;
        lines.addAll(copies(null, cents, 2));
      }
    }
    all += lines.size();
    Path path = WholeStack.write(file + ".ndjson", String.join("\n", lines));
    run("ingest", "purchase", path.toString());
  }

  private static List<String> copies(String id, long cents, int count) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("at", 0);
    event.put("purchase_id", id);
    event.put("shop", "s" + cents % 3);
    event.put("cents", cents);
    String json = Json.write(event);
    return java.util.Collections.nCopies(count, json);
  }

  private static void write(String file, String text) throws IOException {
    Path path = schemas.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
