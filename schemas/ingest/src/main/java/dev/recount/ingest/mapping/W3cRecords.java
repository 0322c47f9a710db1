package dev.recount.ingest.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.weblog.LogCursor;
import dev.recount.text.Utf8Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads lines of a log whose columns have names: those of W3C's extended log format, which a line
 * {@code #Fields} names, or of a log that is written so. Values are between blanks or tabulators,
 * those with blanks perhaps in quotes; {@code -} is none. What the server has encoded of a
 * request's headers is decoded: {@code +} for a blank between blanks, per cent between tabulators.
 */
public final class W3cRecords {
  /** As the last column: what follows is left out. */
  private static final String REST = "*";

  private static final String FIELDS = "#Fields:";
  private static final String USER_AGENT = "cs(User-Agent)";
  private static final Pattern ENCODED = Pattern.compile("%(\\p{XDigit}{2})");

  private final String event;
  private final List<String> columns;
  private final boolean hasRest;

  /**
   * @param named null until columns are named
   */
  W3cRecords(String event, List<String> named) {
    List<String> all = named == null ? List.of() : named;
    this.event = event;
    this.hasRest = !all.isEmpty() && all.get(all.size() - 1).equals(REST);
    this.columns = hasRest ? all.subList(0, all.size() - 1) : all;
  }

  /**
   * The columns that a line names, if it is such a line.
   *
   * @throws RecountException FILE_NOT_READABLE if two have one name
   */
  public static Optional<List<String>> columns(byte[] line, String file) {
    String text = Utf8Text.readOrLatin1(line);
    if (!text.startsWith(FIELDS)) {
      return Optional.empty();
    }
    List<String> names = Arrays.asList(text.substring(FIELDS.length()).strip().split("\\s+"));
    if (new HashSet<>(names).size() < names.size()) {
      throw RecountException.of(
          ErrorCode.FILE_NOT_READABLE,
          "Cannot read the columns of '%s': two have the same name in '%s'",
          file,
          text);
    }
    return Optional.of(names);
  }

  /**
   * @return an object of texts; columns without a value are left out
   * @throws RecountException EVENT_MALFORMED
   */
  JsonNode read(String line) {
    boolean isTabbed = line.indexOf('\t') >= 0;
    List<String> values = isTabbed ? List.of(line.split("\t", -1)) : values(line);
    if (values.size() < columns.size() || values.size() > columns.size() && !hasRest) {
      throw RecountException.of(
          ErrorCode.EVENT_MALFORMED,
          "Cannot accept an event of '%s': the line has %s values, but there are %s "
              + "columns: %s",
          event,
          values.size(),
          columns.size(),
          String.join(" ", columns));
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < columns.size(); i++) {
      String value = Derivation.unlessAbsent(values.get(i));
      if (value != null && !columns.get(i).isEmpty()) {
        row.put(columns.get(i), decoded(columns.get(i), value, isTabbed));
      }
    }
    return row;
  }

  private static List<String> values(String line) {
    List<String> values = new ArrayList<>();
    int at = 0;
    boolean isClosed = true;
    while (at < line.length()) {
      if (line.charAt(at) == ' ') {
        at++;
        continue;
      }
      int close = isClosed && line.charAt(at) == '"' ? closingQuote(line, at + 1) : -1;
      isClosed &= close >= 0 || line.charAt(at) != '"';
      int end = close >= 0 ? close + 1 : line.indexOf(' ', at);
      end = end < 0 ? line.length() : end;
      values.add(close >= 0 ? unquoted(line.substring(at + 1, close)) : line.substring(at, end));
      at = end;
    }
    return values;
  }

  /** The quote that a blank or the end follows; -1 if none does, so that nothing was opened. */
  private static int closingQuote(String line, int from) {
    for (int at = from; at < line.length(); at++) {
      char c = line.charAt(at);
      boolean isLast = at + 1 == line.length();
      if (c == '"' && (isLast || line.charAt(at + 1) == ' ')) {
        return at;
      }
      if (!isLast && (c == '\\' || c == '"' && line.charAt(at + 1) == '"')) {
        at++;
      }
    }
    return -1;
  }

  private static String unquoted(String text) {
    return LogCursor.unescaped(text.replace("\"\"", "\""));
  }

  private static String decoded(String column, String value, boolean isTabbed) {
    if (!isTabbed) {
      return column.equals(USER_AGENT) ? value.replace('+', ' ') : value;
    }
    if (!column.startsWith("cs(")) {
      return value;
    }
    String once = percentDecoded(value);
    // Older logs of CloudFront are encoded twice; an address may have %20 of its own.
    boolean isTwice = column.equals(USER_AGENT) && once.indexOf(' ') < 0 && once.contains("%20");
    return isTwice ? percentDecoded(once) : once;
  }

  private static String percentDecoded(String text) {
    return text.indexOf('%') < 0
        ? text
        : LogCursor.unescaped(ENCODED.matcher(text.replace("\\", "\\\\")).replaceAll("\\\\x$1"));
  }
}
