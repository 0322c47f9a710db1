package dev.recount.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import dev.recount.ingest.weblog.Browsers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What is said of records that are refused: a sentence for whoever sent them. */
class RejectionWordsTest {
  /** Names of code and of a parser's options, identity hashes, and what no terminal shows. */
  private static final Pattern NOT_FOR_USERS =
      Pattern.compile(
          "\\w+Exception|\\w+Error|Feature|\\bjava\\.|\\bcom\\.|\\borg\\.|[a-z]+[A-Z][a-z]+[A-Z]\\w*|"
              + "@[0-9a-f]{5,}|`[A-Z]|Input length|\\bJsonNode|Source:|\\[L|[\\p{Cntrl}&&[^\\n]]|[\\p{Cs}\\p{Cf}]|\\bnull$|"
              + "START_|VALUE_|token \\(");

  private static final EventSchema SCHEMA = TestingEvents.everyType();

  private static final List<String> BAD_JSON =
      List.of(
          "",
          " ",
          "x",
          "{",
          "}",
          "[",
          "]",
          "[]",
          "7",
          "\"a\"",
          "null",
          "nul",
          "{at}",
          "{'at': 1}",
          "{\"at\" 1}",
          "{\"at\": }",
          "{\"at\": 1,}",
          "{\"at\": 1 \"id\": 2}",
          "{\"at\": 01}",
          "{\"at\": -01}",
          "{\"at\": +1}",
          "{\"at\": .5}",
          "{\"at\": 1.}",
          "{\"at\": 1e}",
          "{\"at\": 0x10}",
          "{\"at\": -}",
          "{\"at\": 1} x",
          "{\"at\": 1} {\"at\": 2}",
          "{\"at\": 1, \"at\": 2}",
          "{\"at\": 1, \"ratio\": NaN}",
          "{\"at\": 1, \"ratio\": -Infinity}",
          "{\"at\": 1, \"ratio\": Infinity}",
          "{\"at\": 1, \"ratio\": +Infinity}",
          "{\"at\": 1, \"ratio\": \"nan\"}",
          "{\"at\": 1, \"small\": \"NaN\"}",
          "{\"at\": 1, \"id\": \"a\tb\"}",
          "{\"at\": 1, \"id\": \"a\u0000b\"}",
          "{\"at\": 1, \"id\": \"a\\qb\"}",
          "{\"at\": 1, \"id\": \"a\\u12\"}",
          "{\"at\": 1, \"id\": \"\\ud800\"}",
          "{\"at\": 1, \"id\": \"\\udc00\\ud800\"}",
          "{\"at\": 1, \"id\": \"open}",
          "{\"at\": 1, // c\n}",
          "{\"at\": 1, /* c */ \"id\": 1}",
          "\u0000",
          "\u0000\u0000{\"at\": 1}",
          "{\"at\": True}",
          "{\"at\": None}",
          "{\"at\": undefined}",
          "{\"at\": 1, \"id\": 5}",
          "{\"at\": \"\\u0000\\u001b[31m\"}",
          "{\"a\\u0000\\u202Eb\": 1, \"at\": 1}",
          "{\"at\": 1, \"" + "n".repeat(60_000) + "\": 1}",
          "{\"at\": " + "9".repeat(2_000) + "}",
          "{\"at\": 1, \"id\": " + "[".repeat(2_000) + "}",
          "[".repeat(5_000),
          "{\"a\":".repeat(5_000),
          "{\"at\": 1, \"price\": \"1e5000\"}",
          "{\"at\": 1, \"price\": 12345.678}",
          "{\"at\": 1, \"day\": \"2024-02-30\"}",
          "{\"at\": 1, \"micros\": \"noon\"}",
          "{\"at\": 1, \"raw\": \"?\"}",
          "{\"at\": 1, \"hash\": \"AAAA\"}",
          "{\"at\": 1, \"tags\": 5}",
          "{\"at\": 1, \"tags\": [1]}",
          "{\"at\": 1, \"counts\": {\"k\\n\\u0007\": true}}",
          "{\"at\": 1, \"counts\": {\"\\ud800\": 1}}",
          "{\"at\": 1, \"place\": {\"zip\": 1}}",
          "{\"at\": 1, \"place\": []}",
          "{\"at\": 1, \"mixed\": 5}",
          "{\"at\": 1, \"colour\": \"PINK\"}",
          "{\"at\": 99999999999999999}",
          "{\"at\": 1, \"day\": 99999999}",
          "<at>1</at>",
          "at=1",
          "\\");

  private static void assertPlain(Function<byte[], GenericRecord> reader, byte[] record) {
    try {
      reader.apply(record);
    } catch (RecountException e) {
      assertThat(e.getMessage()).startsWith("Cannot ").doesNotContainPattern(NOT_FOR_USERS);
      assertThat(e.getMessage()).matches("(?s)Cannot [a-z]+ .+: .+");
      assertThat(e.getMessage()).hasSizeLessThan(2_000);
    }
  }

