package dev.recount.contract.door;

import dev.recount.contract.record.RecordLayout;

/**
 * Tells where in a text a record ends: at the end of the line, in CSV unless that is in quotes. A
 * quote that is not closed in time opens nothing: then the record is the line.
 */
final class RecordEnds {
  private final Character delimiter;
  private final int longestValue;

  private RecordEnds(Character delimiter, int longestValue) {
    this.delimiter = delimiter;
    this.longestValue = longestValue;
  }

  /**
   * @param longestValue within how many bytes a quote must be closed
   */
  static RecordEnds of(RecordLayout layout, int longestValue) {
    return new RecordEnds(layout.delimiter(), longestValue);
  }

  /**
   * The place of the line feed that ends the record.
   *
   * @param from where the record begins
   * @param isAll whether nothing follows that could close a quote
   * @return {@code length} where it does not end before
   */
  int next(byte[] bytes, int from, int length, boolean isAll) {
    return delimiter == null
        ? lineFeed(bytes, from, length)
        : outsideQuotes(bytes, from, length, isAll);
  }

  private static int lineFeed(byte[] bytes, int from, int length) {
    int at = from;
    while (at < length && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  private int outsideQuotes(byte[] bytes, int from, int length, boolean isAll) {
    int at = from;
    boolean isValueStart = true;
    while (at < length && bytes[at] != '\n') {
      if (bytes[at] == '"' && isValueStart) {
        int most = (int) Math.min(length, at + 1L + longestValue);
        at = closingQuote(bytes, at + 1, most, length);
        if (at == most) {
          return isAll || most < length ? lineFeed(bytes, from, length) : length;
        }
        isValueStart = false;
      } else {
        isValueStart = bytes[at] == delimiter;
      }
      at++;
    }
    return at;
  }

  /**
   * Two quotes in a row close nothing.
   *
   * @return {@code most} where none closes before
   */
  private static int closingQuote(byte[] bytes, int from, int most, int length) {
    int at = from;
    while (at < most) {
      if (bytes[at] == '"') {
        if (at + 1 == length || bytes[at + 1] != '"') {
          return at;
        }
        at++;
      }
      at++;
    }
    return most;
  }
}
