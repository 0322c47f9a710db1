package dev.recount.contract.door;

import dev.recount.contract.record.RecordLayout;

/** Tells where in a text a record ends: at the end of the line, in CSV unless that is in quotes. */
final class RecordEnds {
  private final Character delimiter;

  private RecordEnds(Character delimiter) {
    this.delimiter = delimiter;
  }

  static RecordEnds of(RecordLayout layout) {
    return new RecordEnds(layout.delimiter());
  }

  /**
   * The place of the line feed that ends the record.
   *
   * @param from where the record begins
   * @return {@code length} where it does not end before
   */
  int next(byte[] bytes, int from, int length) {
    return delimiter == null ? lineFeed(bytes, from, length) : outsideQuotes(bytes, from, length);
  }

  private static int lineFeed(byte[] bytes, int from, int length) {
    int at = from;
    while (at < length && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  private int outsideQuotes(byte[] bytes, int from, int length) {
    int at = from;
    boolean isValueStart = true;
    while (at < length && bytes[at] != '\n') {
      if (bytes[at] == '"' && isValueStart) {
        at = closingQuote(bytes, at + 1, length);
        isValueStart = false;
      } else {
        isValueStart = bytes[at] == delimiter;
      }
      at++;
    }
    return Math.min(at, length);
  }

  /** Two quotes in a row close nothing. */
  private static int closingQuote(byte[] bytes, int from, int length) {
    int at = from;
    while (at < length) {
      if (bytes[at] == '"') {
        if (at + 1 == length || bytes[at + 1] != '"') {
          return at;
        }
        at++;
      }
      at++;
    }
    return length;
  }
}
