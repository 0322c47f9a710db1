package dev.recount.planner.row;

import dev.recount.event.SchemaFields;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Reads rows that were archived with an earlier schema as rows of the current one, by Avro's rules
 * of schema resolution: as a decoder does it with the records, so that both layers see the same.
 * Spark itself gives NULL for what a file does not have, where Avro gives the field's default.
 *
 * @param current the event's schema
 * @param earlier what the rows are in, with all fields of the event at that time
 */
public record RowResolution(Schema current, Schema earlier) {

  /** The columns to read: those of the earlier schema that the current one still has. */
  public StructType type() {
    return columns(earlier);
  }

  private StructType columns(Schema schema) {
    List<Schema.Field> kept =
        current.getFields().stream()
            .map(field -> SchemaFields.earlier(field, schema))
            .flatMap(Optional::stream)
            .map(field -> new Schema.Field(field, field.schema()))
            .toList();
    Schema record = Schema.createRecord(current.getName(), null, null, false, kept);
    return AvroColumn.rowType(record, current.getName());
  }

  /**
   * The rows with the fields of the current schema, and after them the columns that are named.
   *
   * @param rows of {@link #type}, and whatever else
   */
  public Dataset<Row> apply(Dataset<Row> rows, List<String> others) {
    boolean isSame = columns(current).equals(columns(earlier));
    return rows.select(
        Stream.concat(
                current.getFields().stream()
                    .map(
                        field ->
                            isSame ? rows.col(field.name()) : field(field, earlier, rows::col)),
                others.stream().map(rows::col))
            .toArray(Column[]::new));
  }

  private interface Source {
    Column of(String name);
  }

  private static Column field(Schema.Field now, Schema then, Source source) {
    return SchemaFields.earlier(now, then)
        .map(old -> value(source.of(old.name()), now.schema(), old.schema()))
        .orElseGet(() -> ofDefault(now))
        .as(now.name());
  }

  private static Column value(Column source, Schema nowOrNull, Schema thenOrNull) {
    Schema now = SchemaFields.withoutNull(nowOrNull);
    Schema then = SchemaFields.withoutNull(thenOrNull);
    if (now.equals(then)) {
      return source;
    }
    return switch (now.getType()) {
      case RECORD -> record(source, now, then);
      case ARRAY ->
          functions.transform(
              source, item -> value(item, now.getElementType(), then.getElementType()));
      case MAP ->
          functions.transform_values(
              source, (key, item) -> value(item, now.getValueType(), then.getValueType()));
      default -> source.cast(AvroColumn.of(now).type());
    };
  }

  private static Column record(Column source, Schema now, Schema then) {
    Column[] fields =
        now.getFields().stream()
            .map(field -> field(field, then, source::getField))
            .toArray(Column[]::new);
    return functions.when(source.isNotNull(), functions.struct(fields));
  }

  private static Column ofDefault(Schema.Field field) {
    AvroColumn column = AvroColumn.of(field.schema());
    DataType type = column.type();
    Object value = column.toSpark(GenericData.get().getDefaultValue(field));
    return ExpressionUtils.column(
        new Literal(CatalystTypeConverters.createToCatalystConverter(type).apply(value), type));
  }
}
