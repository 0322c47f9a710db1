package dev.recount.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.value.RowJson;
import dev.recount.ingest.weblog.Browsers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FieldMapTest {
  private static final EventSchema SCHEMA =
      EventSchema.parse(
          """
          {"type": "record", "name": "sale", "namespace": "t", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null, "doc": "d"},
            {"name": "clock", "type": ["null", {"type": "long", "logicalType": "local-timestamp-millis"}], "default": null, "doc": "d"},
            {"name": "shop", "type": ["null", "string"], "default": null, "doc": "d"},
            {"name": "count", "type": "int", "default": 1, "doc": "d"},
            {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2}], "default": null, "doc": "d"},
            {"name": "gift", "type": ["null", "boolean"], "default": null, "doc": "d"},
            {"name": "kind", "type": ["null", {"type": "enum", "name": "kind_type", "symbols": ["SALE", "RETURN"]}], "default": null, "doc": "d"},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": [], "doc": "d"},
            {"name": "buyer", "type": ["null", {"type": "record", "name": "buyer_type", "fields": [
              {"name": "id", "type": "long"},
              {"name": "name", "type": ["null", "string"], "default": null}]}], "default": null, "doc": "d"}
          ]}""",
          "sale");

  private static RecordLayout json(String map) throws IOException {
    return RecordLayout.of(RecordFormat.NDJSON).withMap(FieldMap.parse(map));
  }

  private static RecordLayout csv(String map, String... columns) throws IOException {
    return RecordLayout.of(RecordFormat.CSV)
        .withMap(FieldMap.parse(map))
        .withColumns(List.of(columns));
  }

  private static GenericRecord read(RecordLayout layout, String record) {
    return RecordReaders.of(layout, SCHEMA, new Browsers())
        .apply(record.getBytes(StandardCharsets.UTF_8));
  }

  private static void assertInvalid(RecordLayout layout, String... messages) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> RecordReaders.of(layout, SCHEMA, new Browsers()))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MAPPING_INVALID))
        .satisfies(e -> assertThat(e.getMessage()).contains(messages));
  }

  private static void assertRejected(RecordLayout layout, String record, String message) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> read(layout, record))
        .withMessageContaining(message);
  }

  @Test
  void json_isMappedByPathConstantDefaultAndValues() throws IOException {
    RecordLayout layout =
        json(
            """
            at    { from = when.made, time = epoch-seconds }
            shop  { constant = "Ulm" }
            count { from = "/a.b/0", default = 7 }
            price = total
            gift  = flags.gift
            kind  { from = type, values { s = SALE, "true" = RETURN }, default = null }
            tags  = labels
            buyer { id = user.id, name = user.login }
            """);
    assertThat(
            read(
                layout,
                """
                {"when": {"made": 1.5}, "a.b": [3], "total": "12.30", "flags": {"gift": "True"}, "type": true,
                 "labels": ["x", "y"], "user": {"id": "9", "login": 5}, "more": {}}"""))
        .hasToString(
            "{\"at\": 1500, \"day\": null, \"clock\": null, \"shop\": \"Ulm\", \"count\": 3, \"price\":"
                + " \"\\u0004\u00CE\", \"gift\": true, \"kind\": \"RETURN\", \"tags\": [\"x\", \"y\"],"
                + " \"buyer\": {\"id\": 9, \"name\": \"5\"}}");
    assertThat(
            read(layout, "{\"when\": {\"made\": 0}, \"user\": {\"id\": 1.0, \"login\": 17850.0}}")
                .get("buyer"))
        .hasToString("{\"id\": 1, \"name\": \"17850.0\"}");
    GenericRecord least = read(layout, "{\"when\": {\"made\": 0}, \"type\": \"?\"}");
    assertThat(least.get("count")).isEqualTo(7);
    assertThat(least.get("kind")).isNull();
    assertThat(least.get("buyer")).isNull();
    assertRejected(layout, "{}", "field 'at' is missing");
    assertRejected(
        layout,
        "{\"when\": {\"made\": 0}, \"user\": {\"login\": \"x\"}}",
        "field 'buyer.id' is missing");
    assertRejected(layout, "{\"when\": {\"made\": \"soon\"}}", "written as 'epoch-seconds'");
    assertRejected(layout, "[]", "not a JSON object");
  }

  @Test
  void defaultAlone_doesNotMakeARecord() throws IOException {
    RecordLayout layout = json("at = t, buyer { id = u, name { from = n, default = \"nobody\" } }");
    assertThat(read(layout, "{\"t\": 0}").get("buyer")).isNull();
    assertThat(read(layout, "{\"t\": 0, \"u\": 3}").get("buyer"))
        .hasToString("{\"id\": 3, \"name\": \"nobody\"}");
  }

  @Test
  void times_areReadAsTheyAreWritten() throws IOException {
    RecordLayout berlin =
        csv(
            "at { from = t, time = \"d.M.yyyy H:mm\", zone = \"Europe/Berlin\" }, day = d, clock = c",
            "t",
            "d",
            "c");
    // What the clock showed twice is the earlier; what it left out is moved on.
    assertThat(at(berlin, "25.10.2015 2:30,,")).isEqualTo("2015-10-25T00:30:00Z");
    assertThat(at(berlin, "29.3.2015 2:30,,")).isEqualTo("2015-03-29T01:30:00Z");
    GenericRecord row = read(berlin, "1.1.2015 0:00,2015-02-03,2015-02-03 04:05");
    assertThat(row.get("day")).isEqualTo(16_469);
    assertThat(row.get("clock")).isEqualTo(1_422_936_300_000L);
    assertRejected(berlin, "2015-01-01,,", "which is not written as 'd.M.yyyy H:mm'");

    RecordLayout american =
        csv("at { from = t, time = \"M/d/yy h:mm a\", zone = \"America/New_York\" }", "t");
    assertThat(at(american, "1/2/15 12:05 pm")).isEqualTo("2015-01-02T17:05:00Z");
    assertRejected(american, "2/30/15 1:00 am", "is the text \"2/30/15 1:00 am\" at 't'");

    RecordLayout iso = json("at = t");
    assertRejected(iso, "{\"t\": \"2015-02-30T00:00:00Z\"}", "is not written as ISO-8601");
    assertThat(at(iso, "{\"t\": \"2015-01-01 00:00:00+01:00\"}")).isEqualTo("2014-12-31T23:00:00Z");
    assertThat(at(iso, "{\"t\": \"2015-01-01T00:00:00.5Z\"}"))
        .isEqualTo("2015-01-01T00:00:00.500Z");
    assertThat(at(iso, "{\"t\": 5}")).isEqualTo("1970-01-01T00:00:00.005Z");
    assertRejected(iso, "{\"t\": \"2015-01-01T00:00:00\"}", "has no zone; add zone");
    RecordLayout micros = json("at { from = t, time = epoch-micros }");
    assertThat(at(micros, "{\"t\": -1001}")).isEqualTo("1969-12-31T23:59:59.998Z");
    assertRejected(micros, "{\"t\": 1e999999999}", "which is not written as 'epoch-micros'");
    String endless = "1" + "0".repeat(1_000);
    assertRejected(
        micros, "{\"t\": \"" + endless + "\"}", "which is not written as 'epoch-micros'");
    RecordLayout price = json("at = t\nprice = p");
    assertRejected(price, "{\"t\": 5, \"p\": \"1e2147483647\"}", "wanted decimal");
    assertRejected(price, "{\"t\": 5, \"p\": \"" + endless + "\"}", "is the text");
  }

  private static String at(RecordLayout layout, String record) {
    return java.time.Instant.ofEpochMilli((Long) read(layout, record).get("at")).toString();
  }

  @Test
  void csv_withoutAMapping_isByName() {
    RecordLayout layout =
        RecordLayout.of(RecordFormat.CSV)
            .withDelimiter(';')
            .withColumns(List.of("price", "at", "gift", "shop"));
    GenericRecord row = read(layout, "1.5;2015-01-01T00:00:00Z;FALSE;\"a;b\nc\"");
    assertThat(row.get("shop")).hasToString("a;b\nc");
    assertThat(row.get("gift")).isEqualTo(false);
    assertRejected(layout, "1.5;2015-01-01T00:00:00Z;no;", "field 'gift' is the text \"no\"");
    assertRejected(layout, "x;y", "it has 2 values, the header has 4 columns");
    assertRejected(layout, "\"a\"b;;;", "it is not CSV");
    assertRejected(layout, "1.5;2015-01-01T00:00:00Z;true;\"no end", "it is not CSV");
    assertInvalid(
        layout.withColumns(List.of("at", "cost", "Gift")), "no field is named cost, Gift", "--map");
    assertInvalid(layout.withColumns(List.of("shop")), "field 'at' has no default");
  }

  @Test
  void everyMistake_isToldAtOnce() throws IOException {
    assertInvalid(
        csv(
            """
            when = t
            day  = Day
            shop { from = s, constant = x }
            count { constant = many }
            gift { from = g, time = epoch-millis }
            kind { from = k, values { s = SOLD } }
            clock { from = c, zone = "Middle/Earth" }
            price { form = p }
            tags = 5
            buyer { name = s, age = s }
            """,
            "t",
            "s",
            "g",
            "k",
            "c",
            "p"),
        "Cannot map to 'sale'",
        "there is no field 'when'; the fields are at, day,",
        "field 'day': there is no column 'Day'; the columns are t, s, g, k, c, p",
        "field 'shop': give either 'from' or 'constant'",
        "field 'count': 'constant' is the text \"many\", wanted int",
        "field 'gift': 'time' and 'zone' are for timestamps and dates, it is boolean",
        "field 'kind': 'values.s' is the text \"SOLD\", wanted one of [SALE, RETURN]",
        "field 'clock': zone 'Middle/Earth'",
        "field 'price': there is no key 'form'",
        "the keys are from, derive, constant, default, time, zone, values",
        "field 'tags': 5 is not a place in a record; write { constant = 5 }",
        "there is no field 'buyer.age'; the fields are id, name",
        "field 'buyer.id' has no default and the mapping does not set it",
        "field 'at' has no default and the mapping does not set it; write at = one of the columns"
            + " t, s");
    assertInvalid(json("at { from = t, time = \"b\" }"), "is neither epoch-seconds");
    assertInvalid(json("at { from = t, time = \"yyyy-MM-dd\" }"), "names no zone; add one");
    assertInvalid(json("at { from = t, time = \"YYYY-MM-dd\" }"), "it does not include the day");
    assertInvalid(
        json("at { from = t, time = \"yyyy-MM-dd hh\" }"), "it does not include the" + " hour");
  }

  @Test
  void rowsOfAFile_areCheckedByTheirOutermostNames() throws IOException {
    RecordLayout layout = json("at = meta.t, shop = place.name").withColumns(List.of("meta", "at"));
    assertInvalid(layout, "field 'shop': there is no column 'place'; the columns are meta, at");
    RecordLayout fits = layout.withColumns(List.of("meta", "place"));
    assertThat(at(fits, "{\"meta\": {\"t\": \"2015-01-01T00:00:00Z\"}}"))
        .isEqualTo("2015-01-01T00:00:00Z");
  }

  @Test
  void bytesOfARow_areTextsToo_whereTheyAreJoinedOrDerivedFrom() throws IOException {
    RecordLayout layout =
        json("""
                at { from = [day, time], zone = UTC }, shop { from = [a, u], derive = session_id }
                gift { from = u, derive = is_bot }""")
            .withColumns(List.of("day", "time", "a", "u"));
    ObjectNode row = Json.MAPPER.createObjectNode().put("day", "2015-01-02");
    row.set("time", RowJson.bytes(utf8("10:00:00")));
    row.set("a", RowJson.bytes(utf8("192.0.2.1")));
    row.set("u", RowJson.bytes(utf8("Googlebot/2.1")));
    assertThat(at(layout, row.toString())).isEqualTo("2015-01-02T10:00:00Z");
    assertThat(read(layout, row.toString()).get("shop")).hasToString("192.0.2.1|Googlebot/2.1");
    assertThat(read(layout, row.toString()).get("gift")).isEqualTo(true);
    row.set("u", RowJson.bytes(new byte[] {(byte) 0xC0}));
    assertRejected(layout, row.toString(), "is 1 bytes that are not text in UTF-8");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void layout_isTheSameAfterADeadLetterKeptIt() throws IOException {
    RecordLayout layout = csv("at { from = t, zone = UTC }, count { constant = 2 }", "t", "x y");
    RecordLayout kept = Json.read(Json.write(layout), RecordLayout.class);
    assertThat(kept).isEqualTo(layout).hasSameHashCodeAs(layout);
    assertThat(read(kept, "2015-01-01,")).isEqualTo(read(layout, "2015-01-01,"));
    RecordLayout log = RecordLayout.of(RecordFormat.COMBINED);
    assertThat(Json.read(Json.write(log), RecordLayout.class)).isEqualTo(log);
  }

  @Test
  void file_mustBeHocon(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("sale.conf"), "at = [1");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FieldMap.read(file))
        .withMessageContaining("Cannot use the mapping '" + file)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MAPPING_INVALID));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FieldMap.read(folder.resolve("none")))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
  }

  @Test
  void derivations_makeWhatCombinedLogsHave() throws IOException {
    RecordLayout layout =
        json(
            """
            at = t, shop { from = [a, u], derive = session_id }, gift { from = u, derive = is_bot }
            buyer { id = t, name { from = [path, query], derive = url, default = none } }""");
    GenericRecord row =
        read(
            layout,
            "{\"t\": 0, \"a\": \"192.0.2.1:80, ::1\", \"u\": \"Googlebot/2.1\", \"path\": \"/a\", \"query\": \"b=c\"}");
    assertThat(row.get("shop")).hasToString("192.0.2.1|Googlebot/2.1");
    assertThat(row.get("gift")).isEqualTo(true);
    assertThat(row.get("buyer")).hasToString("{\"id\": 0, \"name\": \"/a?b=c\"}");
    row = read(layout, "{\"t\": 0, \"a\": \"-\", \"u\": \"\", \"path\": \"-\", \"query\": \"-\"}");
    assertThat(row.get("shop")).isNull();
    assertThat(row.get("gift")).isEqualTo(false);
    assertThat(row.get("buyer")).hasToString("{\"id\": 0, \"name\": \"none\"}");
    assertRejected(
        layout,
        "{\"t\": 0, \"a\": \"x y\"}",
        "field 'shop' is the text \"x y\", wanted an address, a host's name, or a list of addresses");

    RecordLayout several =
        csv(
            "at { from = [day, time], zone = UTC }, shop { from = [s, n] }",
            "day",
            "time",
            "s",
            "n");
    assertThat(at(several, "2015-01-02,10:00:00,x,7")).isEqualTo("2015-01-02T10:00:00Z");
    assertThat(read(several, "2015-01-02,10:00:00,x,7").get("shop")).hasToString("x 7");
    assertThat(read(several, "2015-01-02,10:00:00,x,").get("shop")).isNull();
    assertRejected(
        several, "2015-01-02,soon,,", "at 'day, time', which is not written as ISO-8601");

    assertInvalid(
        json(
            """
            at { from = t, derive = time }
            shop { from = a, derive = session_id }
            gift { from = [a, b], derive = is_bot }
            tags { from = [] }
            day { constant = "2015-01-01", derive = text }
            kind { from = k, derive = text, values { s = SALE } }
            """),
        "field 'at': there is no derivation 'time'; there are text, ip_address, session_id, browser, is_bot, method, url",
        "field 'shop': derive = session_id needs two sources: from = [address, user agent]",
        "field 'gift': derive = is_bot needs one source",
        "field 'tags': 'from' names no place",
        "field 'day': 'constant' allows no other keys",
        "field 'kind': 'derive' cannot be combined with 'values', 'time' or 'zone'");
  }
}
