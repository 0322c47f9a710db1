package dev.recount.infra.clients.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** An error as one of our own services answers with it: {@code {code, message, details}}. */
public final class AnsweredError {
  private AnsweredError() {}

  /** The same error here. */
  public static RecountException of(JsonService.Answer answer, JsonNode body) {
    String code = body.path("code").asText();
    ErrorCode known =
        Arrays.stream(ErrorCode.values())
            .filter(c -> c.name().equals(code))
            .findFirst()
            .orElse(ErrorCode.INTERNAL);
    Map<String, Object> details = new LinkedHashMap<>();
    body.path("details").fields().forEachRemaining(e -> details.put(e.getKey(), e.getValue()));
    return new RecountException(
        known, body.path("message").asText("HTTP " + answer.status()), details, null);
  }
}
