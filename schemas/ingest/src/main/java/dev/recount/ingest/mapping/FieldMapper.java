package dev.recount.ingest.mapping;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.recount.error.ErrorCode;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.FieldSource;
import dev.recount.ingest.value.JsonNumbers;
import dev.recount.ingest.value.JsonValues;
import dev.recount.ingest.value.Mismatch;
import dev.recount.ingest.value.RowJson;
import dev.recount.ingest.value.TimeForm;
import dev.recount.ingest.weblog.Browsers;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** Makes one field of an event out of a source's record. */
final class FieldMapper {
  /** What is joined, or derived from, is a text. */
  private static final Schema TEXT = Schema.create(Schema.Type.STRING);

  private final FieldSource source;
  private final List<JsonPointer> pointers;
  private final Derivation derivation;
  private final Browsers browsers;
  private final Schema type;
  private final TimeForm time;
  private final boolean isOfRows;

  /**
   * @throws IllegalArgumentException saying what does not fit the field or the layout
   */
  FieldMapper(FieldSource source, Schema field, RecordLayout layout, Browsers browsers) {
    this.source = source;
    this.type = JsonValues.notNull(field);
    this.time = TimeForm.of(source, type).orElse(null);
    this.isOfRows = layout.isOfRows();
    this.pointers =
        source.from() == null ? List.of() : source.from().stream().map(layout::pointer).toList();
    this.derivation =
        source.derive() == null ? null : Derivation.named(source.derive(), pointers.size());
    this.browsers = browsers;
    require(source.constant(), "constant", field);
    require(source.absent(), "default", field);
    if (source.values() != null) {
      source.values().forEach((name, value) -> require(value, "values." + name, field));
    }
  }

  private static void require(JsonNode value, String key, Schema field) {
    if (value != null) {
      try {
        JsonValues.value(value, field);
      } catch (FieldException e) {
        throw new IllegalArgumentException("'" + key + "' " + e.reason(), e);
      }
    }
  }

  /** Whether the source itself has a value, and not the mapping alone. */
  boolean isIn(JsonNode record) {
    return pointers.stream().anyMatch(pointer -> !isNothing(record.at(pointer)));
  }

  private static boolean isNothing(JsonNode found) {
    return found.isMissingNode() || found.isNull();
  }

  /** The value as JSON that fits the field's type; missing if the source has none. */
  JsonNode value(JsonNode record) throws FieldException {
    if (source.constant() != null) {
      return source.constant();
    }
    JsonNode found = found(record);
    if (isNothing(found)) {
      return source.absent() == null ? MissingNode.getInstance() : source.absent();
    }
    if (source.values() != null) {
      return named(found);
    }
    return time == null || !(found.isTextual() || found.isNumber())
        ? converted(found)
        : time.value(found);
  }

  private JsonNode found(JsonNode record) throws FieldException {
    if (derivation == null && pointers.size() == 1) {
      JsonNode found = record.at(pointers.get(0));
      return isOfRows ? RowJson.resolved(found, type) : found;
    }
    List<String> texts = new ArrayList<>();
    for (JsonPointer pointer : pointers) {
      JsonNode value = record.at(pointer);
      if (isNothing(value) && derivation == null) {
        return value;
      }
      texts.add(isNothing(value) ? null : text(isOfRows ? RowJson.resolved(value, TEXT) : value));
    }
    return derivation == null
        ? new TextNode(String.join(" ", texts))
        : derivation.of(texts.stream().map(Derivation::unlessAbsent).toList(), browsers);
  }

  private JsonNode named(JsonNode found) throws FieldException {
    JsonNode value = source.values().getOrDefault(found.asText(), source.absent());
    if (value == null) {
      throw new FieldException(
          ErrorCode.EVENT_FIELD_TYPE,
          "",
          String.format(
              "is %s at '%s', which the mapping's values do not name; they name %s; add it, or "
                  + "a default",
              Mismatch.shown(found), source.place(), source.values().keySet()));
    }
    return value;
  }

  /** Text becomes a number or a boolean if the field is one, and the other way round. */
  private JsonNode converted(JsonNode found) {
    return switch (type.getType()) {
      case STRING -> found.isTextual() ? found : new TextNode(text(found));
      case BOOLEAN -> found.isTextual() ? truth(found) : found;
      case INT, LONG, FLOAT, DOUBLE ->
          !found.isTextual()
              ? found
              : type.getLogicalType() == null ? number(found) : TimeForm.number(found);
      case BYTES, FIXED ->
          found.isTextual() && type.getLogicalType() instanceof LogicalTypes.Decimal
              ? number(found)
              : found;
      default -> found;
    };
  }

  private static String text(JsonNode found) {
    return found.isValueNode() ? found.asText() : found.toString();
  }

  private static JsonNode truth(JsonNode text) {
    String word = text.textValue().strip();
    if (word.equalsIgnoreCase("true") || word.equalsIgnoreCase("false")) {
      return BooleanNode.valueOf(Boolean.parseBoolean(word));
    }
    return text;
  }

  private static JsonNode number(JsonNode text) {
    try {
      return DecimalNode.valueOf(JsonNumbers.decimal(text.textValue()));
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
