package dev.recount.ingest.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.text.Utf8Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads records of CSV: the text of each column, and nothing for an empty one. */
public final class CsvRecords {
  private static final CsvMapper MAPPER = new CsvMapper();

  private final String event;
  private final List<String> columns;
  private final int named;
  private final ObjectReader reader;

  CsvRecords(String event, List<String> columns, char delimiter) {
    this.event = event;
    this.columns = columns;
    this.named = columns == null ? 0 : named(columns);
    this.reader = reader(delimiter);
  }

  /**
   * The names in a file's first record. A column may have none: it is left out.
   *
   * @throws RecountException FILE_NOT_READABLE if it is empty or no CSV, or two columns have one
   *     name
   */
  public static List<String> header(byte[] record, char delimiter, String file) {
    String text = Utf8Text.readOrLatin1(record);
    if (text.isBlank()) {
      throw badHeader(file, "its first line is empty; it must name the columns", null);
    }
    List<String> names = new ArrayList<>();
    try {
      for (String name : values(reader(delimiter), text)) {
        if (!name.isBlank() && names.contains(name.strip())) {
          throw badHeader(file, "two columns are named '" + name.strip() + "'", null);
        }
        names.add(name.strip());
      }
    } catch (JsonProcessingException e) {
      throw badHeader(file, reason(e), e);
    }
    if (names.stream().allMatch(String::isEmpty)) {
      throw badHeader(file, "its first line names no column", null);
    }
    return names;
  }

  /** How many values a record has; -1 if it is not CSV. */
  public static int width(byte[] record, char delimiter) {
    try {
      return values(reader(delimiter), Utf8Text.readOrLatin1(record)).length;
    } catch (JsonProcessingException e) {
      return -1;
    }
  }

  /**
   * @return an object of texts; empty columns are left out
   * @throws RecountException EVENT_MALFORMED
   */
  JsonNode read(String record) {
    String[] values;
    try {
      values = values(reader, record);
    } catch (JsonProcessingException e) {
      throw malformed("it is not CSV: " + reason(e), e);
    }
    if (values.length < named || hasMore(values)) {
      throw malformed(
          "it has " + values.length + " values, the header has " + columns.size() + " columns",
          null);
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < Math.min(values.length, named); i++) {
      if (!values[i].isEmpty() && !columns.get(i).isEmpty()) {
        row.put(columns.get(i), values[i]);
      }
    }
    return row;
  }

  /** Some programs end each row with a delimiter, though not the header. */
  private boolean hasMore(String[] values) {
    return values.length > columns.size()
        && Arrays.stream(values, columns.size(), values.length).anyMatch(v -> !v.isEmpty());
  }

  /** Up to where columns have names; a header may end with delimiters. */
  private static int named(List<String> columns) {
    int named = columns.size();
    while (columns.get(named - 1).isEmpty()) {
      named--;
    }
    return named;
  }

  private static ObjectReader reader(char delimiter) {
    return MAPPER
        .readerFor(String[].class)
        .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .with(CsvSchema.emptySchema().withColumnSeparator(delimiter));
  }

  private static String[] values(ObjectReader reader, String record)
      throws JsonProcessingException {
    return reader.readValue(record);
  }

  private static String reason(JsonProcessingException e) {
    if (e instanceof MismatchedInputException) {
      return "a carriage return is outside of quotes";
    }
    return e.getOriginalMessage().startsWith("Missing closing quote")
        ? "a quote is not closed"
        : "there is text between a closing quote and the next delimiter; inside of quotes, write"
            + " a quote twice";
  }

  private RecountException malformed(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.EVENT_MALFORMED, cause, "Cannot accept an event of '%s': %s", event, reason);
  }

  private static RecountException badHeader(String file, String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.FILE_NOT_READABLE, cause, "Cannot read the header of '%s': %s", file, reason);
  }
}
