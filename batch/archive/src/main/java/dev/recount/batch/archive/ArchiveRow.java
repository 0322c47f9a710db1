package dev.recount.batch.archive;

import dev.recount.event.ColumnTypes;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;

/**
 * A row of the archive: an event's fields, then where and when it arrived. One instance is used for
 * all rows of a file; nothing is copied.
 */
final class ArchiveRow implements IndexedRecord {
  private final Schema schema;
  private final int fields;
  private final Integer partition;
  private IndexedRecord event;
  private long offset;
  private long arrivedMs;

  /**
   * @param schema as made by {@link #schema(Schema)}
   */
  ArchiveRow(Schema schema, int partition) {
    this.schema = schema;
    this.fields = schema.getFields().size() - 3;
    this.partition = partition;
  }

  /** The schema of a row whose event has the given schema. */
  static Schema schema(Schema event) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : ColumnTypes.of(event).getFields()) {
      fields.add(new Schema.Field(field, field.schema()));
    }
    Schema arrivedAt = LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
    fields.add(
        new Schema.Field(
            ArchiveLayout.PARTITION, Schema.create(Schema.Type.INT), "Partition of the topic."));
    fields.add(
        new Schema.Field(
            ArchiveLayout.OFFSET, Schema.create(Schema.Type.LONG), "Offset in the partition."));
    fields.add(
        new Schema.Field(ArchiveLayout.ARRIVED_AT, arrivedAt, "When the broker took it, UTC."));
    return Schema.createRecord(
        event.getName(), event.getDoc(), event.getNamespace(), false, fields);
  }

  void set(GenericRecord event, long offset, long arrivedMs) {
    this.event = event;
    this.offset = offset;
    this.arrivedMs = arrivedMs;
  }

  @Override
  public Schema getSchema() {
    return schema;
  }

  @Override
  public Object get(int index) {
    if (index < fields) {
      return event.get(index);
    }
    return switch (index - fields) {
      case 0 -> partition;
      case 1 -> offset;
      default -> arrivedMs;
    };
  }

  @Override
  public void put(int index, Object value) {
    throw new UnsupportedOperationException("Cannot change a row of the archive");
  }
}
