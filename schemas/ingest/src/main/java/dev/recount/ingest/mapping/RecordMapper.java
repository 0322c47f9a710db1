package dev.recount.ingest.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.FieldSource;
import dev.recount.ingest.value.JsonValues;
import dev.recount.ingest.weblog.Browsers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** Makes an event's fields out of a source's record, as a mapping says. Thread-safe. */
final class RecordMapper {
  private final Map<String, FieldMapper> fields = new LinkedHashMap<>();
  private final Map<String, RecordMapper> records = new LinkedHashMap<>();
  private final boolean isOptional;

  private RecordMapper(boolean isOptional) {
    this.isOptional = isOptional;
  }

  /**
   * @throws RecountException MAPPING_INVALID with all that is wrong
   */
  static RecordMapper of(
      ObjectNode map, EventSchema schema, RecordLayout layout, Browsers browsers) {
    Builder builder = new Builder(layout, browsers);
    RecordMapper mapper = builder.build(map, schema.avro(), "", false);
    if (!builder.problems.isEmpty()) {
      throw RecountException.of(
          ErrorCode.MAPPING_INVALID,
          "Cannot map to '%s': %s",
          schema.name(),
          String.join("\n  ", builder.problems));
    }
    return mapper;
  }

  /** Goes through a mapping and gathers what is wrong with it. */
  private static final class Builder {
    private final RecordLayout layout;
    private final Browsers browsers;
    private final List<String> problems = new ArrayList<>();

    Builder(RecordLayout layout, Browsers browsers) {
      this.layout = layout;
      this.browsers = browsers;
    }

    RecordMapper build(ObjectNode map, Schema record, String path, boolean isOptional) {
      RecordMapper mapper = new RecordMapper(isOptional);
      for (Map.Entry<String, JsonNode> entry : map.properties()) {
        Schema.Field field = record.getField(entry.getKey());
        if (field == null) {
          problems.add(
              "there is no field '" + path + entry.getKey() + "'; the fields are " + names(record));
        } else {
          add(mapper, field, entry.getValue(), path + entry.getKey());
        }
      }
      record.getFields().stream()
          .filter(field -> !map.has(field.name()) && !isOptional(field))
          .forEach(field -> problems.add(comesFromNowhere(path + field.name())));
      return mapper;
    }

    private void add(RecordMapper mapper, Schema.Field field, JsonNode said, String path) {
      Schema type = JsonValues.notNull(field.schema());
      if (type.getType() == Schema.Type.RECORD && said instanceof ObjectNode inner) {
        mapper.records.put(field.name(), build(inner, type, path + ".", isOptional(field)));
        return;
      }
      try {
        mapper.fields.put(
            field.name(),
            new FieldMapper(FieldSource.read(said), field.schema(), layout, browsers));
      } catch (IllegalArgumentException e) {
        problems.add("field '" + path + "': " + e.getMessage());
      }
    }

    private String comesFromNowhere(String path) {
      return "field '"
          + path
          + "' has no default and the mapping does not set it; write "
          + path
          + " = "
          + (layout.columns() == null
              ? "PATH"
              : "one of the columns " + String.join(", ", layout.columns()));
    }

    private static boolean isOptional(Schema.Field field) {
      return field.hasDefaultValue() || field.schema().isNullable();
    }

    private static String names(Schema record) {
      return record.getFields().stream().map(Schema.Field::name).collect(Collectors.joining(", "));
    }
  }

  /**
   * @throws RecountException the codes of {@link JsonEvents#read(JsonNode)}
   */
  GenericRecord read(JsonNode source, JsonEvents events) {
    if (source == null || !source.isObject()) {
      return events.read(source);
    }
    try {
      return events.read(map(source));
    } catch (FieldException e) {
      throw events.wrong(e);
    }
  }

  private ObjectNode map(JsonNode source) throws FieldException {
    ObjectNode target = JsonNodeFactory.instance.objectNode();
    boolean isFound = false;
    for (Map.Entry<String, FieldMapper> field : fields.entrySet()) {
      try {
        JsonNode value = field.getValue().value(source);
        if (!value.isMissingNode()) {
          target.set(field.getKey(), value);
          isFound |= field.getValue().isIn(source);
        }
      } catch (FieldException e) {
        throw e.inside(field.getKey());
      }
    }
    for (Map.Entry<String, RecordMapper> record : records.entrySet()) {
      try {
        ObjectNode value = record.getValue().map(source);
        if (value != null) {
          target.set(record.getKey(), value);
          isFound = true;
        }
      } catch (FieldException e) {
        throw e.inside(record.getKey());
      }
    }
    return isFound || !isOptional ? target : null;
  }
}
