package dev.recount.event;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/**
 * The key of an event's record in its raw topic; records of one key are in one partition. It is
 * made of the event's key fields, so that what is of one key keeps its order; if there are none, it
 * is the event's id, so that the speed layer recognises copies. If there is no id either, the
 * producer fills a batch for one partition, then moves on to the next.
 */
final class EventKey {
  private static final String SEPARATOR = "\u001F";

  private EventKey() {}

  /** Null if the event has neither key fields nor an id. */
  static byte[] of(List<String> keyFields, Optional<String> idField, GenericRecord event) {
    if (!keyFields.isEmpty()) {
      return keyFields.stream()
          .map(field -> String.valueOf(event.get(field)))
          .collect(Collectors.joining(SEPARATOR))
          .getBytes(StandardCharsets.UTF_8);
    }
    return idField.map(event::get).map(EventKey::bytes).orElse(null);
  }

  private static byte[] bytes(Object id) {
    if (id instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    if (id instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return id.toString().getBytes(StandardCharsets.UTF_8);
  }
}
