package dev.recount.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericData;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class EventKeyTest {
  private static EventSchema schema(String id, String more) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "e", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "d"},
          {"name": "id", "type": %s, "recount": "event-id", "doc": "d"}%s]}"""
            .formatted(id, more),
        "e");
  }

  private static byte[] key(EventSchema schema, Object id, Object key) {
    GenericData.Record event = new GenericData.Record(schema.avro());
    event.put("id", id);
    if (key != null) {
      event.put("key", key);
    }
    return schema.key(event);
  }

  @Test
  void id_isTheKey_sameBytesHoweverItIsHeld() {
    EventSchema text = schema("[\"null\", \"string\"]", "");
    assertThat(key(text, "ä", null)).isEqualTo("ä".getBytes(StandardCharsets.UTF_8));
    assertThat(key(text, new Utf8("ä"), null)).isEqualTo(key(text, "ä", null));
    assertThat(key(text, null, null)).isNull();
    assertThat(key(schema("\"long\"", ""), 5L, null)).asString().isEqualTo("5");
    ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2});
    assertThat(key(schema("\"bytes\"", ""), bytes, null)).containsExactly(1, 2);
    assertThat(key(schema("\"bytes\"", ""), bytes, null)).containsExactly(1, 2);
  }

  @Test
  void keyFields_comeFirst() {
    EventSchema keyed =
        schema(
            "\"string\"",
            ", {\"name\": \"key\", \"type\": \"string\", \"recount\": \"key\", \"doc\": \"d\"}");
    assertThat(key(keyed, "id", "k")).asString().isEqualTo("k");
  }
}
