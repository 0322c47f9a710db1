package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class EventDeserializerTest {
  private final EventSchema schema =
      EventSchema.read(
          Path.of(
              System.getProperty("recount.root"),
              "schemas/event/src/test/resources/every_type.avsc"));
  private final EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());

  @Test
  void deserializer_isConfiguredByText() {
    GenericData.Record event = new GenericRecordBuilder(schema.avro()).set("at", 1L).build();
    byte[] bytes = codec.encode(event);
    try (EventDeserializer deserializer = new EventDeserializer()) {
      deserializer.configure(Map.of("recount.schema.json", schema.json()), false);

      assertThat(deserializer.deserialize("t", bytes)).isEqualTo(codec.decode(bytes));
      assertThat(deserializer.deserialize("t", null)).isNull();
      assertThatExceptionOfType(SerializationException.class)
          .isThrownBy(() -> deserializer.deserialize("t", new byte[3]))
          .withMessageContaining("3 bytes");
    }
  }
}
