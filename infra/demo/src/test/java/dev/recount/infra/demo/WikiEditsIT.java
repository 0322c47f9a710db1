package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.recount;
import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.drive.Recount;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A user's own event and view, and a real feed that is mapped to it: six hours of Wikipedia. */
@ExtendWith(WholeStack.class)
class WikiEditsIT {
  private static final Path EXAMPLE =
      Recount.root().resolve(Path.of("docs", "examples", "wiki_edit"));
  private static final String MEASURES =
      "MEASURE(edits), MEASURE(added), MEASURE(deleted), MEASURE(delta) FROM wiki_edits";

  private static Gateway gateway;
  private static List<String> lines;

  /** What a plain program counts. */
  private record Counts(long edits, long added, long deleted, long delta) {
    static Counts of(JsonNode edit) {
      return new Counts(
          1,
          edit.path("added").asLong(),
          edit.path("deleted").asLong(),
          edit.path("delta").asLong());
    }

    Counts plus(Counts other) {
      return new Counts(
          edits + other.edits, added + other.added, deleted + other.deleted, delta + other.delta);
    }
  }

  @BeforeAll
  static void applyTheExample() throws IOException {
    lines = lines(SharedData.file("wiki-edits/wikipedia-2015-09-12-hours-00-05.ndjson.gz"));
    gateway = new Gateway(WholeStack.config());
    assertThat(run("plan", "--schemas", EXAMPLE.toString())).contains("wiki_edits");
    run("apply", "--schemas", EXAMPLE.toString());
  }

  /** What init writes of a feed that nobody has described is accepted as it is. */
  @Test
  void draftOfTheFeed_isPlanned(@TempDir Path folder) {
    Path feed = SharedData.file("wiki-edits/wikipedia-2015-09-12-hours-00-05.ndjson.gz");
    Path orders = SharedData.file("orders/online-retail-2010-12.csv.gz");
    Path log = SharedData.file("access-logs/semicomplete-2015-05.log.gz");
    String schemas = folder.resolve("schemas").toString();
    run("init", "drafted_edit", feed.toString(), "--schemas", schemas);
    run("init", "drafted_order", orders.toString(), "--schemas", schemas);
    run("init", "drafted_request", log.toString(), "--schemas", schemas);
    assertThat(run("plan", "--schemas", schemas))
        .contains("drafted_edit_by_hour", "drafted_order_by_hour", "drafted_request_by_hour");
  }

  private static List<String> lines(Path file) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    }
  }

  private static Map<String, Counts> counted(List<String> edits) {
    Map<String, Counts> counted = new TreeMap<>();
    for (String line : edits) {
      JsonNode edit = Json.read(line, JsonNode.class);
      Instant hour = Instant.parse(edit.path("time").asText()).truncatedTo(ChronoUnit.HOURS);
      counted.merge(
          hour + " " + edit.path("channel").asText() + " " + edit.path("page").asText(),
          Counts.of(edit),
          Counts::plus);
    }
    return counted;
  }

  private static Map<String, Counts> answered(String mode) {
    Gateway.Reply reply =
        gateway.sql(
            "SELECT hour, channel, page, " + MEASURES + " GROUP BY hour, channel, page LIMIT 9999",
            mode);
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    Map<String, Counts> answered = new TreeMap<>();
    for (JsonNode row : reply.body().path("rows")) {
      answered.put(
          Instant.parse(row.get(0).asText())
              + " "
              + row.get(1).asText()
              + " "
              + row.get(2).asText(),
          new Counts(
              row.get(3).asLong(), row.get(4).asLong(), row.get(5).asLong(), row.get(6).asLong()));
    }
    return answered;
  }

  private static void ingest(String name, List<String> edits) throws IOException {
    Path file = WholeStack.write(name, String.join("\n", edits));
    WarmCommands.Result result =
        recount(
            "ingest",
            "wiki_edit",
            "--map",
            EXAMPLE.resolve("wikipedia.conf").toString(),
            file.toString());
    assertThat(result.output()).endsWith("accepted " + edits.size() + ", rejected 0\n");
  }

  private static void awaitAnswer(Map<String, Counts> expected) {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(() -> assertThat(answered("merged")).isEqualTo(expected));
  }

  @Test
  void editsByHourChannelAndPage_areThoseThatAPlainProgramCounts() throws IOException {
    List<String> before = lines.subList(0, lines.size() / 2);
    List<String> after = lines.subList(lines.size() / 2, lines.size());
    ingest("before.ndjson", before);
    awaitAnswer(counted(before));
    run("batch", "run", "wiki_edits");
    assertThat(answered("batch")).isEqualTo(counted(before));

    ingest("after.ndjson", after);
    awaitAnswer(counted(lines));
    assertThat(answered("speed")).isEqualTo(counted(after));

    JsonNode total = gateway.sql("SELECT " + MEASURES, "merged").body().at("/rows/0");
    assertThat(total)
        .extracting(JsonNode::asLong)
        .containsExactly(5_413L, 1_491_028L, 64_052L, 1_426_976L);
  }
}
