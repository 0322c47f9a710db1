package dev.recount.ingest.source;

import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;

/**
 * Tells where in a text of lines a record begins and ends: at the end of the line, in CSV unless
 * that is in quotes. A quote that is not closed in time opens nothing: then the record is the line.
 */
public final class RecordEnds implements LineChunk.Records {
  private final Character delimiter;
  private final boolean isCsv;
  private final int longestValue;

  private RecordEnds(RecordLayout layout, int longestValue) {
    this.delimiter = layout.delimiter();
    this.isCsv = layout.format() == RecordFormat.CSV;
    this.longestValue = longestValue;
  }

  /**
   * @param longestValue within how many bytes a quote must be closed
   */
  static RecordEnds of(RecordLayout layout, int longestValue) {
    return new RecordEnds(layout, longestValue);
  }

  /** Visits the records, without their ends; blank ones, of CSV empty ones, are skipped. */
  @Override
  public void forEach(LineChunk chunk, LineChunk.Visitor visitor) {
    byte[] bytes = chunk.bytes();
    long number = chunk.first();
    int from = 0;
    while (from < chunk.length()) {
      int begin = begin(bytes, from, chunk.length());
      int end = end(bytes, begin, chunk.length(), true);
      int to = end > begin && bytes[end - 1] == '\r' ? end - 1 : end;
      if (!isBlank(bytes, begin, to)) {
        visitor.visit(number, begin, to, to - begin);
      }
      number += 1 + Lines.lineFeeds(bytes, from, end);
      from = end + 1;
    }
  }

  /** In CSV a blank line may be a row of empty columns. */
  private boolean isBlank(byte[] bytes, int from, int to) {
    if (isCsv) {
      return from == to;
    }
    int at = from;
    while (at < to && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) {
      at++;
    }
    return at == to;
  }

  /**
   * Where the record begins that follows the end of another: after the zeros that a file has if it
   * was emptied while it was written, and after the byte order mark of a file that was appended.
   */
  public static int begin(byte[] bytes, int from, int length) {
    int at = from + zeros(bytes, from, length);
    boolean isMarked =
        length - at > 2
            && bytes[at] == (byte) 0xEF
            && bytes[at + 1] == (byte) 0xBB
            && bytes[at + 2] == (byte) 0xBF;
    return isMarked ? at + 3 : at;
  }

  /** How many zeros there are from a place on. */
  static int zeros(byte[] bytes, int from, int length) {
    int at = from;
    while (at < length && bytes[at] == 0) {
      at++;
    }
    return at - from;
  }

  /**
   * The place of the line feed that ends the record.
   *
   * @param from where the record begins
   * @param isAll whether nothing follows that could close a quote
   * @return {@code length} where it does not end before
   */
  int end(byte[] bytes, int from, int length, boolean isAll) {
    return delimiter == null
        ? lineFeed(bytes, from, length)
        : outsideQuotes(bytes, from, length, isAll);
  }

  public static int lineFeed(byte[] bytes, int from, int length) {
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
