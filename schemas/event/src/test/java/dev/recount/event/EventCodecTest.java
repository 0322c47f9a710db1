package dev.recount.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class EventCodecTest {
  private final EventSchema schema = TestingEvents.everyType();
  private final EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());

  private static GenericRecord filled(EventSchema schema) {
    GenericRecord record = TestingEvents.full(schema);
    schema.avro().getFields().stream()
        .filter(f -> record.get(f.pos()) == null && f.hasDefaultValue())
        .forEach(f -> record.put(f.pos(), GenericData.get().getDefaultValue(f)));
    return record;
  }

  @Test
  void decode_givesBackWhatWasEncoded() {
    GenericRecord decoded = codec.decode(codec.encode(filled(schema)));

    assertThat(decoded.get("at")).isEqualTo(-62_135_596_800_000L);
    assertThat(decoded.get("id")).hasToString("ä\uD83D\uDE00");
    assertThat(decoded.get("large")).isEqualTo(Long.MAX_VALUE);
    assertThat(decoded.toString()).isEqualTo(filled(schema).toString());
  }

  @Test
  void decode_everyTruncation_isUndecodable() {
    byte[] bytes = codec.encode(filled(schema));
    for (int length = 0; length < bytes.length; length++) {
      assertUndecodable(Arrays.copyOf(bytes, length));
    }
    assertUndecodable(Arrays.copyOf(bytes, bytes.length + 1));
    assertUndecodable(null);
  }

  @Test
  void decode_recordLargerThanAllowed_isUndecodable() {
    byte[] bytes = codec.encode(filled(schema));
    WriterSchemas none = fingerprint -> Optional.empty();
    assertThat(new EventCodec(schema, none, bytes.length).decode(bytes)).isNotNull();
    assertThatThrownBy(() -> new EventCodec(schema, none, bytes.length - 1).decode(bytes))
        .hasFieldOrPropertyWithValue("code", ErrorCode.EVENT_UNDECODABLE)
        .hasMessageContaining("it has " + bytes.length + " bytes, and events.max-size allows");
  }

  @Test
  void decode_randomAndDamagedBytes_throwsNothingButUndecodable() {
    Random random = new Random(42);
    byte[] good = codec.encode(filled(schema));
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        byte[] damaged = good.clone();
        damaged[random.nextInt(good.length)] = (byte) random.nextInt();
        bytes = i % 4 == 0 ? damaged : join(Arrays.copyOf(good, 10), bytes);
      }
      byte[] candidate = bytes;
      Throwable thrown = catchThrowable(() -> codec.decode(candidate));
      if (thrown != null) {
        assertThat(thrown).isInstanceOf(RecountException.class);
        assertThat(((RecountException) thrown).code()).isEqualTo(ErrorCode.EVENT_UNDECODABLE);
      }
    }
  }

  @Test
  void decode_textThatIsNotUtf8_isUndecodable() {
    byte[] bytes = codec.encode(filled(schema));
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\u00C3\u00A4\u00F0");
    bytes[at] = (byte) 0xFF;

    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> codec.decode(bytes))
        .withMessageContaining("not UTF-8");
  }

  @Test
  void decode_olderWriterSchema_isResolved() {
    EventSchema old =
        EventSchema.parse(
            """
            {"type": "record", "name": "every_type", "fields": [
              {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
              {"name": "gone", "type": "string", "doc": "d"}]}""",
            "old");
    GenericData.Record record = new GenericData.Record(old.avro());
    record.put("at", 5L);
    record.put("gone", "x");
    byte[] bytes = new EventCodec(old, fingerprint -> Optional.empty()).encode(record);
    Map<Long, Schema> known = new HashMap<>();
    known.put(old.fingerprint(), old.avro());

    GenericRecord decoded =
        new EventCodec(schema, f -> Optional.ofNullable(known.get(f))).decode(bytes);

    assertThat(decoded.get("at")).isEqualTo(5L);
    assertThat(decoded.get("small")).isEqualTo(7);
  }

  @Test
  void decode_recordThatArrivedBeforeItsSchemaWasRegistered_isUndecodable() {
    WriterSchemas registeredAt100 =
        new WriterSchemas() {
          @Override
          public Optional<Schema> find(long fingerprint) {
            return Optional.of(schema.avro());
          }

          @Override
          public long registeredMs(long fingerprint) {
            return 100;
          }
        };
    EventCodec reader = new EventCodec(schema, registeredAt100);
    byte[] bytes = codec.encode(filled(schema));

    assertThat(reader.decode(bytes, 100)).isEqualTo(codec.decode(bytes));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> reader.decode(bytes, 99))
        .withMessageContaining("was registered at 1970-01-01T00:00:00.100Z, after it had arrived")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNDECODABLE));
    assertThat(reader.decode(bytes)).isEqualTo(codec.decode(bytes));
  }

  @Test
  void decode_unregisteredSchema_asksOnceForManyRecords() {
    AtomicInteger asked = new AtomicInteger();
    EventCodec asking =
        new EventCodec(
            schema,
            fingerprint -> {
              asked.incrementAndGet();
              return Optional.empty();
            });
    byte[] bytes = codec.encode(filled(schema));
    bytes[5]++;

    for (int i = 0; i < 100; i++) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> asking.decode(bytes))
          .withMessageContaining("is not registered");
    }
    assertThat(asked.get()).isLessThan(100);
  }

  @Test
  void encode_recordThatDoesNotFit_isAnError() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> codec.encode(new GenericData.Record(schema.avro())))
        .withMessageContaining("does not fit the schema");
  }

  @Test
  void serializer_isConfiguredByNameOfFileOrText() {
    try (EventSerializer serializer = new EventSerializer()) {
      serializer.configure(Map.of("recount.schema.json", schema.json()), false);

      assertThat(serializer.serialize("t", filled(schema))).isEqualTo(codec.encode(filled(schema)));
      assertThat(serializer.serialize("t", null)).isNull();
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> serializer.configure(Map.of(), false))
          .withMessageContaining("recount.schema.file");
    }
  }

  private void assertUndecodable(byte[] bytes) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> codec.decode(bytes))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_UNDECODABLE));
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }
}
