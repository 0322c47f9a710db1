package dev.recount.ingest.source;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the first lines of a CSV file say about its format.
 *
 * @param delimiter between its values
 * @param skip how many bytes come before the first record
 * @param note what the user should know
 * @param problem why it is not CSV
 */
record CsvBeginning(char delimiter, int skip, Optional<String> note, Optional<String> problem) {
  private static final String SEPARATOR = "sep=";

  /** An object or an array of them begins so; a UUID in brackets does not. */
  private static final Pattern JSON = Pattern.compile("\\[?\\{\\s*([\"}].*)?");

  /** The delimiters that programs use instead of a comma. */
  private static final List<Character> OTHERS = List.of(';', '\t', '|');

  /**
   * @param given the delimiter, unless the first line says another
   * @param isGiven whether the user gave it, whatever the first line says
   */
  static CsvBeginning of(byte[] beginning, char given, boolean isGiven) {
    int end = RecordEnds.lineFeed(beginning, 0, beginning.length);
    int to = end > 0 && beginning[end - 1] == '\r' ? end - 1 : end;
    String line = new String(beginning, 0, to, StandardCharsets.ISO_8859_1);
    if (JSON.matcher(line).matches()) {
      return new CsvBeginning(
          given, 0, Optional.empty(), Optional.of("it is JSON; read it with --format ndjson"));
    }
    if (line.matches("sep=[\\p{ASCII}&&[^\"]]")) {
      char named = line.charAt(SEPARATOR.length());
      char delimiter = isGiven ? given : named;
      return new CsvBeginning(
          delimiter, Math.min(end + 1, beginning.length), Optional.empty(), Optional.empty());
    }
    List<Character> found = OTHERS.stream().filter(c -> isIn(line, c)).toList();
    if (isGiven || isIn(line, given) || found.size() != 1) {
      return new CsvBeginning(given, 0, Optional.empty(), Optional.empty());
    }
    return new CsvBeginning(
        found.get(0),
        0,
        Optional.of(
            "its first line has no comma, so the delimiter is assumed to be "
                + name(found.get(0))
                + "; use --delimiter for another"),
        Optional.empty());
  }

  private static String name(char delimiter) {
    return delimiter == '\t' ? "the tabulator" : "'" + delimiter + "'";
  }

  /** Whether a line has a character outside of quotes. */
  private static boolean isIn(String line, char character) {
    boolean isQuoted = false;
    for (int i = 0; i < line.length(); i++) {
      isQuoted ^= line.charAt(i) == '"';
      if (!isQuoted && line.charAt(i) == character) {
        return true;
      }
    }
    return false;
  }
}
