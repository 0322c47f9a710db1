package dev.recount.contract.door;

import dev.recount.contract.record.CsvRecords;
import dev.recount.contract.record.RecordFormat;
import dev.recount.contract.record.RecordLayout;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.ZipException;

/** Cuts a text into chunks of whole records; of CSV, takes the header off before. */
final class LineReader implements SourceReader {
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final int LONGEST_LINE_BYTES = 64 * 1024 * 1024;

  private final LineSource source;
  private final Consumer<RecordLayout> columns;
  private final Consumer<LineChunk> sink;
  private final RecordEnds ends;
  private final int longestValue;
  private RecordLayout layout;
  private byte[] buffer = new byte[CHUNK_BYTES];
  private int length;
  private long firstLine = 1;

  /**
   * @param longestValue within how many bytes a quote must be closed in CSV
   * @param columns is given the layout with a file's columns before its records; what it throws
   *     ends the reading
   */
  LineReader(
      LineSource source,
      RecordLayout layout,
      int longestValue,
      Consumer<RecordLayout> columns,
      Consumer<LineChunk> sink) {
    this.source = source;
    this.layout = layout;
    this.longestValue = longestValue;
    this.columns = columns;
    this.sink = sink;
    this.ends = RecordEnds.of(layout, longestValue);
  }

  @Override
  public void read(BooleanSupplier isStopped) {
    try (InputStream in = source.open()) {
      int read = 0;
      while (read >= 0 && !isStopped.getAsBoolean()) {
        read = in.read(buffer, length, buffer.length - length);
        length += Math.max(0, read);
        if (length == buffer.length || read >= 0 && in.available() == 0) {
          giveWholeLines();
        }
      }
      if (!isStopped.getAsBoolean()) {
        give(length);
      }
    } catch (EOFException | ZipException e) {
      giveWholeLines();
      throw damaged("its gzip data is cut off or damaged (" + e.getMessage() + ")", e);
    } catch (IOException e) {
      giveWholeLines();
      throw damaged(e.getMessage(), e);
    }
  }

  private RuntimeException damaged(String reason, IOException cause) {
    return IngestCommand.unreadable(
        source.name(),
        reason + "; the " + (firstLine - 1) + " whole lines before were read",
        cause);
  }

  private void giveWholeLines() {
    int end = wholeRecords();
    if (end == 0) {
      grow();
      return;
    }
    byte[] next = new byte[Math.max(CHUNK_BYTES, length - end + CHUNK_BYTES / 2)];
    System.arraycopy(buffer, end, next, 0, length - end);
    int rest = length - end;
    give(end);
    buffer = next;
    length = rest;
  }

  /** Where the last whole record ends. */
  private int wholeRecords() {
    int whole = 0;
    int end = ends.next(buffer, 0, length, false);
    while (end < length) {
      whole = end + 1;
      end = ends.next(buffer, whole, length, false);
    }
    return whole;
  }

  /** Gives out the buffer up to an end; it is not written to any more. */
  private void give(int end) {
    if (end == 0) {
      return;
    }
    int from = needsHeader() ? takeHeader(end) : 0;
    if (end > from) {
      byte[] bytes = from == 0 ? buffer : Arrays.copyOfRange(buffer, from, end);
      sink.accept(new LineChunk(source.name(), layout, longestValue, firstLine, bytes, end - from));
      firstLine += LineChunk.lineFeeds(buffer, from, end);
    }
  }

  private boolean needsHeader() {
    return layout.format() == RecordFormat.CSV && layout.columns() == null;
  }

  /** Returns where the records begin. */
  private int takeHeader(int end) {
    int headerEnd = ends.next(buffer, 0, end, true);
    byte[] record = Arrays.copyOf(buffer, headerEnd);
    layout = layout.withColumns(CsvRecords.header(record, layout.delimiter(), source.name()));
    columns.accept(layout);
    int from = Math.min(end, headerEnd + 1);
    firstLine += LineChunk.lineFeeds(buffer, 0, from);
    return from;
  }

  private void grow() {
    if (length < buffer.length) {
      return;
    }
    if (length >= LONGEST_LINE_BYTES) {
      throw IngestCommand.unreadable(
          source.name(),
          "the record at line "
              + firstLine
              + " is longer than "
              + LONGEST_LINE_BYTES
              + " bytes; is it text"
              + (layout.delimiter() == null ? "?" : ", and is each quote closed?"),
          null);
    }
    buffer = Arrays.copyOf(buffer, buffer.length * 2);
  }
}
