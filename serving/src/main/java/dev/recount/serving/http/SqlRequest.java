package dev.recount.serving.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.gateway.OptionWords;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The body of {@code POST /v1/sql}. */
final class SqlRequest {
  /** What each request may say beside its question. */
  static final Set<String> WORDS =
      Stream.concat(
              OptionWords.NAMES.stream(), Stream.of(AnswerFormat.PARAMETER, AnswerTimes.PARAMETER))
          .collect(Collectors.toUnmodifiableSet());

  private static final Set<String> OWN = Set.of("sql", "mode");

  private SqlRequest() {}

  /**
   * What it says, by name; what is null is not said.
   *
   * @throws RecountException REQUEST_INVALID
   */
  static Map<String, String> words(JsonNode body) {
    Map<String, String> words = new HashMap<>();
    body.fields()
        .forEachRemaining(
            field -> {
              if (!field.getValue().isNull()) {
                words.put(field.getKey(), word(field.getKey(), field.getValue()));
              }
            });
    if (!body.path("sql").isTextual()) {
      throw invalid("send {\"sql\": \"SELECT ...\", \"mode\": \"merged\"}");
    }
    return words;
  }

  private static String word(String name, JsonNode value) {
    if (!OWN.contains(name) && !WORDS.contains(name)) {
      Set<String> known = new TreeSet<>(OWN);
      known.addAll(WORDS);
      throw invalid("'" + name + "' is not one of " + String.join(", ", known));
    }
    boolean isText = OWN.contains(name);
    if (!value.isTextual() && (isText || !value.isBoolean() && !value.isIntegralNumber())) {
      throw invalid("'" + name + "' cannot be " + value.getNodeType());
    }
    return value.asText();
  }

  private static RecountException invalid(String reason) {
    return RecountException.of(ErrorCode.REQUEST_INVALID, "Cannot read the request: %s", reason);
  }
}
