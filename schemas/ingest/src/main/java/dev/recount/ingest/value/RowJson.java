package dev.recount.ingest.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.Printable;
import dev.recount.text.Utf8Text;
import java.io.IOException;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Rows of files that hold rows, such as Parquet, as JSON objects. What is bytes in the file is an
 * object of one name, {@value #BYTES}: whether they are a text or bytes is only known once the
 * field that they go into is. An object of the file's own that looks so has a dollar sign more.
 */
public final class RowJson {
  private static final String BYTES = "$bytes";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private RowJson() {}

  /** Bytes of which the file does not say that they are a text. */
  public static JsonNode bytes(byte[] value) {
    return JSON.objectNode().put(BYTES, Base64.getEncoder().encodeToString(value));
  }

  /** A record or a map as the file has it. */
  public static ObjectNode object(ObjectNode own) {
    if (!isBytesLike(own)) {
      return own;
    }
    Map.Entry<String, JsonNode> only = own.properties().iterator().next();
    return JSON.objectNode().set("$" + only.getKey(), only.getValue());
  }

  /** Whether its one name is that of bytes, perhaps with dollar signs before. */
  private static boolean isBytesLike(JsonNode found) {
    return found.isObject() && found.size() == 1 && found.fieldNames().next().matches("\\$+bytes");
  }

  /** A text as the file has it; one that is not UTF-8 is refused if it would be a value. */
  public static JsonNode text(byte[] utf8) {
    return JSON.textNode(Utf8Text.read(utf8));
  }

  /** The name that a map's key has in an object. */
  public static String key(JsonNode key) {
    try {
      return isBytes(key) ? Utf8Text.read(key.get(BYTES).binaryValue()) : key.asText();
    } catch (IOException e) {
      throw new IllegalStateException("these bytes were written as base64", e);
    }
  }

  /**
   * A time of day as ISO-8601. One that no clock shows stays a number with its unit, which no field
   * of times takes.
   */
  public static JsonNode timeOfDay(long value, ChronoUnit unit) {
    return JSON.textNode(
        value >= 0 && value < ChronoUnit.DAYS.getDuration().dividedBy(unit.getDuration())
            ? LocalTime.MIDNIGHT.plus(value, unit).toString()
            : value + " " + unit.toString().toLowerCase(Locale.ROOT));
  }

  /** A row as one line of JSON that can be written as UTF-8 without a loss. */
  public static String line(ObjectNode row) {
    String json = row.toString();
    return Utf8Text.firstLoneSurrogate(json) < 0 ? json : Printable.escaped(json, c -> true);
  }

  /**
   * A value of a row with its bytes as the field wants them: base64 for bytes, otherwise text.
   *
   * @throws FieldException if bytes that are to be a text are not UTF-8
   */
  public static JsonNode resolved(JsonNode found, Schema field) throws FieldException {
    if (!hasBytes(found)) {
      return found;
    }
    Schema type = JsonValues.notNull(field);
    if (isBytes(found)) {
      return isRaw(type) ? found.get(BYTES) : decoded(found, type);
    }
    return found.isArray() ? array((ArrayNode) found, type) : object((ObjectNode) found, type);
  }

  private static boolean hasBytes(JsonNode found) {
    if (!found.isContainerNode()) {
      return false;
    }
    if (isBytesLike(found)) {
      return true;
    }
    for (JsonNode inner : found) {
      if (hasBytes(inner)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it stands for bytes of the file. */
  public static boolean isBytes(JsonNode found) {
    return found.isObject() && found.size() == 1 && found.path(BYTES).isTextual();
  }

  private static boolean isRaw(Schema type) {
    boolean isBytes = type.getType() == Schema.Type.BYTES || type.getType() == Schema.Type.FIXED;
    return isBytes && !(type.getLogicalType() instanceof LogicalTypes.Decimal);
  }

  private static JsonNode decoded(JsonNode found, Schema type) throws FieldException {
    byte[] bytes;
    try {
      bytes = found.get(BYTES).binaryValue();
    } catch (IOException e) {
      throw Mismatch.of(found, type);
    }
    if (!Utf8Text.isUtf8(bytes)) {
      throw new FieldException(
          ErrorCode.EVENT_FIELD_TYPE,
          "",
          "is %s bytes that are not text in UTF-8, wanted %s"
              .formatted(bytes.length, Mismatch.wanted(type)));
    }
    return new TextNode(Utf8Text.read(bytes));
  }

  private static JsonNode array(ArrayNode found, Schema type) throws FieldException {
    Schema element = type.getType() == Schema.Type.ARRAY ? type.getElementType() : type;
    ArrayNode resolved = JSON.arrayNode(found.size());
    for (JsonNode value : found) {
      try {
        resolved.add(resolved(value, element));
      } catch (FieldException e) {
        throw e.inside("[" + resolved.size() + "]");
      }
    }
    return resolved;
  }

  private static JsonNode object(ObjectNode found, Schema type) throws FieldException {
    ObjectNode resolved = JSON.objectNode();
    boolean isEscaped = isBytesLike(found);
    for (Map.Entry<String, JsonNode> entry : found.properties()) {
      String name = isEscaped ? entry.getKey().substring(1) : entry.getKey();
      try {
        resolved.set(name, resolved(entry.getValue(), inner(type, name)));
      } catch (FieldException e) {
        throw e.inside(name);
      }
    }
    return resolved;
  }

  /** What a name inside an object is; if the schema does not say, it is for a text. */
  private static Schema inner(Schema type, String name) {
    return switch (type.getType()) {
      case MAP -> type.getValueType();
      case RECORD -> type.getField(name) == null ? type : type.getField(name).schema();
      default -> type;
    };
  }
}
