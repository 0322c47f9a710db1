package dev.recount.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class JsonEventsTest {
  private final EventSchema schema = TestingEvents.everyType();
  private final JsonEvents events = new JsonEvents(schema);

  /** Reads, and also writes and reads as Avro, so that what comes out surely fits the schema. */
  private GenericRecord read(String fields) {
    GenericRecord record = events.read(bytes("{\"at\": 1" + fields + "}"));
    EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());
    return codec.decode(codec.encode(record));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Object value(String field, String json) {
    return read(", \"" + field + "\": " + json).get(field);
  }

  @Test
  void everyType_isRead() {
    assertThat(value("id", "\"x\"")).hasToString("x");
    assertThat(value("id", "null")).isNull();
    assertThat(value("flag", "true")).isEqualTo(true);
    assertThat(value("small", "-5")).isEqualTo(-5);
    assertThat(value("small", "2e3")).isEqualTo(2000);
    assertThat(value("small", "1.0")).isEqualTo(1);
    assertThat(value("large", "9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(value("ratio", "0.1")).isEqualTo(0.1d);
    assertThat(value("ratio", "3")).isEqualTo(3.0d);
    assertThat(value("single", "0.1")).isEqualTo(0.1f);
    assertThat(value("raw", "\"AQI=\"")).isEqualTo(java.nio.ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(value("hash", "\"AQI=\"")).hasToString("[1, 2]");
    assertThat(value("price", "-1.5"))
        .isEqualTo(java.nio.ByteBuffer.wrap(java.math.BigInteger.valueOf(-150).toByteArray()));
    assertThat(value("day", "\"1970-01-02\"")).isEqualTo(1);
    assertThat(value("micros", "\"1970-01-01T00:00:00.000002Z\"")).isEqualTo(2L);
    assertThat(value("colour", "\"BLUE\"")).hasToString("BLUE");
    assertThat(value("tags", "[\"a\", \"b\"]")).hasToString("[a, b]");
    assertThat(value("counts", "{\"k\": 3}")).hasToString("{k=3}");
    assertThat(value("mixed", "true")).isEqualTo(true);
    assertThat(value("mixed", "\"t\"")).hasToString("t");
    assertThat(value("place", "{\"city\": \"Ulm\"}"))
        .hasToString("{\"city\": \"Ulm\", \"zip\": null}");
  }

  @Test
  void zero_fitsADecimalWithoutADigitBeforeThePoint() {
    EventSchema shares =
        EventSchema.parse(
            """
            {"type": "record", "name": "s", "fields": [
              {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
              {"name": "share", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 4}, "doc": "d"}]}""",
            "s");
    for (String zero : new String[] {"0", "0.0000", "\"-0.0\""}) {
      assertThat(new JsonEvents(shares).read(bytes("{\"at\": 1, \"share\": " + zero + "}")).get(1))
          .isEqualTo(java.nio.ByteBuffer.wrap(new byte[1]));
    }
  }

  @Test
  void timestamp_isIsoWithZoneOrMilliseconds() {
    assertThat(events.read(bytes("{\"at\": \"2015-05-17T12:05:03.123+02:00\"}")).get("at"))
        .isEqualTo(1431857103123L);
    assertThat(events.read(bytes("{\"at\": \"2199-01-01T00:00:00Z\"}")).get("at"))
        .isEqualTo(7226582400000L);
    assertThat(events.read(bytes("{\"at\": -1}")).get("at")).isEqualTo(-1L);
    assertWrong("{\"at\": \"2015-05-17T12:05:03\"}", ErrorCode.EVENT_FIELD_TYPE, "with a zone");
    assertWrong("{\"at\": \"yesterday\"}", ErrorCode.EVENT_FIELD_TYPE, "the text \"yesterday\"");
  }

  @Test
  void leftOut_takesDefault() {
    assertThat(read("").get("small")).isEqualTo(7);
    assertThat(read("").get("tags")).isEqualTo(List.of());
    assertWrong("{}", ErrorCode.EVENT_FIELD_MISSING, "field 'at' is missing");
  }

  @Test
  void wrongType_namesFieldValueAndWanted() {
    assertWrong(", \"small\": 1.5", "field 'small' is 1.5, wanted int");
    assertWrong(", \"small\": 2147483648", "field 'small' is 2147483648, wanted int");
    assertWrong(", \"small\": \"1\"", "field 'small' is the text \"1\", wanted int");
    assertWrong(", \"small\": null", "field 'small' is null, wanted int");
    assertWrong(", \"small\": 1e999999999", "field 'small' is");
    assertWrong(", \"large\": 9223372036854775808", "wanted long");
    assertWrong(", \"ratio\": 1e400", "wanted double");
    assertWrong(", \"single\": 1e39", "wanted float");
    assertWrong(", \"flag\": 1", "wanted boolean");
    assertWrong(", \"colour\": \"PINK\"", "wanted one of [RED, BLUE]");
    assertWrong(", \"raw\": \"?\"", "wanted bytes as base64");
    assertWrong(", \"hash\": \"AQ==\"", "wanted fixed");
    assertWrong(", \"price\": 1.234", "wanted decimal");
    assertWrong(", \"price\": 12345", "wanted decimal");
    assertWrong(", \"price\": 100e2147483647", "wanted decimal");
    assertWrong(", \"price\": \"100e2147483647\"", "wanted decimal");
    assertWrong(", \"price\": \"" + "0".repeat(1_001) + "\"", "wanted decimal");
    assertWrong(", \"tags\": [\"a\", 2]", "field 'tags[1]' is 2, wanted string");
    assertWrong(", \"counts\": {\"k\": true}", "field 'counts.k' is true, wanted int");
    assertWrong(", \"mixed\": 5", "field 'mixed' is 5, wanted null or boolean or string");
    assertWrong(", \"place\": {\"city\": {}}", "field 'place.city' is an object, wanted string");
    assertWrong(", \"id\": " + "9".repeat(100), "9999...");
  }

  @Test
  void unknownAndMissingFields_areNamedWhereverTheyAre() {
    assertWrong(
        "{\"at\": 1, \"nope\": 1}",
        ErrorCode.EVENT_FIELD_UNKNOWN,
        "field 'nope' is not in the schema; its fields are at, id");
    assertWrong(
        "{\"at\": 1, \"place\": {\"zip\": 1}}",
        ErrorCode.EVENT_FIELD_MISSING,
        "field 'place.city' is missing");
  }

  @Test
  void notAnObject_isMalformed() {
    for (String json :
        List.of(
            "", " ", "[]", "7", "null", "{", "{\"at\": 1} x", "{\"at\": 1, \"at\": 2}", "{at}")) {
      assertWrong(json, ErrorCode.EVENT_MALFORMED, "Cannot accept an event of 'every_type'");
    }
    assertWrong("[".repeat(100_000), ErrorCode.EVENT_MALFORMED, "nesting");
  }

  private void assertWrong(String fields, String message) {
    assertWrong("{\"at\": 1" + fields + "}", ErrorCode.EVENT_FIELD_TYPE, message);
  }

  private void assertWrong(String json, ErrorCode code, String message) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> events.read(bytes(json)))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }
}
