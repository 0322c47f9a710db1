package dev.recount.event;

import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Events that tests use. */
final class TestingEvents {
  private TestingEvents() {}

  /** One with a field of each type. */
  static EventSchema everyType() {
    return read("schemas/event/src/test/resources/every_type.avsc");
  }

  /** The event that comes with Recount. */
  static EventSchema pageView() {
    return read("schemas/events/page_view.avsc");
  }

  private static EventSchema read(String file) {
    return EventSchema.read(Path.of(System.getProperty("recount.root"), file));
  }

  static GenericRecord full(EventSchema schema) {
    GenericData.Record record = new GenericData.Record(schema.avro());
    record.put("at", -62_135_596_800_000L);
    record.put("id", "ä\uD83D\uDE00");
    record.put("flag", true);
    record.put("small", Integer.MIN_VALUE);
    record.put("large", Long.MAX_VALUE);
    record.put("ratio", -0.5d);
    record.put("tags", List.of("a", "b"));
    record.put("counts", java.util.Map.of("x", 1));
    return record;
  }
}
