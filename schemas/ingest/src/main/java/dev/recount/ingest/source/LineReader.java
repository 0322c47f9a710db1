package dev.recount.ingest.source;

import dev.recount.error.RecountException;
import dev.recount.ingest.mapping.CsvRecords;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.W3cRecords;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Cuts a text of lines into chunks of whole records; of CSV, takes the header off before, of W3C
 * the lines about the log wherever they are.
 */
final class LineReader {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final LineSource source;
  private final RecordLimits limits;
  private final SourceSink sink;
  private final RecordEnds ends;
  private final boolean areColumnsGiven;
  private RecordLayout layout;
  private byte[] buffer = new byte[CHUNK_BYTES];
  private int length;
  private long firstLine;

  /** Not null while the rest of a record is skipped. */
  private Oversized oversized;

  /**
   * @param firstLine the number of the line that the text begins with
   */
  LineReader(
      LineSource source,
      RecordLayout layout,
      RecordLimits limits,
      SourceSink sink,
      long firstLine) {
    this.source = source;
    this.layout = layout;
    this.areColumnsGiven = layout.columns() != null;
    this.limits = limits;
    this.sink = sink;
    this.ends = RecordEnds.of(layout, limits.longestValueBytes());
    this.firstLine = firstLine;
  }

  /**
   * Reads the text until it ends, or until no more is wanted.
   *
   * @throws dev.recount.error.RecountException FILE_NOT_READABLE; the whole lines before the damage
   *     have been given out
   */
  void read(OpenSource text, BooleanSupplier isStopped) {
    if (!needsHeader()) {
      sink.layout(source, layout);
    }
    try {
      int read = 0;
      while (read >= 0 && !isStopped.getAsBoolean()) {
        read = text.read(buffer, length, buffer.length - length);
        length += Math.max(0, read);
        if (length == buffer.length || read >= 0 && text.available() == 0) {
          giveWholeLines();
        }
      }
      if (!isStopped.getAsBoolean()) {
        giveRest();
        source.standing().read();
      }
    } catch (IOException e) {
      giveWholeLines();
      throw Unreadable.because(
          source.name(),
          e.getMessage() + "; the " + (firstLine - 1) + " whole lines before were read",
          e);
    }
  }

  private void giveWholeLines() {
    if (oversized != null && !passOver()) {
      return;
    }
    int end = wholeRecords();
    if (end == 0) {
      makeRoom();
      return;
    }
    byte[] next = new byte[Math.max(CHUNK_BYTES, length - end + CHUNK_BYTES / 2)];
    System.arraycopy(buffer, end, next, 0, length - end);
    int rest = length - end;
    give(end);
    buffer = next;
    length = rest;
  }

  private void giveRest() {
    if (oversized != null && !passOver()) {
      giveOversized();
    }
    give(length);
  }

  /** Where the last whole record ends. */
  private int wholeRecords() {
    int whole = 0;
    int end = ends.end(buffer, RecordEnds.begin(buffer, 0, length), length, false);
    while (end < length) {
      whole = end + 1;
      end = ends.end(buffer, RecordEnds.begin(buffer, whole, length), length, false);
    }
    return whole;
  }

  /** Gives out the buffer up to an end; it is not written to any more. */
  private void give(int end) {
    if (end == 0) {
      return;
    }
    if (layout.format() == RecordFormat.W3C) {
      giveBetweenDirectives(end);
      return;
    }
    giveRecords(needsHeader() ? takeHeader(end) : 0, end);
  }

  /** Of W3C, lines that begin with {@code #} are about the log, and may name other columns. */
  private void giveBetweenDirectives(int end) {
    int from = 0;
    int at = 0;
    while (at < end) {
      int begin = RecordEnds.begin(buffer, at, end);
      int lineEnd = RecordEnds.lineFeed(buffer, begin, end);
      if (begin < lineEnd && buffer[begin] == '#') {
        giveRecords(from, at);
        from = Math.min(end, lineEnd + 1);
        takeDirective(Arrays.copyOfRange(buffer, begin, lineEnd));
        firstLine += Lines.lineFeeds(buffer, at, from);
      }
      at = lineEnd + 1;
    }
    giveRecords(from, end);
  }

