package dev.recount.event;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Lets any Java producer write events: {@code value.serializer =
 * dev.recount.event.EventSerializer}, and the event's schema by {@value SchemaSetting#FILE} (a
 * path) or {@value SchemaSetting#JSON} (its text). The schema must have been applied ({@code
 * recount apply}) before the first record, or the layers reject what it writes.
 */
public final class EventSerializer implements Serializer<GenericRecord> {
  private EventCodec codec;

  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    codec = new EventCodec(SchemaSetting.read(settings), fingerprint -> Optional.empty());
  }

  /**
   * @throws SerializationException if the record does not fit the schema
   */
  @Override
  public byte[] serialize(String topic, GenericRecord event) {
    if (event == null) {
      return null;
    }
    if (codec == null) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot serialize an event: configure() was not called; %s",
          SchemaSetting.HOW);
    }
    synchronized (codec) {
      try {
        return codec.encode(event);
      } catch (RecountException e) {
        throw new SerializationException(e.getMessage(), e);
      }
    }
  }
}
