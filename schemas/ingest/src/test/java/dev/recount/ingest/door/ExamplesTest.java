package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.recount.core.Json;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real feeds go in by the mappings of docs/examples, and nothing of them is lost or changed. */
class ExamplesTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("recount.root"), "docs", "examples");

  private static List<GenericRecord> events(
      String event, String mapping, String data, String... options) {
    Path folder = EXAMPLES.resolve(event);
    EventSchema schema = EventSchema.read(folder.resolve("events").resolve(event + ".avsc"));
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--map", folder.resolve(mapping).toString()));
    List<FileRecords.Read> records =
        FileRecords.read(schema, SharedData.file(data), all.toArray(String[]::new));
    assertThat(records).allMatch(record -> record.reason() == null);
    return records.stream().map(FileRecords.Read::event).toList();
  }

  private static InputStream open(String data) throws IOException {
    return new GZIPInputStream(Files.newInputStream(SharedData.file(data)));
  }

  private static List<JsonNode> lines(String data) throws IOException {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(open(data), StandardCharsets.UTF_8))) {
      return reader.lines().map(line -> Json.read(line, JsonNode.class)).toList();
    }
  }

  @Test
  void wikipediaEdits_areMapped() throws IOException {
    String data = "wiki-edits/wikipedia-2015-09-12-hours-00-05.ndjson.gz";
    List<GenericRecord> events = events("wiki_edit", "wikipedia.conf", data);
    List<JsonNode> lines = lines(data);
    assertThat(events).hasSameSizeAs(lines).hasSize(5_413);
    for (int i = 0; i < lines.size(); i++) {
      GenericRecord event = events.get(i);
      JsonNode line = lines.get(i);
      assertThat(event.get("event_time"))
          .isEqualTo(Instant.parse(line.path("time").asText()).toEpochMilli());
      for (String name : List.of("channel", "page", "user")) {
        assertThat(event.get(name)).hasToString(line.path(name).asText());
      }
      for (String name : List.of("added", "deleted", "delta")) {
        assertThat(event.get(name)).isEqualTo(line.path(name).asLong());
      }
    }
  }

  @Test
  void githubEvents_areMapped() throws IOException {
    String data = "github-events/github-2021-07-21.ndjson.gz";
    List<GenericRecord> events = events("github_event", "github.conf", data);
    List<JsonNode> lines = lines(data);
    assertThat(events).hasSameSizeAs(lines).hasSize(800);
    for (int i = 0; i < lines.size(); i++) {
      GenericRecord event = events.get(i);
      JsonNode line = lines.get(i);
      assertThat(event.get("id")).hasToString(line.path("id").asText());
      assertThat(event.get("commits")).isEqualTo(line.path("payload").path("size").asInt(0));
      GenericRecord actor = (GenericRecord) event.get("actor");
      assertThat(actor.get("id")).isEqualTo(line.path("actor").path("id").asLong());
      GenericRecord organisation = (GenericRecord) event.get("organisation");
      assertThat(organisation == null).isEqualTo(!line.has("org"));
      assertThat(organisation == null ? "" : organisation.get("login"))
          .hasToString(line.path("org").path("login").asText());
    }
    assertThat(events.stream().filter(e -> e.get("kind").toString().equals("PUSH"))).hasSize(425);
    assertThat(events.stream().filter(e -> e.get("kind").toString().equals("STAR"))).hasSize(58);
    assertThat(events.stream().filter(e -> e.get("kind").toString().equals("OTHER"))).hasSize(213);
    assertThat(events.stream().filter(e -> e.get("action") == null)).hasSize(576);
  }

  @Test
  void orders_areMapped() throws IOException {
    String data = "orders/online-retail-2010-12.csv.gz";
    List<GenericRecord> events =
        events("order_line", "online_retail.conf", data, "--format", "csv");
    LogicalTypes.Decimal price = LogicalTypes.decimal(12, 2);
    Conversions.DecimalConversion decimals = new Conversions.DecimalConversion();
    try (MappingIterator<Map<String, String>> rows =
        new CsvMapper()
            .readerForMapOf(String.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(open(data))) {
      for (GenericRecord event : events) {
        Map<String, String> row = rows.next();
        assertThat(event.get("event_time"))
            .isEqualTo(
                LocalDateTime.parse(row.get("InvoiceDate").replace(' ', 'T'))
                    .atZone(ZoneId.of("Europe/London"))
                    .toInstant()
                    .toEpochMilli());
        assertThat(event.get("quantity")).isEqualTo(Integer.parseInt(row.get("Quantity")));
        assertThat(
                decimals.fromBytes(
                    (ByteBuffer) event.get("unit_price"),
                    event.getSchema().getField("unit_price").schema(),
                    price))
            .isEqualByComparingTo(new BigDecimal(row.get("UnitPrice")));
        String customer = row.get("CustomerID");
        assertThat(event.get("customer"))
            .isEqualTo(customer.isEmpty() ? null : (long) Double.parseDouble(customer));
        String description = row.get("Description");
        assertThat(event.get("description")).isEqualTo(description.isEmpty() ? null : description);
      }
      assertThat(rows.hasNext()).isFalse();
    }
    assertThat(events).hasSize(42_481);
  }

  /**
   * Each with the same three requests: a person's, a bot's, and one that says nothing of itself.
   */
  @ParameterizedTest
  @CsvSource({
    "nginx_json, access.json",
    "caddy, access.log",
    "traefik, access.log",
    "iis, u_ex150517.log",
    "cloudfront, E2EXAMPLE.2015-05-17-10.log",
    "alb, app.log"
  })
  void webServersLog_isRead(String name, String sample) throws IOException {
    Path folder = EXAMPLES.resolve(name);
    String command =
        Files.readAllLines(folder.resolve(name + ".conf")).stream()
            .filter(line -> line.startsWith("#   recount ingest page_view "))
            .findFirst()
            .orElseThrow();
    List<String> options =
        new ArrayList<>(List.of(command.replaceAll("^.* page_view | \\S+$|\"", "").split(" ")));
    options.set(options.indexOf("--map") + 1, folder.resolve(name + ".conf").toString());
    List<FileRecords.Read> records =
        FileRecords.read(
            TestingEvents.pageView(), folder.resolve(sample), options.toArray(String[]::new));
    assertThat(records).hasSize(3).allSatisfy(record -> assertThat(record.reason()).isNull());

    GenericRecord person = records.get(0).event();
    String firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0";
    long time = (Long) person.get("event_time");
    assertThat(time / 1000).isEqualTo(1431857103);
    assertThat(person.get("ip_address")).isEqualTo("192.0.2.1");
    assertThat(person.get("session_id")).isEqualTo("192.0.2.1|" + firefox);
    assertThat(person.get("page_url").toString()).endsWith("/blog/?page=2");
    assertThat(person.get("method")).isEqualTo("GET");
    assertThat(person.get("browser")).isEqualTo("Firefox");
    assertThat(person.get("user_agent")).isEqualTo(firefox);
    assertThat(person.get("status")).isEqualTo(200);
    assertThat(person.get("is_bot")).isEqualTo(false);
    assertThat(person.get("bytes")).isEqualTo(name.equals("iis") ? null : 5120L);
    assertThat(person.get("referrer"))
        .isEqualTo(name.equals("alb") ? null : "https://www.example.com/");

    GenericRecord bot = records.get(1).event();
    assertThat(bot.get("ip_address")).isEqualTo("2001:db8::2");
    assertThat(bot.get("page_url").toString()).endsWith("/robots.txt");
    assertThat(bot.get("browser")).isEqualTo("Googlebot");
    assertThat(bot.get("user_agent").toString()).contains("(compatible; Googlebot/2.1; ");
    assertThat(bot.get("is_bot")).isEqualTo(true);
    assertThat(bot.get("status")).isEqualTo(404);
    assertThat(bot.get("referrer")).isNull();

    GenericRecord nobody = records.get(2).event();
    assertThat(nobody.get("session_id")).isEqualTo("192.0.2.3|-");
    assertThat(nobody.get("user_agent")).isNull();
    assertThat(nobody.get("browser")).isNull();
    assertThat(nobody.get("referrer")).isNull();
    assertThat(nobody.get("is_bot")).isEqualTo(false);
  }
}
