package dev.recount.planner.row;

import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.WriterSchemas;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Events as Spark rows, in the order of the schema's fields. A decoder is made once a task; it is
 * not thread-safe and not serializable.
 */
public final class EventRows {
  private final EventCodec codec;
  private final List<AvroColumn> columns;

  /**
   * @param largestBytes a larger record is undecodable
   */
  public EventRows(EventSchema schema, WriterSchemas writers, int largestBytes) {
    this.codec = new EventCodec(schema, writers, largestBytes);
    this.columns =
        schema.avro().getFields().stream().map(Schema.Field::schema).map(AvroColumn::of).toList();
  }

  /**
   * The Spark type of an event's rows.
   *
   * @throws dev.recount.error.RecountException EVENT_SCHEMA_INVALID naming a field whose type has
   *     no column, such as a union of two types
   */
  public static StructType type(EventSchema schema) {
    return AvroColumn.rowType(schema.avro(), schema.name());
  }

  /**
   * Decodes a record as it is in the raw topic.
   *
   * @param arrivedMs when the broker took it
   * @throws dev.recount.error.RecountException EVENT_UNDECODABLE; what the writer schemas throw if
   *     they cannot be asked
   */
  public Row decode(byte[] bytes, long arrivedMs) {
    GenericRecord event = codec.decode(bytes, arrivedMs);
    Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = columns.get(i).toSpark(event.get(i));
    }
    return RowFactory.create(values);
  }

  /** Like the other {@code decode}, for some columns only, by their places. */
  public Object[] decode(byte[] bytes, long arrivedMs, List<Integer> indexes) {
    GenericRecord event = codec.decode(bytes, arrivedMs);
    return indexes.stream().map(i -> columns.get(i).toSpark(event.get(i))).toArray();
  }
}
