package dev.recount.batch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.SparkSessions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every Avro type that has a column, from JSON to both layers. */
class EventTypesTest {
  private static final EventSchema SCHEMA =
      EventSchema.parse(
          """
          {"type": "record", "name": "all_types", "namespace": "t", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "flag", "type": ["null", "boolean"], "default": null, "doc": "d"},
            {"name": "small", "type": "int", "doc": "d", "default": 0},
            {"name": "large", "type": ["null", "long"], "default": null, "doc": "d"},
            {"name": "single", "type": ["null", "float"], "default": null, "doc": "d"},
            {"name": "ratio", "type": ["null", "double"], "default": null, "doc": "d"},
            {"name": "text", "type": ["null", "string"], "default": null, "doc": "d"},
            {"name": "raw", "type": ["null", "bytes"], "default": null, "doc": "d"},
            {"name": "hash", "type": ["null", {"type": "fixed", "name": "hash_type", "size": 4}], "default": null, "doc": "d"},
            {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}], "default": null, "doc": "d"},
            {"name": "clock", "type": ["null", {"type": "int", "logicalType": "time-millis"}], "default": null, "doc": "d"},
            {"name": "clock_micros", "type": ["null", {"type": "long", "logicalType": "time-micros"}], "default": null, "doc": "d"},
            {"name": "micros", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}], "default": null, "doc": "d"},
            {"name": "nanos", "type": ["null", {"type": "long", "logicalType": "timestamp-nanos"}], "default": null, "doc": "d"},
            {"name": "local_millis", "type": ["null", {"type": "long", "logicalType": "local-timestamp-millis"}], "default": null, "doc": "d"},
            {"name": "local_micros", "type": ["null", {"type": "long", "logicalType": "local-timestamp-micros"}], "default": null, "doc": "d"},
            {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}], "default": null, "doc": "d"},
            {"name": "small_price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 0}], "default": null, "doc": "d"},
            {"name": "huge", "type": ["null", {"type": "fixed", "name": "huge_type", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 10}], "default": null, "doc": "d"},
            {"name": "uuid", "type": ["null", {"type": "string", "logicalType": "uuid"}], "default": null, "doc": "d"},
            {"name": "raw_uuid", "type": ["null", {"type": "fixed", "name": "uuid_type", "size": 16, "logicalType": "uuid"}], "default": null, "doc": "d"},
            {"name": "colour", "type": ["null", {"type": "enum", "name": "colour_type", "symbols": ["RED", "BLUE"]}], "default": null, "doc": "d"},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": [], "doc": "d"},
            {"name": "holes", "type": ["null", {"type": "array", "items": ["null", "long"]}], "default": null, "doc": "d"},
            {"name": "days", "type": ["null", {"type": "array", "items": {"type": "int", "logicalType": "date"}}], "default": null, "doc": "d"},
            {"name": "counts", "type": {"type": "map", "values": "int"}, "default": {}, "doc": "d"},
            {"name": "prices", "type": ["null", {"type": "map", "values": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 3}]}], "default": null, "doc": "d"},
            {"name": "place", "type": ["null", {"type": "record", "name": "place_type", "fields": [
              {"name": "city", "type": "string"},
              {"name": "zip", "type": ["null", "int"], "default": null},
              {"name": "spot", "type": ["null", {"type": "record", "name": "spot_type", "fields": [
                {"name": "x", "type": ["null", "double"], "default": null},
                {"name": "seen", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}], "default": null}]}], "default": null, "doc": "d"},
            {"name": "items", "type": ["null", {"type": "array", "items": {"type": "record", "name": "item_type", "fields": [
              {"name": "sku", "type": "string"}, {"name": "labels", "type": {"type": "map", "values": "string"}}]}}], "default": null, "doc": "d"}
          ]}""",
          "all_types");

