package dev.recount.serving.http;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How the rows of an answer are written. */
enum AnswerFormat {
  /** One object with columns, rows and provenance. */
  JSON("application/json", "application/json; charset=utf-8"),
  /** A line of names, then one of values for each row. */
  CSV("text/csv", "text/csv; charset=utf-8; header=present"),
  /** An object for each row, one a line. */
  NDJSON("application/x-ndjson", "application/x-ndjson; charset=utf-8");

  /** The parameter that names one. */
  static final String PARAMETER = "format";

  private final String mediaType;
  private final String contentType;

  AnswerFormat(String mediaType, String contentType) {
    this.mediaType = mediaType;
    this.contentType = contentType;
  }

  String contentType() {
    return contentType;
  }

  private String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The format that a request wants: the one that it names, else the one that it accepts most, else
   * JSON.
   *
   * @param named null if it names none
   * @param accept its header; null if it has none
   * @throws RecountException REQUEST_INVALID if it names one that there is not
   */
  static AnswerFormat of(String named, String accept) {
    if (named != null) {
      return Arrays.stream(values())
          .filter(format -> format.label().equalsIgnoreCase(named))
          .findFirst()
          .orElseThrow(() -> unknown(named));
    }
    return accept == null ? JSON : accepted(accept);
  }

  private static RecountException unknown(String named) {
    return new RecountException(
        ErrorCode.REQUEST_INVALID,
        "Cannot answer in the format '"
            + named
            + "': the formats are "
            + String.join(", ", Arrays.stream(values()).map(AnswerFormat::label).toList()),
        Map.of("parameter", PARAMETER),
        null);
  }

  private record Wish(AnswerFormat format, double weight) {}

  private static AnswerFormat accepted(String accept) {
    List<Wish> wishes = Arrays.stream(accept.split(",")).flatMap(w -> wish(w).stream()).toList();
    return wishes.stream()
        .max(Comparator.comparingDouble(Wish::weight))
        .map(Wish::format)
        .orElse(JSON);
  }

  /** Empty if it wants something else, or nothing of this. */
  private static Optional<Wish> wish(String text) {
    String[] parts = text.strip().toLowerCase(Locale.ROOT).split("\\s*;\\s*", -1);
    String type = parts[0].equals("*/*") ? JSON.mediaType : parts[0];
    String named = type.equals("application/ndjson") ? NDJSON.mediaType : type;
    double weight =
        Arrays.stream(parts)
            .filter(part -> part.matches("q=[01](\\.\\d{0,3})?"))
            .findFirst()
            .map(part -> Double.parseDouble(part.substring(2)))
            .orElse(1.0);
    return Arrays.stream(values())
        .filter(format -> format.mediaType.equals(named) && weight > 0)
        .findFirst()
        .map(format -> new Wish(format, weight));
  }
}
