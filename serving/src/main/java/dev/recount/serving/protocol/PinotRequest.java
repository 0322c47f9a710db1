package dev.recount.serving.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.dialect.PinotOptions;
import dev.recount.serving.gateway.OptionWords;
import dev.recount.text.JsonWords;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client sends to {@code /query/sql}.
 *
 * @param options what it says beside the text, by name
 */
record PinotRequest(String sql, Map<String, String> options) {
  /** Recount's own, which may be in the URL. */
  private static boolean isInUrl(String name) {
    return name.equals("mode") || OptionWords.NAMES.contains(name);
  }

  private static final String OPTIONS = "queryOptions";

  /**
   * @throws RecountException REQUEST_INVALID
   */
  static PinotRequest ofBody(Context context) {
    JsonNode body = body(context.bodyAsBytes());
    if (!body.path("sql").isTextual()) {
      throw invalid("send {\"sql\": \"SELECT ...\"}", null);
    }
    Map<String, String> options = inUrl(context);
    options.putAll(PinotOptions.read(body.path(OPTIONS).asText("")));
    return new PinotRequest(body.path("sql").asText(), options);
  }

  /**
   * @throws RecountException REQUEST_INVALID
   */
  static PinotRequest ofUrl(Context context) {
    String sql = context.queryParam("sql");
    if (sql == null) {
      throw invalid("ask /query/sql?sql=SELECT ..., encoded", null);
    }
    Map<String, String> options = inUrl(context);
    options.putAll(PinotOptions.read(context.queryParam(OPTIONS)));
    return new PinotRequest(sql, options);
  }

  private static Map<String, String> inUrl(Context context) {
    Map<String, String> options = new LinkedHashMap<>();
    context
        .queryParamMap()
        .forEach(
            (name, values) -> {
              if (isInUrl(name)) {
                options.put(name, values.get(0));
              }
            });
    return options;
  }

  private static JsonNode body(byte[] bytes) {
    try {
      JsonNode body = Json.MAPPER.readTree(bytes);
      if (body == null || !body.isObject()) {
        throw invalid("the body must be a JSON object", null);
      }
      return body;
    } catch (JsonProcessingException e) {
      throw invalid("the body is not JSON: " + JsonWords.of(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RecountException invalid(String reason, Exception cause) {
    return RecountException.of(
        ErrorCode.REQUEST_INVALID, cause, "Cannot read the request: %s", reason);
  }
}
