package dev.recount.ingest.mapping;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigResolveOptions;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.text.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a mapping file says: for each field of an event, where it comes from. The file is HOCON, of
 * which JSON is a part:
 *
 * <pre>{@code
 * event_time { from = InvoiceDate, time = "yyyy-MM-dd HH:mm:ss", zone = "Europe/London" }
 * user       = actor.login
 * source     { constant = shop }
 * quantity   { from = Quantity, default = 0 }
 * action     { from = type, values { WatchEvent = star }, default = other }
 * }</pre>
 */
public final class FieldMap {
  private static final Pattern UNNAMED = Pattern.compile("|Unnamed: [0-9]+|__index_level_[0-9]+__");

  private final ObjectNode fields;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  FieldMap(ObjectNode fields) {
    this.fields = fields;
  }

  /**
   * @throws RecountException FILE_NOT_READABLE; MAPPING_INVALID if it is not HOCON
   */
  public static FieldMap read(Path file) {
    String text = TextFile.read(file, "the mapping");
    try {
      return parse(text);
    } catch (ConfigException e) {
      throw RecountException.of(
          ErrorCode.MAPPING_INVALID, e, "Cannot use the mapping '%s': %s", file, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws ConfigException if it is not HOCON
   */
  static FieldMap parse(String text) throws IOException {
    String json =
        ConfigFactory.parseString(text)
            .resolve(ConfigResolveOptions.noSystem())
            .root()
            .render(ConfigRenderOptions.concise());
    return new FieldMap(
        Json.MAPPER
            .readerFor(ObjectNode.class)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .readValue(json));
  }

  /** Whether a column has no name of its own: pandas writes the numbers of rows so. */
  static boolean isUnnamed(String column) {
    return UNNAMED.matcher(column).matches();
  }

  /**
   * Each column is the field of its name; those without a name of their own are left out.
   *
   * @throws RecountException MAPPING_INVALID if a column is not a field
   */
  static FieldMap byName(List<String> columns, EventSchema schema) {
    List<String> unknown =
        columns.stream()
            .filter(column -> !isUnnamed(column) && schema.avro().getField(column) == null)
            .toList();
    if (!unknown.isEmpty()) {
      throw RecountException.of(
          ErrorCode.MAPPING_INVALID,
          "Cannot read '%s' from the columns %s: no field is named %s; say with --map "
              + "FILE which columns the fields come from",
          schema.name(),
          String.join(", ", columns),
          String.join(", ", unknown));
    }
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    columns.stream()
        .filter(column -> !isUnnamed(column))
        .forEach(column -> fields.put(column, column));
    return new FieldMap(fields);
  }

  @JsonValue
  ObjectNode json() {
    return fields;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldMap map && map.fields.equals(fields);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }
}
