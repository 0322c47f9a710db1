package dev.recount.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records whose lengths and depths claim more than there is. */
class HostileRecordTest {
  private static final String AT =
      """
      {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"}""";
  private static final EventSchema WITHOUT =
      EventSchema.parse(
          "{\"type\": \"record\", \"name\": \"e\", \"fields\": [" + AT + "]}", "without");

  private static EventSchema with(String type) {
    return EventSchema.parse(
        "{\"type\": \"record\", \"name\": \"e\", \"fields\": ["
            + AT
            + ", {\"name\": \"x\", \"doc\": \"d\", \"type\": "
            + type
            + "}]}",
        "with");
  }

  private static byte[] record(EventSchema schema, long... body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0xC3);
    bytes.write(0x01);
    ByteBuffer fingerprint = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.writeBytes(fingerprint.putLong(schema.fingerprint()).array());
    bytes.writeBytes(longs(LongStream.concat(LongStream.of(5), LongStream.of(body)).toArray()));
    return bytes.toByteArray();
  }

  private static byte[] longs(long... values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    try {
      for (long value : values) {
        encoder.writeLong(value);
      }
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"string\" | 2147483639",
        "\"string\" | 9223372036854775807",
        "\"string\" | -5",
        "\"bytes\" | 2147483639",
        "\"bytes\" | -1",
        "{\"type\": \"fixed\", \"name\": \"f\", \"size\": 1000000000} | 1",
        "{\"type\": \"array\", \"items\": \"int\"} | 2147483639",
        "{\"type\": \"array\", \"items\": \"int\"} | 9223372036854775807",
        "{\"type\": \"array\", \"items\": \"int\"} | -2147483639 1",
        "{\"type\": \"array\", \"items\": \"int\"} | -9223372036854775808 1",
        "{\"type\": \"array\", \"items\": \"int\"} | -1 2147483639 7 0",
        "{\"type\": \"array\", \"items\": \"int\"} | -1 -9 7 0",
        "{\"type\": \"array\", \"items\": \"null\"} | 2147483639",
        "{\"type\": \"array\", \"items\": \"null\"} | 9223372036854775807",
        "{\"type\": \"array\", \"items\": \"null\"} | 1000000 1000000 1000000 1000000 0",
        "{\"type\": \"array\", \"items\": {\"type\": \"array\", \"items\": \"int\"}} | 2 2147483639",
        "{\"type\": \"array\", \"items\": {\"type\": \"record\", \"name\": \"r\", \"fields\": []}} | 2147483639",
        "{\"type\": \"map\", \"values\": \"null\"} | 2147483639",
        "{\"type\": \"map\", \"values\": \"int\"} | 1 2147483639",
        "[\"null\", \"string\"] | 1 2147483639",
        "[\"null\", \"string\"] | 7",
        "[\"null\", \"string\"] | -1",
        "{\"type\": \"enum\", \"name\": \"c\", \"symbols\": [\"A\"]} | 9",
        "\"int\" | 9223372036854775807",
      })
  void claimsOfMoreThanThereIs_areUndecodableAtNoCost(String type, String values) {
    EventSchema schema = with(type);
    byte[] bytes =
        record(
            schema,
            java.util.Arrays.stream(values.split(" ")).mapToLong(Long::parseLong).toArray());
    EventCodec reading = new EventCodec(schema, fingerprint -> Optional.empty());
    EventCodec skipping = new EventCodec(WITHOUT, fingerprint -> Optional.of(schema.avro()));

    assertUndecodableCheaply(reading, bytes);
    if (!type.contains("enum")) {
      assertUndecodableCheaply(skipping, bytes);
    }
  }

  private static void assertUndecodableCheaply(EventCodec codec, byte[] bytes) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> codec.decode(bytes))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNDECODABLE));
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L * 1024 * 1024);
  }

  @Test
  void lengths_areNamedWithWhatIsThere() {
    EventSchema schema = with("\"string\"");
    EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> codec.decode(record(schema, 2_147_483_639, 1, 1)))
        .withMessage(
            "Cannot decode a record of event 'e': a text should have 2147483639 bytes, but only 2"
                + " are left");
  }

  @Test
  void itemsWithoutBytes_andDefaultsOfManyItems_areReadWithinProportion() throws Exception {
    Schema nulls = with("{\"type\": \"array\", \"items\": \"null\"}").avro();
    byte[] some = longs(5, 1_000, 0);
    RecordDecoder decoder = new RecordDecoder(nulls, nulls);
    decoder.start(some, 0, some.length);
    assertThat((java.util.List<?>) decoder.next().get("x")).hasSize(1_000);
    assertThat(decoder.isEnd()).isTrue();

    // A million items of a byte each would become a million times this default.
    Schema then =
        with("{\"type\": \"array\", \"items\": {\"type\": \"record\", \"name\": \"r\", \"fields\":"
                + " [{\"name\": \"a\", \"type\": \"int\"}]}}")
            .avro();
    Schema now =
        with("{\"type\": \"array\", \"items\": {\"type\": \"record\", \"name\": \"r\", \"fields\":"
                + " [{\"name\": \"a\", \"type\": \"int\"}, {\"name\": \"b\", \"type\": \"string\","
                + " \"default\": \""
                + "x".repeat(10_000)
                + "\"}]}}")
            .avro();
    long[] body = new long[100_003];
    body[1] = 100_000;
    byte[] many = longs(body);
    RecordDecoder evolved = new RecordDecoder(then, now);
    evolved.start(many, 0, many.length);
    assertThatExceptionOfType(RecordDecoder.BadRecordException.class)
        .isThrownBy(evolved::next)
        .withMessageContaining("far more than its bytes");
  }

  @Test
  void depth_isBounded_andASchemaThatContainsItselfIsRefused() {
    String list =
        "{\"type\": \"record\", \"name\": \"l\", \"fields\": [{\"name\": \"next\", \"doc\": \"d\","
            + " \"type\": [\"null\", \"l\"], \"default\": null}]}";
    Schema recursive = new Schema.Parser().parse(list);
    long[] ones = LongStream.generate(() -> 1).limit(1_000_000).toArray();
    byte[] bytes = longs(ones);
    RecordDecoder decoder = new RecordDecoder(recursive, recursive);
    decoder.start(bytes, 0, bytes.length);
    assertThatExceptionOfType(RecordDecoder.BadRecordException.class)
        .isThrownBy(decoder::next)
        .withMessageContaining("nested deeper than 256 levels");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> with(list))
        .withMessageContaining("the record 'l' contains itself")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_SCHEMA_INVALID));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () ->
                with(
                    "{\"type\": \"record\", \"name\": \"a\", \"fields\": [{\"name\": \"b\", \"type\":"
                        + " {\"type\": \"array\", \"items\": {\"type\": \"map\", \"values\": \"a\"}}}]}"))
        .withMessageContaining("contains itself");
  }

  @Test
  void oneRecordTypeInTwoPlaces_isNotRecursive() {
    assertThat(
            with("{\"type\": \"record\", \"name\": \"pair\", \"fields\": [{\"name\": \"a\", \"type\":"
                    + " {\"type\": \"record\", \"name\": \"p\", \"fields\": [{\"name\": \"v\","
                    + " \"type\": \"int\"}]}}, {\"name\": \"b\", \"type\": \"p\"}]}")
                .name())
        .isEqualTo("e");
  }

  @Test
  void goodRecords_areReadAsAvroReadsThem_alsoInBlocksWithSizes() throws Exception {
    Schema schema = TestingEvents.everyType().avro();
    RecordDecoder decoder = new RecordDecoder(schema, schema);
    for (Object random : new RandomData(schema, 300, 7)) {
      for (boolean isBlocked : new boolean[] {false, true}) {
        byte[] bytes = encoded(schema, random, isBlocked);
        decoder.start(bytes, 0, bytes.length);
        assertThat(decoder.next()).isEqualTo(read(schema, bytes));
        assertThat(decoder.isEnd()).isTrue();
      }
    }
  }

  @Test
  void damagedRecords_areReadAsAvroReadsThem_orRefused() throws Exception {
    Schema schema = TestingEvents.everyType().avro();
    RecordDecoder decoder = new RecordDecoder(schema, schema);
    Random random = new Random(7);
    int read = 0;
    for (Object record : new RandomData(schema, 300, 7)) {
      byte[] bytes = encoded(schema, record, random.nextBoolean());
      for (int i = 0; i < 20; i++) {
        byte[] damaged = bytes.clone();
        // Small values, so that Avro's own reader does not take gigabytes.
        damaged[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
        decoder.start(damaged, 0, damaged.length);
        GenericRecord found;
        try {
          found = decoder.next();
        } catch (RecordDecoder.BadRecordException e) {
          continue;
        }
        read++;
        assertThat(found).isEqualTo(read(schema, damaged));
      }
    }
    assertThat(read).isGreaterThan(500);
  }

  private static byte[] encoded(Schema schema, Object record, boolean isBlocked)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder =
        isBlocked
            ? new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(bytes, null)
            : EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<>(schema).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static GenericRecord read(Schema schema, byte[] bytes) throws IOException {
    return new GenericDatumReader<GenericRecord>(schema)
        .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
  }

  @Test
  void textsThatAreNotUnicode_areRefusedOnBothSides_withTheirField() {
    EventSchema schema = TestingEvents.everyType();
    EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());
    GenericRecord event = filled(schema);
    byte[] good = codec.encode(event);

    event.put("id", "a\uD800");
    assertNotEncoded(codec, event, "field 'id' is a text with half of a surrogate pair, \\ud800");
    event.put("id", new StringBuilder("\uDE00\uD83D"));
    assertNotEncoded(codec, event, "field 'id' is a text with half of a surrogate pair, \\ude00");
    event.put("id", new org.apache.avro.util.Utf8(new byte[] {'a', (byte) 0xED, (byte) 0xA0, 'b'}));
    assertNotEncoded(codec, event, "field 'id' is a text that is not UTF-8");
    event.put("id", "\uD83D\uDE00 \u0000 \uFFFD \uFFFF");
    assertThat(codec.decode(codec.encode(event)).get("id"))
        .hasToString("\uD83D\uDE00 \u0000 \uFFFD \uFFFF");
    event.put("counts", java.util.Map.of("k\uD800", 1));
    assertNotEncoded(codec, event, "field 'counts' has a key that is a text with half");
    event.put("counts", java.util.Map.of());
    event.put("tags", java.util.List.of("a", "\uDC00"));
    assertNotEncoded(codec, event, "field 'tags[1]' is a text with half");

    for (int[] wrong : new int[][] {{0xC0, 0x80}, {0xED, 0xA0}, {0xFF, 0xFE}, {0xC3, 0x28}}) {
      byte[] bytes = good.clone();
      // The id is an a-umlaut of two bytes, and an emoji.
      int at =
          new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1)
              .indexOf("\u00C3\u00A4\u00F0");
      bytes[at] = (byte) wrong[0];
      bytes[at + 1] = (byte) wrong[1];
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> codec.decode(bytes))
          .withMessageContaining("field 'id' is a text that is not UTF-8")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNDECODABLE));
    }
  }

  private static GenericRecord filled(EventSchema schema) {
    GenericRecord record = TestingEvents.full(schema);
    schema.avro().getFields().stream()
        .filter(f -> record.get(f.pos()) == null && f.hasDefaultValue())
        .forEach(f -> record.put(f.pos(), GenericData.get().getDefaultValue(f)));
    return record;
  }

  private static void assertNotEncoded(EventCodec codec, GenericRecord event, String message) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> codec.encode(event))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_FIELD_TYPE));
  }
}
