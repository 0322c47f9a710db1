package dev.recount.contract.event;

import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Events that tests use. */
public final class TestingEvents {
  private static final String EVERY_TYPE =
      """
      {"type": "record", "name": "every_type", "fields": [
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
        {"name": "id", "type": ["null", "string"], "default": null, "doc": "d", "recount": "event-id"},
        {"name": "flag", "type": "boolean", "default": false, "doc": "d"},
        {"name": "small", "type": "int", "default": 7, "doc": "d"},
        {"name": "large", "type": ["null", "long"], "default": null, "doc": "d"},
        {"name": "ratio", "type": ["null", "double"], "default": null, "doc": "d"},
        {"name": "single", "type": ["null", "float"], "default": null, "doc": "d"},
        {"name": "raw", "type": ["null", "bytes"], "default": null, "doc": "d"},
        {"name": "hash", "type": ["null", {"type": "fixed", "name": "hash_type", "size": 2}], "default": null, "doc": "d"},
        {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}], "default": null, "doc": "d"},
        {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null, "doc": "d"},
        {"name": "micros", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}], "default": null, "doc": "d"},
        {"name": "colour", "type": ["null", {"type": "enum", "name": "colour_type", "symbols": ["RED", "BLUE"]}], "default": null, "doc": "d"},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": [], "doc": "d"},
        {"name": "counts", "type": {"type": "map", "values": "int"}, "default": {}, "doc": "d"},
        {"name": "mixed", "type": ["null", "boolean", "string"], "default": null, "doc": "d"},
        {"name": "place", "type": ["null", {"type": "record", "name": "place_type", "fields": [
          {"name": "city", "type": "string"}, {"name": "zip", "type": ["null", "int"]}]}], "default": null, "doc": "d"}
      ]}""";

  private TestingEvents() {}

  public static EventSchema everyType() {
    return EventSchema.parse(EVERY_TYPE, "every_type");
  }

  /** The event that comes with Recount. */
  public static EventSchema pageView() {
    return EventSchema.read(
        Path.of(System.getProperty("recount.root"), "schemas/events/page_view.avsc"));
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
