package dev.recount.ingest.value;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.recount.core.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Where one field of an event comes from; what is not said is null.
 *
 * @param from columns; of JSON, names joined by dots, or JSON pointers (RFC 6901). Several are
 *     joined by a blank, or what {@code derive} makes of them
 * @param derive the name of a derivation, such as of the browser
 * @param constant the same value for every record, in place of all else
 * @param absent the value if the source has none, or one that {@code values} does not name
 * @param time how a time is written: {@code epoch-seconds}, {@code epoch-millis}, {@code
 *     epoch-micros}, or a pattern of {@link java.time.format.DateTimeFormatter}; null for ISO-8601
 * @param zone of times that name none, such as {@code Europe/London}
 * @param values what to write for each value of the source
 */
public record FieldSource(
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> from,
    String derive,
    JsonNode constant,
    @JsonProperty("default") JsonNode absent,
    String time,
    String zone,
    Map<String, JsonNode> values) {
  private static final ObjectReader READER =
      Json.MAPPER
          .readerFor(FieldSource.class)
          .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * Reads what a mapping says of a field: the text of {@code from}, or an object.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static FieldSource read(JsonNode json) {
    if (json.isTextual()) {
      return new FieldSource(List.of(json.textValue()), null, null, null, null, null, null);
    }
    if (!json.isObject()) {
      throw new IllegalArgumentException(
          Mismatch.shown(json) + " is not a place in a record; write { constant = " + json + " }");
    }
    for (JsonNode place : json.path("from")) {
      if (!place.isTextual()) {
        throw new IllegalArgumentException(
            Mismatch.shown(place) + " is not a place in a record; 'from' is a text, or several");
      }
    }
    try {
      FieldSource source = READER.readValue(json);
      source.check();
      return source;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          problem(e) + "; the keys are from, derive, constant, default, time, zone, values", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String problem(JsonProcessingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "there is no key '" + unknown.getPropertyName() + "'";
    }
    return e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
        ? "the value of '" + mapping.getPath().get(0).getFieldName() + "' is of the wrong kind"
        : "it cannot be read";
  }

  /** Where it comes from, for errors. */
  public String place() {
    return String.join(", ", from);
  }

  private void check() {
    if ((from == null) == (constant == null)) {
      throw new IllegalArgumentException("give either 'from' or 'constant'");
    }
    boolean isTime = time != null || zone != null;
    if (constant != null && (absent != null || values != null || isTime || derive != null)) {
      throw new IllegalArgumentException("'constant' allows no other keys");
    }
    if (values != null && isTime) {
      throw new IllegalArgumentException(
          "'values' cannot be combined with 'time' or 'zone'; write the times of the values as"
              + " ISO-8601");
    }
    if (derive != null && (values != null || isTime)) {
      throw new IllegalArgumentException(
          "'derive' cannot be combined with 'values', 'time' or" + " 'zone'");
    }
    if (from != null && from.isEmpty()) {
      throw new IllegalArgumentException("'from' names no place");
    }
  }
}