  private static void assertRefused(Function<byte[], GenericRecord> reader, byte[] record) {
    assertPlain(reader, record);
    assertThat(isRefused(reader, record)).isTrue();
  }

  private static boolean isRefused(Function<byte[], GenericRecord> reader, byte[] record) {
    try {
      reader.apply(record);
      return false;
    } catch (RecountException e) {
      return true;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void badJson_isRefusedInPlainWords() {
    JsonEvents events = new JsonEvents(SCHEMA);
    BAD_JSON.forEach(json -> assertRefused(events::read, utf8(json)));
    for (int[] bytes :
        new int[][] {{0xFF}, {0xC0, 0x80}, {0xED, 0xA0, 0x80}, {0xF5, 0x80, 0x80, 0x80}}) {
      ByteArrayOutputStream record = new ByteArrayOutputStream();
      record.writeBytes(utf8("{\"at\": 1, \"id\": \""));
      for (int b : bytes) {
        record.write(b);
      }
      record.writeBytes(utf8("\"}"));
      assertRefused(events::read, record.toByteArray());
    }
  }

  @Test
  void damagedJson_isRefusedInPlainWords() {
    JsonEvents events = new JsonEvents(SCHEMA);
    byte[] good =
        utf8(
            """
            {"at": "2024-05-17T10:00:00Z", "id": "ä\\u00e9", "small": -1.0, "tags": ["a", null], "counts": {"k": 1e3}}""");
    Random random = new Random(7);
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = good.clone();
      for (int n = 0; n <= i % 3; n++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      assertPlain(events::read, bytes);
    }
  }

  @Test
  void badSchemasAndMappings_areRefusedInPlainWords() {
    for (String schema :
        List.of(
            "",
            "{",
            "{\"type\": \"record\", }",
            "[".repeat(5_000),
            "\u0000",
            "{\n\"type\": x}",
            "7")) {
      assertRefused(
          json -> {
            EventSchema.parse(new String(json, StandardCharsets.UTF_8), "s.avsc");
            return null;
          },
          utf8(schema));
    }
    for (String map :
        List.of(
            "at { from = at, tme = \"iso\" }",
            "at { from = [1] }",
            "at { from = at, values = 5 }",
            "at { from = at, time = \"yyyy-QQQQQQQ\" }",
            "at { from = at, zone = \"Mars/Base\" }",
            "at = 5",
            "at { }",
            "nope = x",
            "at { from = at, zone = {} }",
            "at = [a]")) {
      assertRefused(
          text -> {
            try {
              RecordReaders.of(
                  RecordLayout.of(RecordFormat.NDJSON)
                      .withMap(FieldMap.parse(new String(text, StandardCharsets.UTF_8))),
                  SCHEMA,
                  new Browsers());
              return null;
            } catch (java.io.IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          },
          utf8(map));
    }
  }

  @Test
  void badCsv_isRefusedInPlainWords() {
    Function<byte[], GenericRecord> csv =
        RecordReaders.of(
            RecordLayout.of(RecordFormat.CSV).withColumns(List.of("at", "id", "small", "price")),
            SCHEMA,
            new Browsers());
    List<String> rows =
        List.of(
            "",
            ",",
            "1,2,3,4,5",
            "x,,1,",
            "\"1,a,1,1",
            "1,\"a\"b,1,1",
            "1,a\rb,1,1",
            "1,a,1e9999999999,",
            "1,a,0x10,",
            "1,a,2147483648,",
            "1,a,1.5,",
            "1,a,--1,",
            "20240517,a,1,",
            "2024-05-17,a,1,",
            "1,a,1,1.234",
            "1,a,1,99999",
            "1,a,NaN,",
            "1,a,1,NaN",
            "1,a,\u0000,",
            "1,a,1 000,",
            "1,a,1_000,");
    rows.forEach(row -> assertRefused(csv, utf8(row)));
  }

  @Test
  void damagedAvro_isRefusedInPlainWords() {
    EventCodec codec = new EventCodec(SCHEMA, fingerprint -> Optional.empty());
    byte[] good =
        codec.encode(
            new JsonEvents(SCHEMA)
                .read(
                    utf8(
                        """
                        {"at": 1, "id": "äöü", "tags": ["a"], "counts": {"k": 1}, "price": 1.5, "colour": "RED", "place": {"city": "Ulm"}}""")));
    Random random = new Random(7);
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = good.clone();
      bytes[10 + random.nextInt(bytes.length - 10)] = (byte) random.nextInt();
      all.add(bytes);
    }
    all.forEach(bytes -> assertPlain(codec::decode, bytes));
  }
}
