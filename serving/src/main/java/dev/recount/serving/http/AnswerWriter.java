package dev.recount.serving.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import dev.recount.core.Json;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes answers row by row into the response, so that none is held as text too. If that fails in
 * the middle, the connection is broken off: no client takes what it has for all.
 */
final class AnswerWriter {
  private static final Logger LOG = LoggerFactory.getLogger(AnswerWriter.class);
  private static final String NEW_LINE = "\n";

  /** More than this, and a proxy in between may refuse the whole answer. */
  private static final int MOST_HEADER = 3_000;

  private static final CsvMapper CSV =
      CsvMapper.builder().configure(CsvGenerator.Feature.ALWAYS_QUOTE_EMPTY_STRINGS, true).build();

  private AnswerWriter() {}

  /** Answers a request, with what the answer is made of in headers. */
  static void write(Context context, AnswerFormat format, Answer answer) {
    Provenance provenance = answer.provenance();
    context
        .status(200)
        .contentType(format.contentType())
        .header("Recount-Rows", String.valueOf(answer.rows().size()))
        .header("Recount-Complete", String.valueOf(provenance.complete()))
        .header("Recount-Truncated", String.valueOf(provenance.truncated()));
    context.res().addHeader("Vary", "Accept");
    if (format != AnswerFormat.JSON) {
      context.header("Recount-Provenance", header(provenance));
    }
    try {
      OutputStream out = context.outputStream();
      switch (format) {
        case CSV -> csv(out, answer);
        case NDJSON -> ndjson(out, answer);
        default -> json(out, answer);
      }
      out.flush();
    } catch (IOException | RuntimeException | Error e) {
      LOG.warn("{} {} was broken off: {}", context.method(), context.path(), e.toString());
      Request.getBaseRequest(context.req()).getHttpChannel().abort(e);
    }
  }

  /** As one line of ASCII; without what may be long, if it is. */
  private static String header(Provenance provenance) {
    String json = ascii(Json.write(provenance));
    return json.length() <= MOST_HEADER
        ? json
        : ascii(
            Json.write(
                provenance.shortened(
                    "there are warnings or estimates too long for a"
                        + " header; ask for JSON to read them")));
  }

  private static String ascii(String json) {
    StringBuilder ascii = new StringBuilder(json.length());
    json.chars()
        .forEach(
            c -> {
              if (c < ' ' || c > '~') {
                ascii.append(String.format("\\u%04x", c));
              } else {
                ascii.append((char) c);
              }
            });
    return ascii.toString();
  }

  private static void json(OutputStream out, Answer answer) throws IOException {
    Json.MAPPER.writer().without(JsonGenerator.Feature.AUTO_CLOSE_TARGET).writeValue(out, answer);
  }

  private static void ndjson(OutputStream out, Answer answer) throws IOException {
    List<String> names = answer.columns().stream().map(Answer.Column::name).toList();
    try (SequenceWriter lines =
        Json.MAPPER
            .writer()
            .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .without(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
            .withRootValueSeparator(NEW_LINE)
            .writeValues(out)) {
      Map<String, Object> line = new LinkedHashMap<>();
      for (List<Object> row : answer.rows()) {
        for (int i = 0; i < row.size(); i++) {
          line.put(names.get(i), row.get(i));
        }
        lines.write(line);
      }
    }
    if (!answer.rows().isEmpty()) {
      out.write(NEW_LINE.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** NULL is an empty field, an empty text is quoted; NULL in a line alone would be dropped. */
  private static void csv(OutputStream out, Answer answer) throws IOException {
    try (SequenceWriter lines =
        CSV.writer()
            .without(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .without(SerializationFeature.FLUSH_AFTER_WRITE_VALUE)
            .writeValuesAsArray(out)) {
      lines.write(answer.columns().stream().map(Answer.Column::name).toList());
      for (List<Object> row : answer.rows()) {
        List<String> cells = new ArrayList<>(row.size());
        row.forEach(value -> cells.add(value == null ? null : value.toString()));
        lines.write(cells);
      }
    }
  }
}
