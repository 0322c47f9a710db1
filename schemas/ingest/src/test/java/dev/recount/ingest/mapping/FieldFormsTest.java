package dev.recount.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import dev.recount.ingest.value.RowJson;
import dev.recount.ingest.weblog.Browsers;
import dev.recount.ingest.weblog.CombinedLog;
import dev.recount.ingest.weblog.LogLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One value in each form that the doors take, and what none of them takes. */
class FieldFormsTest {
  private static final EventSchema SCHEMA = TestingEvents.everyType();
  private static final EventSchema TIMES =
      EventSchema.parse(
          """
          {"type": "record", "name": "times", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "loc", "type": ["null", {"type": "long", "logicalType": "local-timestamp-millis"}], "default": null, "doc": "d"},
            {"name": "micros", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}], "default": null, "doc": "d"},
            {"name": "nanos", "type": ["null", {"type": "long", "logicalType": "timestamp-nanos"}], "default": null, "doc": "d"},
            {"name": "clock", "type": ["null", {"type": "int", "logicalType": "time-millis"}], "default": null, "doc": "d"},
            {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null, "doc": "d"}
          ]}""",
          "times");

  private static Function<byte[], GenericRecord> csv(EventSchema schema, String... columns) {
    return RecordReaders.of(
        RecordLayout.of(RecordFormat.CSV).withColumns(List.of(columns)), schema, new Browsers());
  }

