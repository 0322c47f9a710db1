package dev.recount.serving.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.recount.core.Json;
import io.javalin.http.Context;
import java.io.UncheckedIOException;

/** Writes answers that are JSON. */
final class JsonBodies {
  private JsonBodies() {}

  static void write(Context context, int code, Object body) {
    try {
      context
          .status(code)
          .contentType("application/json; charset=utf-8")
          .result(Json.MAPPER.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
