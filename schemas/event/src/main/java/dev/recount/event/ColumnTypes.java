package dev.recount.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Which logical types have a column of their own in both layers. Any other, such as time-millis or
 * uuid, is in both the type that it annotates.
 */
public final class ColumnTypes {
  private ColumnTypes() {}

  /** Whether both layers have a type of their own for it; also false for null. */
  public static boolean isColumn(LogicalType type) {
    return type instanceof LogicalTypes.Date
        || type instanceof LogicalTypes.TimestampMillis
        || type instanceof LogicalTypes.TimestampMicros
        || type instanceof LogicalTypes.LocalTimestampMillis
        || type instanceof LogicalTypes.LocalTimestampMicros
        || type instanceof LogicalTypes.Decimal;
  }

  /**
   * The same schema without the logical types that have no column, so that a file written with it
   * is read everywhere. Records of the one fit the other.
   *
   * @param schema not recursive
   */
  public static Schema of(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> record(schema);
      case ARRAY -> Schema.createArray(of(schema.getElementType()));
      case MAP -> Schema.createMap(of(schema.getValueType()));
      case UNION -> Schema.createUnion(schema.getTypes().stream().map(ColumnTypes::of).toList());
      case ENUM -> schema;
      case FIXED ->
          plain(
              schema,
              Schema.createFixed(
                  schema.getName(), schema.getDoc(), schema.getNamespace(), schema.getFixedSize()));
      default -> plain(schema, Schema.create(schema.getType()));
    };
  }

  private static Schema plain(Schema schema, Schema bare) {
    return isColumn(schema.getLogicalType()) ? schema.getLogicalType().addToSchema(bare) : bare;
  }

  private static Schema record(Schema schema) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      Schema.Field copy = new Schema.Field(field, of(field.schema()));
      fields.add(copy);
    }
    Schema record =
        Schema.createRecord(
            schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
    for (Map.Entry<String, Object> property : schema.getObjectProps().entrySet()) {
      record.addProp(property.getKey(), property.getValue());
    }
    return record;
  }
}