  private static Function<byte[], GenericRecord> rows(String... columns) {
    return RecordReaders.of(
        RecordLayout.of(RecordFormat.NDJSON).withColumns(List.of(columns)), SCHEMA, new Browsers());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Object valueOr(
      String field, Function<byte[], GenericRecord> reader, byte[] record) {
    try {
      return reader.apply(record).get(field);
    } catch (RecountException e) {
      return "refused";
    }
  }

  @Test
  void times_areReadByEveryDoorAlike() throws IOException {
    List<String> texts = new ArrayList<>();
    try (var lines = getClass().getResourceAsStream("/faults/times.ndjson")) {
      for (String line :
          new String(lines.readAllBytes(), StandardCharsets.UTF_8).split("\n(?=\\{)")) {
        texts.add(Json.MAPPER.readTree(line).get("at").textValue());
      }
    }
    assertThat(texts).hasSize(31);
    JsonEvents json = new JsonEvents(TIMES);
    // Without columns a mapping is between, as for CSV.
    Function<byte[], GenericRecord> mapped =
        RecordReaders.of(
            RecordLayout.of(RecordFormat.NDJSON)
                .withMap(new FieldMap(JsonNodeFactory.instance.objectNode().put("at", "at"))),
            TIMES,
            new Browsers());
    List<String> refused = new ArrayList<>();
    for (String text : texts) {
      JsonNode record = JsonNodeFactory.instance.objectNode().put("at", text);
      Object plain = valueOr("at", json::read, utf8(record.toString()));
      // Digits are a number where every value is a text, and in JSON only where they are one.
      if (!text.equals("1715940000")) {
        assertThat(valueOr("at", mapped, utf8(record.toString()))).as(text).isEqualTo(plain);
      }
      if (plain.equals("refused")) {
        refused.add(text);
      }
    }
    assertThat(refused)
        .containsExactly(
            "2024-05-17T24:00:00Z",
            "2024-05-17T10:00:60Z",
            "2024-06-30T23:59:60Z",
            "2024-W20-5T10:00:00Z",
            "20240517T100000Z",
            "2024-05-17T10:00:00.1234567890Z",
            "2024-05-17T10:00:00,123Z",
            "2024-05-17",
            "2024-05-17Z",
            "Fri, 17 May 2024 10:00:00 GMT",
            "2024-05-17T10:00:00+19:00",
            "+12024-05-17T10:00:00Z",
            "-0001-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-12:00",
            "1715940000",
            "2024-02-30T00:00:00Z");
    long ten = Instant.parse("2024-05-17T10:00:00Z").toEpochMilli();
    for (String text : texts.subList(0, 7)) {
      assertThat(json.read(utf8("{\"at\": \"" + text + "\"}")).get("at")).as(text).isEqualTo(ten);
    }
  }

  @Test
  void timesAsDigitsInCsv_meanWhatTheyMeanInJson() {
    Function<byte[], GenericRecord> csv =
        csv(TIMES, "at", "loc", "micros", "nanos", "clock", "day");
    GenericRecord event =
        csv.apply(utf8("1715940000123,-1,1715940000123456,1715940000123456789,36000000,19860"));
    assertThat(event.get("at")).isEqualTo(1_715_940_000_123L);
    assertThat(event.get("loc")).isEqualTo(-1L);
    assertThat(event.get("micros")).isEqualTo(1_715_940_000_123_456L);
    assertThat(event.get("nanos")).isEqualTo(1_715_940_000_123_456_789L);
    assertThat(event.get("clock")).isEqualTo(36_000_000);
    assertThat(event.get("day")).isEqualTo(19_860);
    for (String day : List.of("20240517", "20240517100000")) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> csv.apply(utf8(day + ",,,,,")))
          .withMessageContaining(
              "could be a day or a number; say with 'time' in a mapping which" + " of them it is");
    }
    assertThat(valueOr("at", csv, utf8("99999999999999999999,,,,,"))).isEqualTo("refused");
    assertThat(valueOr("at", csv, utf8("1e12,,,,,"))).isEqualTo("refused");
  }

  @Test
  void localTimes_takeADayAndABlank_andNoZone() {
    JsonEvents json = new JsonEvents(TIMES);
    for (String text : List.of("2024-05-17T00:00", "2024-05-17 00:00:00", "2024-05-17")) {
      assertThat(json.read(utf8("{\"at\": 1, \"loc\": \"" + text + "\"}")).get("loc"))
          .isEqualTo(Instant.parse("2024-05-17T00:00:00Z").toEpochMilli());
    }
    assertThat(valueOr("loc", json::read, utf8("{\"at\": 1, \"loc\": \"2024-05-17T00:00Z\"}")))
        .isEqualTo("refused");
    assertThat(valueOr("day", json::read, utf8("{\"at\": 1, \"day\": \"2024-05-17T10:00:00\"}")))
        .isEqualTo("refused");
  }

  @Test
  void numbersAsText_areExactOrRefused() {
    Function<byte[], GenericRecord> csv =
        csv(SCHEMA, "at", "small", "large", "ratio", "price", "flag");
    Object[][] cases = {
      {"small", "1e3", 1000},
      {"small", "+5", 5},
      {"small", "007", 7},
      {"small", " 12 ", 12},
      {"small", "2.0", 2},
      {"small", "-0", 0},
      {"small", "2147483647", Integer.MAX_VALUE},
      {"small", "2147483648", "refused"},
      {"small", "0x1F", "refused"},
      {"small", "1.5", "refused"},
      {"small", "1,5", "refused"},
      {"small", "1 000", "refused"},
      {"small", "5f", "refused"},
      {"small", "1e10", "refused"},
      {"small", "1e-1", "refused"},
      {"small", "true", "refused"},
      {"large", "9223372036854775807", Long.MAX_VALUE},
      {"large", "9223372036854775808", "refused"},
      {"large", "9007199254740993", 9_007_199_254_740_993L},
      {"large", "9.223372036854775807e18", Long.MAX_VALUE},
      {"ratio", "1e308", 1e308},
      {"ratio", "1e309", "refused"},
      {"ratio", "NaN", Double.NaN},
      {"ratio", "-Infinity", Double.NEGATIVE_INFINITY},
      {"ratio", "inf", "refused"},
      {"price", "1234.56", ByteBuffer.wrap(new byte[] {1, (byte) 0xE2, 0x40})},
      {"price", "1234.567", "refused"},
      {"price", "12345.6", "refused"},
      {"price", "Infinity", "refused"},
      {"flag", "TRUE", true},
      {"flag", "1", "refused"},
      {"flag", "yes", "refused"},
    };
    List<String> columns = List.of("at", "small", "large", "ratio", "price", "flag");
    for (Object[] of : cases) {
      List<String> row = new ArrayList<>(List.of("1", "", "", "", "", ""));
      row.set(columns.indexOf(of[0]), "\"" + of[1] + "\"");
      assertThat(valueOr((String) of[0], csv, utf8(String.join(",", row))))
          .as(of[0] + " " + of[1])
          .isEqualTo(of[2]);
    }
  }

  @Test
  void numbersThatJsonDoesNotHave_areTextsOfFloatsAndDoubles() {
    JsonEvents json = new JsonEvents(SCHEMA);
    GenericRecord event =
        json.read(
            utf8("{\"at\": 1, \"ratio\": \"NaN\", \"single\": \"-Infinity\", \"id\": \"NaN\"}"));
    assertThat(event.get("ratio")).isEqualTo(Double.NaN);
    assertThat(event.get("single")).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(event.get("id")).isEqualTo("NaN");
    for (String wrong :
        List.of(
            "\"small\": \"NaN\"", "\"ratio\": \"nan\"", "\"ratio\": NaN", "\"price\": \"NaN\"")) {
      assertThat(valueOr("at", json::read, utf8("{\"at\": 1, " + wrong + "}")))
          .isEqualTo("refused");
    }
  }

  @Test
  void bytesOfRows_areTextOrBytes_asTheFieldIs() {
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("at", 1);
    row.set("id", RowJson.bytes(utf8("wörld \"")));
    row.set("raw", RowJson.bytes(new byte[] {(byte) 0xFF, 0}));
    row.set("small", RowJson.bytes(utf8("12")));
    row.set("colour", RowJson.bytes(utf8("RED")));
    row.set("price", RowJson.bytes(utf8("1.5")));
    row.putArray("tags").add(RowJson.bytes(utf8("a"))).add(RowJson.bytes(utf8("b")));
    row.putObject("place").set("city", RowJson.bytes(utf8("Ulm")));
    Function<byte[], GenericRecord> reader =
        rows("at", "id", "raw", "small", "colour", "price", "tags", "place");
    ((ObjectNode) row.get("place")).putNull("zip");

    GenericRecord event = reader.apply(utf8(RowJson.line(row)));

    assertThat(event.get("id")).isEqualTo("wörld \"");
    assertThat(event.get("raw")).isEqualTo(ByteBuffer.wrap(new byte[] {(byte) 0xFF, 0}));
    assertThat(event.get("small")).isEqualTo(12);
    assertThat(event.get("colour")).hasToString("RED");
    assertThat(event.get("price")).isEqualTo(ByteBuffer.wrap(new byte[] {0, (byte) 150}));
    assertThat(event.get("tags")).isEqualTo(List.of("a", "b"));
    assertThat(event.get("place")).hasToString("{\"city\": \"Ulm\", \"zip\": null}");

    row.set("id", RowJson.bytes(new byte[] {'a', (byte) 0xC0, (byte) 0x80}));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> reader.apply(utf8(RowJson.line(row))))
        .withMessageContaining("field 'id' is 3 bytes that are not text in UTF-8, wanted string");
    row.set("id", RowJson.text(new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80}));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> reader.apply(utf8(RowJson.line(row))))
        .withMessageContaining("field 'id' is a text that is not UTF-8");
    // What no field is made of harms none.
    assertThat(rows("at").apply(utf8(RowJson.line(row))).get("at")).isEqualTo(1L);
  }

  @Test
  @Timeout(300)
  void aLongTextThatIsNotUtf8_isRefusedInTimeByItsLength() {
    byte[] bytes = new byte[1024 * 1024];
    java.util.Arrays.fill(bytes, (byte) 0xED);
    ObjectNode row = JsonNodeFactory.instance.objectNode().put("at", 1);
    row.set("id", RowJson.text(bytes));
    assertThat(valueOr("id", rows("at", "id"), utf8(RowJson.line(row)))).isEqualTo("refused");
  }

  @Test
  void textOfALog_thatIsEscapedAndNotUtf8_staysApart() {
    CombinedLog log = new CombinedLog(TestingEvents.pageView(), new Browsers(), LogLayout.UNSEEN);
    String line =
        "192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"GET /%s HTTP/1.1\" 200 5 \"-\" \"-\"";
    List<Object> urls =
        java.util.stream.Stream.of("\\xED\\xA0\\x80", "\\xC0\\x80", "\\xFF", "\\xC3\\xA4")
            .map(path -> log.read(String.format(line, path)).get("page_url"))
            .toList();
    assertThat(urls).doesNotHaveDuplicates().contains("/ä");
    assertThat(urls).noneMatch(url -> url.toString().contains("\uFFFD"));
  }
}
