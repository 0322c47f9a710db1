package dev.recount.serving.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import dev.recount.core.Json;
import dev.recount.error.DurationText;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Answers as text. */
final class AnswerText {
  private static final CsvMapper CSV =
      CsvMapper.builder().configure(CsvGenerator.Feature.ALWAYS_QUOTE_EMPTY_STRINGS, true).build();

  private static final Set<String> NUMBERS = Set.of("INT", "LONG", "DOUBLE");

  private AnswerText() {}

  /** A header line, then the rows; NULL is an empty field, an empty text is quoted. */
  static String csv(JsonNode answer) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(names(answer));
    answer.path("rows").forEach(row -> lines.add(cells(row, null)));
    try {
      return CSV.writeValueAsString(lines);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An object for each row, one a line. */
  static String ndjson(JsonNode answer) {
    List<String> names = names(answer);
    StringBuilder lines = new StringBuilder();
    for (JsonNode row : answer.path("rows")) {
      Map<String, JsonNode> line = new LinkedHashMap<>();
      for (int i = 0; i < row.size(); i++) {
        line.put(names.get(i), row.get(i));
      }
      lines.append(Json.write(line)).append('\n');
    }
    return lines.toString();
  }

  private static List<String> names(JsonNode answer) {
    List<String> names = new ArrayList<>();
    answer.path("columns").forEach(c -> names.add(c.path("name").asText()));
    return names;
  }

  private static List<String> cells(JsonNode row, String ofNull) {
    List<String> cells = new ArrayList<>();
    row.forEach(value -> cells.add(value.isNull() ? ofNull : value.asText()));
    return cells;
  }

  /** Columns side by side, numbers to the right. */
  static String table(JsonNode answer) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(names(answer));
    answer.path("rows").forEach(row -> lines.add(cells(row, "NULL")));
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], width(printable(line.get(i))));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      line(text, lines.get(i), widths, answer);
      if (i == 0) {
        rule(text, widths);
      }
    }
    return text.toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  /** Control characters would break the table, or the terminal. */
  private static String printable(String cell) {
    return cell.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths, JsonNode answer) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = printable(cells.get(i));
      String padding = " ".repeat(widths[i] - width(cell));
      boolean right = NUMBERS.contains(answer.path("columns").path(i).path("type").asText());
      line.append(i == 0 ? "" : "  ").append(right ? padding + cell : cell + padding);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static void rule(StringBuilder text, int[] widths) {
    List<String> dashes = new ArrayList<>();
    for (int width : widths) {
      dashes.add("-".repeat(width));
    }
    text.append(String.join("  ", dashes)).append('\n');
  }

  /** One line: what the answer is made of, and what is wrong with it. */
  static String provenance(JsonNode provenance) {
    List<String> parts = new ArrayList<>();
    JsonNode batch = provenance.path("batch");
    if (batch.isObject()) {
      parts.add(batch(batch));
    }
    JsonNode speed = provenance.path("speed");
    if (speed.isObject()) {
      parts.add(
          "speed ("
              + speed.path("rows").asText()
              + " rows, "
              + late(speed)
              + freshness(speed)
              + ")");
    }
    StringBuilder line =
        new StringBuilder(provenance.path("mode").asText())
            .append(", ")
            .append(provenance.path("view").asText())
            .append(" v")
            .append(provenance.path("version").asText())
            .append(
                provenance.path("as_of").isTextual()
                    ? " as of " + provenance.path("as_of").asText()
                    : "")
            .append(": ")
            .append(parts.isEmpty() ? "nothing yet" : String.join(" + ", parts));
    line.append(state(provenance.path("state")));
    long rejected = provenance.path("dead_letters_since_cut").asLong();
    if (rejected > 0) {
      line.append("; ").append(rejected).append(" dead letters since the cut");
    }
    if (!provenance.path("complete").asBoolean()) {
      line.append("; INCOMPLETE");
    }
    if (provenance.path("truncated").asBoolean()) {
      line.append("; TRUNCATED");
    }
    JsonNode distinct = provenance.path("distinct");
    if (distinct.isObject()) {
      line.append("; each ").append(distinct.path("field").asText()).append(" counts once");
      if (distinct.path("horizon_ms").isNumber()) {
        line.append(", copies known as far back as ")
            .append(DurationText.of(Duration.ofMillis(distinct.path("horizon_ms").asLong())))
            .append(" by speed");
      }
    }
    provenance.path("warnings").forEach(w -> line.append("; ").append(w.asText()));
    provenance.path("approximate").forEach(a -> line.append("; ").append(estimate(a)));
    return line.toString();
  }

  private static String estimate(JsonNode approximate) {
    JsonNode error = approximate.path("relative_standard_error");
    return approximate.path("column").asText()
        + " is an estimate"
        + (error.isNumber()
            ? String.format(
                Locale.ROOT, " within %.1f %% (one standard error)", 100 * error.asDouble())
            : "");
  }

  private static String batch(JsonNode batch) {
    return "batch run %s%s (%s rows, all that arrived %sbefore %s%s)"
        .formatted(
            batch.path("run_id").asText(),
            batch.path("rolled_back_to").isTextual()
                ? ", rolled back to run " + batch.path("rolled_back_to").asText()
                : "",
            batch.path("rows").asText(),
            batch.path("from").isTextual()
                ? "from " + batch.path("from").asText() + " on and "
                : "",
            batch.path("cut").asText(),
            batch.path("finished").isTextual()
                ? ", finished " + batch.path("finished").asText()
                : "");
  }

  private static String state(JsonNode state) {
    if (!state.isObject()) {
      return "";
    }
    JsonNode from = state.path("from");
    return "; joined with the state of "
        + state.path("event").asText()
        + " as of arrival"
        + (from.isTextual() ? ", which batch knows since " + from.asText() : "");
  }

  private static String late(JsonNode speed) {
    long events = speed.path("late_events").asLong();
    return events > 0 ? events + " late events, " : "";
  }

  private static String freshness(JsonNode speed) {
    return speed.path("freshness_ms").isNumber()
        ? String.format(Locale.ROOT, "%.1f s behind", speed.path("freshness_ms").asDouble() / 1000)
        : "freshness not known yet";
  }
}