  private void takeDirective(byte[] line) {
    if (!areColumnsGiven) {
      W3cRecords.columns(line, source.name())
          .ifPresent(
              columns -> {
                layout = layout.withColumns(columns);
                giveLayout();
              });
    }
  }

  /** The columns may change in the middle, where a mapping may no longer fit. */
  private void giveLayout() {
    try {
      sink.layout(layout);
    } catch (RecountException e) {
      throw RecountException.of(
          e.code(),
          e,
          "Cannot read '%s' from line %s on, which names its columns: %s",
          source.name(),
          firstLine,
          e.getMessage());
    }
  }

  private void giveRecords(int from, int end) {
    if (end > from) {
      if (layout.format() == RecordFormat.W3C && layout.columns() == null) {
        if (isBlank(from, end)) {
          firstLine += Lines.lineFeeds(buffer, from, end);
          return;
        }
        throw Unreadable.because(
            source.name(),
            "no line '#Fields: ...' names its columns before line "
                + firstLine
                + "; name them with --columns",
            null);
      }
      byte[] bytes = from == 0 ? buffer : Arrays.copyOfRange(buffer, from, end);
      LineChunk chunk = new LineChunk(source, layout, firstLine, bytes, end - from, ends);
      firstLine += Lines.lineFeeds(bytes, 0, end - from);
      sink.chunk(chunk);
      source.standing().given(bytes[end - from - 1] == '\n' ? firstLine : firstLine + 1);
    }
  }

  private boolean isBlank(int from, int end) {
    int at = from;
    while (at < end && buffer[at] >= 0 && buffer[at] <= ' ') {
      at++;
    }
    return at == end;
  }

  private boolean needsHeader() {
    return hasColumns(layout.format()) && layout.columns() == null;
  }

  private static boolean hasColumns(RecordFormat format) {
    return format == RecordFormat.CSV || format == RecordFormat.W3C;
  }

  /** Returns where the records begin. */
  private int takeHeader(int end) {
    int begin = RecordEnds.begin(buffer, 0, end);
    int headerEnd = ends.end(buffer, begin, end, true);
    byte[] record = Arrays.copyOfRange(buffer, begin, headerEnd);
    layout = layout.withColumns(CsvRecords.header(record, layout.delimiter(), source.name()));
    sink.layout(source, layout);
    int from = Math.min(end, headerEnd + 1);
    firstLine += Lines.lineFeeds(buffer, 0, from);
    return from;
  }

  private void makeRoom() {
    if (length < buffer.length) {
      return;
    }
    int zeros = RecordEnds.zeros(buffer, 0, length);
    if (zeros > 0) {
      drop(zeros);
    } else if (length > limits.largestBytes()) {
      oversized = new Oversized();
      if (passOver()) {
        giveWholeLines();
      }
    } else {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
  }

  private void drop(int count) {
    length -= count;
    System.arraycopy(buffer, count, buffer, 0, length);
  }

  /** Whether the record that is skipped has ended; then the buffer begins with the next. */
  private boolean passOver() {
    int end = RecordEnds.lineFeed(buffer, 0, length);
    oversized.add(buffer, end);
    if (end == length) {
      length = 0;
      return false;
    }
    giveOversized();
    drop(end + 1);
    return true;
  }

  private void giveOversized() {
    if (needsHeader()) {
      throw Unreadable.because(
          source.name(),
          "its first line, which must name the columns, has more than "
              + limits.largestBytes()
              + " bytes",
          null);
    }
    sink.chunk(oversized.chunk(source, layout, firstLine));
    oversized = null;
    firstLine++;
    source.standing().given(firstLine);
  }
}
