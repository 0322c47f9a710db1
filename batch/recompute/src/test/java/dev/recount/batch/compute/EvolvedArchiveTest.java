package dev.recount.batch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Evolution;
import dev.recount.event.WriterSchemas;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.planner.row.SparkSessions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of an old and a new schema read as one table, as the speed layer decodes the records. */
class EvolvedArchiveTest {
  private static final String TIME =
      """
      {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"}""";

  private static final EventSchema OLD =
      EventSchema.parse(
          "{\"type\": \"record\", \"name\": \"evolved\", \"fields\": ["
              + TIME
              + """
              , {"name": "gone", "type": "string", "doc": "d"},
              {"name": "small", "type": "int", "doc": "d"},
              {"name": "whole", "type": ["null", "long"], "default": null, "doc": "d"},
              {"name": "single", "type": "float", "doc": "d"},
              {"name": "text", "type": "string", "doc": "d"},
              {"name": "former", "type": "int", "doc": "d"},
              {"name": "colour", "type": {"type": "enum", "name": "colour_type", "symbols": ["RED"]}, "doc": "d"},
              {"name": "numbers", "type": {"type": "array", "items": "int"}, "doc": "d"},
              {"name": "counts", "type": {"type": "map", "values": "int"}, "doc": "d"},
              {"name": "place", "type": ["null", {"type": "record", "name": "place_type", "fields": [
                {"name": "city", "type": "string"}, {"name": "zip", "type": "int"}]}], "default": null, "doc": "d"},
              {"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "item_type", "fields": [
                {"name": "sku", "type": "string"}]}}, "doc": "d"}]}""",
          "old");

  private static final EventSchema NEW =
      EventSchema.parse(
          "{\"type\": \"record\", \"name\": \"evolved\", \"fields\": ["
              + """
              {"name": "unknown", "type": ["null", "string"], "default": null, "doc": "d"},
              {"name": "small", "type": "long", "doc": "d"},
              {"name": "whole", "type": ["null", "double"], "default": null, "doc": "d"},
              {"name": "single", "type": "double", "doc": "d"},
              {"name": "text", "type": "bytes", "doc": "d"},
              {"name": "renamed", "aliases": ["former"], "type": "double", "doc": "d"},
              {"name": "colour", "type": {"type": "enum", "name": "colour_type", "symbols": ["BLUE", "RED"]}, "doc": "d"},
              {"name": "numbers", "type": {"type": "array", "items": ["null", "double"]}, "doc": "d"},
              {"name": "counts", "type": {"type": "map", "values": "long"}, "doc": "d"},
              {"name": "place", "type": ["null", {"type": "record", "name": "place_type", "fields": [
                {"name": "country", "type": "string", "default": "DE"},
                {"name": "zip", "type": ["null", "long"]}, {"name": "city", "type": "string"}]}], "default": null, "doc": "d"},
              {"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "item_type", "fields": [
                {"name": "sku", "type": "string"}, {"name": "labels", "type": {"type": "map", "values": "int"}, "default": {"a": 1}}]}}, "doc": "d"},
              {"name": "priority", "type": "int", "default": 7, "doc": "d"},
              {"name": "tags", "type": {"type": "array", "items": "string"}, "default": ["x", "y"], "doc": "d"},
              {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}, "default": "\\u0001\\u0000", "doc": "d"},
              {"name": "day", "type": {"type": "int", "logicalType": "date"}, "default": 1, "doc": "d"},
              {"name": "shade", "type": "colour_type", "default": "BLUE", "doc": "d"},
              {"name": "spot", "type": {"type": "record", "name": "spot_type", "fields": [
                {"name": "x", "type": "double"}, {"name": "y", "type": ["null", "int"]}]}, "default": {"x": 0.5, "y": null}, "doc": "d"},
              """
              + TIME
              + "]}",
          "new");

  private static final List<String> OLD_EVENTS =
      List.of(
          """
          {"at": 0, "gone": "g", "small": -2147483648, "whole": 9007199254740993, "single": 0.1, "text": "ä", "former": 3,
           "colour": "RED", "numbers": [1, 2], "counts": {"b": 1, "a": 2147483647},
           "place": {"city": "Ulm", "zip": 89073}, "items": [{"sku": "s"}, {"sku": "t"}]}""",
          """
          {"at": 1, "gone": "", "small": 1, "whole": null, "single": -0.0, "text": "", "former": 0,
           "colour": "RED", "numbers": [], "counts": {}, "place": null, "items": []}""");

  private static final List<String> NEW_EVENTS =
      List.of(
          """
          {"at": 2, "unknown": "u", "small": 9223372036854775807, "whole": 0.5, "single": 0.1, "text": "/w==", "renamed": 0.5,
           "colour": "BLUE", "numbers": [null, 0.5], "counts": {"c": 9223372036854775807},
           "place": {"country": "FR", "zip": null, "city": "Metz"}, "items": [{"sku": "s", "labels": {}}],
           "priority": 1, "tags": [], "price": 9.99, "day": "2024-01-01", "shade": "RED", "spot": {"x": 1, "y": 2}}""");

  private static final WriterSchemas WRITERS =
      fingerprint ->
          Stream.of(OLD, NEW)
              .filter(s -> s.fingerprint() == fingerprint)
              .map(EventSchema::avro)
              .findFirst();

  @TempDir private static Path root;
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("evolved archive", 2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static List<byte[]> encoded(EventSchema schema, List<String> events) {
    JsonEvents door = new JsonEvents(schema);
    EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());
    return events.stream()
        .map(json -> codec.encode(door.read(json.getBytes(StandardCharsets.UTF_8))))
        .toList();
  }

  @Test
  void oldAndNewFiles_readAsTheSpeedLayerDecodesTheirRecords() throws Exception {
    assertThat(new Evolution(NEW, List.of(OLD)).problems()).isEmpty();
    List<byte[]> old = encoded(OLD, OLD_EVENTS);
    List<byte[]> mixed = Stream.concat(old.stream(), encoded(NEW, NEW_EVENTS).stream()).toList();
    // In a folder whose name would be a pattern.
    BothLayers layers = new BothLayers(spark, root.resolve("c:a[1]{b}*?"));
    layers.archive(OLD, WRITERS, old);
    layers.archive(NEW, WRITERS, mixed);
    layers.archive(OLD, WRITERS, old);
    List<byte[]> all = Stream.of(old, mixed, old).flatMap(List::stream).toList();

    List<String> batch = BothLayers.shown(layers.batch(NEW));
    assertThat(batch).hasSize(all.size());
    assertThat(batch).isEqualTo(BothLayers.shown(layers.speed(NEW, WRITERS, all)));
    assertThat(
            BothLayers.shown(
                layers
                    .batch(NEW)
                    .where("at = timestamp_millis(0) AND small < 0")
                    .selectExpr("priority", "unknown", "place.country", "items[1].labels['a']")))
        .hasSize(3)
        .allMatch(
            row ->
                row.equals(
                    "[priority=Integer 7, unknown=NULL, country=String DE, items[1].labels[a]="
                        + "Integer 1]"));
  }
}