  private static final List<String> EVENTS =
      List.of(
          "{\"at\": 0}",
          """
          {"at": "0001-01-01T00:00:00Z", "flag": false, "small": -2147483648, "large": -9223372036854775808,
           "single": -3.4028235e38, "ratio": 4.9e-324, "text": "", "raw": "", "hash": "AAAAAA==",
           "day": "0001-01-01", "clock": "00:00:00", "clock_micros": "00:00:00.000001",
           "micros": "0001-01-01T00:00:00Z", "nanos": -9223372036854775808,
           "local_millis": "0001-01-01T00:00:00", "local_micros": "1582-10-10T00:00:00.000001",
           "price": -99999999.99, "small_price": -99999, "huge": "-9999999999999999999999999999.9999999999",
           "uuid": "00000000-0000-0000-0000-000000000000", "raw_uuid": "AAAAAAAAAAAAAAAAAAAAAA==",
           "colour": "RED", "tags": [], "holes": [], "days": [], "counts": {}, "prices": {},
           "place": {"city": ""}, "items": []}""",
          """
          {"at": "9999-12-31T23:59:59.999Z", "flag": true, "small": 2147483647, "large": 9223372036854775807,
           "single": 1.4e-45, "ratio": 1.7976931348623157e308, "text": "\\u0000 ä \\ud83d\\ude00", "raw": "/wA=",
           "hash": "/////w==", "day": "9999-12-31", "clock": "23:59:59.999", "clock_micros": "23:59:59.999999",
           "micros": "9999-12-31T23:59:59.999999Z", "nanos": 9223372036854775807,
           "local_millis": "9999-12-31T23:59:59.999", "local_micros": "9999-12-31T23:59:59.999999",
           "price": 99999999.99, "small_price": 99999, "huge": "9999999999999999999999999999.9999999999",
           "uuid": "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "raw_uuid": "/////////////////////w==",
           "colour": "BLUE", "tags": ["", "a", "a"], "holes": [null, 1, null], "days": ["1969-12-31", "1500-02-28"],
           "counts": {"z": 1, "a": 2, "m": 3, "": 4, "long enough to go to another bucket": 5},
           "prices": {"none": null, "some": 12345.678, "zero": 0},
           "place": {"city": "Ulm", "zip": 89073, "spot": {"x": -0.5, "seen": "2024-02-29T12:00:00+01:00"}},
           "items": [{"sku": "a", "labels": {}}, {"sku": "b", "labels": {"k": "v", "b": "w"}}]}""",
          """
          {"at": -1, "micros": -1, "day": -1, "local_millis": -1, "local_micros": -1, "price": "0.01",
           "place": {"city": "Bonn", "zip": null, "spot": {"x": null, "seen": -1}}, "holes": [null]}""");

  @TempDir private static Path root;
  private static SparkSession spark;
  private static Dataset<Row> batch;
  private static Dataset<Row> speed;

  @BeforeAll
  static void sendThroughBothLayers() throws Exception {
    spark = SparkSessions.local("event types", 2);
    JsonEvents door = new JsonEvents(SCHEMA);
    EventCodec codec = new EventCodec(SCHEMA, fingerprint -> Optional.empty());
    List<byte[]> records =
        EVENTS.stream()
            .map(json -> codec.encode(door.read(json.getBytes(StandardCharsets.UTF_8))))
            .toList();
    BothLayers layers = new BothLayers(spark, root);
    layers.archive(SCHEMA, fingerprint -> Optional.empty(), records);
    batch = layers.batch(SCHEMA);
    speed = layers.speed(SCHEMA, fingerprint -> Optional.empty(), records);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void types_areTheSame() {
    assertThat(nullable(batch.schema())).isEqualTo(nullable(speed.schema()));
    assertThat(nullable(speed.schema())).isEqualTo(nullable(EventRows.type(SCHEMA)));
  }

  private static StructType nullable(StructType type) {
    return type.asNullable();
  }

  @Test
  void values_areTheSame() {
    assertThat(BothLayers.shown(speed)).hasSize(EVENTS.size());
    for (String column : SCHEMA.avro().getFields().stream().map(f -> f.name()).toList()) {
      assertThat(BothLayers.shown(batch.select("at", column)))
          .as(column)
          .isEqualTo(BothLayers.shown(speed.select("at", column)));
    }
  }

  @Test
  void values_areThoseThatWereSent() {
    for (Dataset<Row> layer : List.of(batch, speed)) {
      assertThat(
              BothLayers.shown(
                  layer
                      .where("at > '2000-01-01'")
                      .selectExpr(
                          "date_format(at, 'yyyy-MM-dd HH:mm:ss.SSS') AS at",
                          "price",
                          "huge",
                          "uuid",
                          "cast(local_micros AS STRING) AS local",
                          "clock",
                          "holes",
                          "place.spot.x AS x",
                          "cast(place.spot.seen AS STRING) AS seen",
                          "items[1].labels['b'] AS label",
                          "prices['zero'] AS zero")))
          .containsExactly(
              "[at=String 9999-12-31 23:59:59.999, price=decimal 99999999.99, huge=decimal"
                  + " 9999999999999999999999999999.9999999999, uuid=String"
                  + " ffffffff-ffff-ffff-ffff-ffffffffffff, local=String 9999-12-31"
                  + " 23:59:59.999999, clock=Integer 86399999, holes=array[NULL, Long 1, NULL],"
                  + " x=Double -0.5, seen=String 2024-02-29 11:00:00, label=String w, zero=decimal"
                  + " 0.000]");
    }
  }
}
