package dev.recount.ingest.mapping;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.event.ValueLimits;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.JsonValues;
import dev.recount.ingest.value.Mismatch;
import dev.recount.text.JsonWords;
import dev.recount.text.Utf8Text;
import java.io.IOException;
import org.apache.avro.generic.GenericRecord;

/**
 * Turns JSON objects into records of an event, checked against its schema. Timestamps may be
 * ISO-8601 with a zone (local ones without), or milliseconds since the epoch; dates and times of
 * day ISO-8601; decimals numbers or text; bytes base64. A field that is left out takes its default,
 * or null if that is allowed. Thread-safe.
 */
public final class JsonEvents {
  private static final ObjectReader READER =
      Json.MAPPER
          .readerFor(JsonNode.class)
          // 17850.0 is not 1.785E+4 as text.
          .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .with(
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
              DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private final EventSchema schema;
  private final ValueLimits limits;

  public JsonEvents(EventSchema schema) {
    this.schema = schema;
    this.limits = ValueLimits.of(schema.avro());
  }

  /**
   * @throws RecountException EVENT_MALFORMED, EVENT_FIELD_MISSING, EVENT_FIELD_UNKNOWN or
   *     EVENT_FIELD_TYPE
   */
  public GenericRecord read(byte[] json) {
    return read(parse(json));
  }

  /**
   * The JSON of a record, of whatever form.
   *
   * @throws RecountException EVENT_MALFORMED
   */
  JsonNode parse(byte[] json) {
    return parse(json, schema.name());
  }

  /** The same of a record that may become any event; its name is for errors. */
  static JsonNode parse(byte[] json, String event) {
    int problem = Utf8Text.firstProblem(json, json.length);
    if (problem >= 0) {
      throw wrong(event, ErrorCode.EVENT_MALFORMED, Utf8Text.shown(json, problem), null);
    }
    try {
      return READER.readValue(json);
    } catch (IOException e) {
      throw wrong(event, ErrorCode.EVENT_MALFORMED, "it is not JSON: " + reason(e), e);
    }
  }

  /** Like the other {@code read}, of JSON that is read already. */
  public GenericRecord read(JsonNode json) {
    if (json == null || !json.isObject()) {
      throw wrong(
          ErrorCode.EVENT_MALFORMED,
          "it is "
              + (json == null || json.isMissingNode() ? "empty" : Mismatch.shown(json))
              + ", not a JSON object",
          null);
    }
    try {
      GenericRecord event = JsonValues.record(json, schema.avro());
      limits
          .violation(event)
          .ifPresent(
              violation -> {
                throw wrong(ErrorCode.EVENT_FIELD_TYPE, violation, null);
              });
      return event;
    } catch (FieldException e) {
      throw wrong(e);
    }
  }

  RecountException wrong(FieldException e) {
    return wrong(e.code(), e.getMessage(), null);
  }

  /** Why what a parser stumbled over is not JSON, in plain words. */
  public static String reason(IOException e) {
    return JsonWords.of(e);
  }

  private RecountException wrong(ErrorCode code, String reason, Throwable cause) {
    return wrong(schema.name(), code, reason, cause);
  }

  private static RecountException wrong(
      String event, ErrorCode code, String reason, Throwable cause) {
    return RecountException.of(code, cause, "Cannot accept an event of '%s': %s", event, reason);
  }
}
