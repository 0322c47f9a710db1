package dev.recount.contract.door;

import dev.recount.contract.error.RecountException;
import dev.recount.contract.record.RecordFormat;
import dev.recount.contract.record.RecordLayout;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Some whole records of a source, of a line each or, in CSV, of several.
 *
 * @param layout how they are written
 * @param firstLine the number of the first line, from 1
 * @param longestValue within how many bytes a quote must be closed in CSV
 * @param bytes holds the lines in its first {@code length} bytes, each but perhaps the last with
 *     its line feed
 */
record LineChunk(
    String file, RecordLayout layout, int longestValue, long firstLine, byte[] bytes, int length) {

  /** A record, on its way to become an event. */
  record Line(LineChunk chunk, long number, int from, int to, Tally tally) implements Arrival {
    @Override
    public byte[] payload() {
      return Arrays.copyOfRange(chunk.bytes, from, to);
    }

    @Override
    public DeadLetter.Source source() {
      return DeadLetter.Source.file(chunk.file, number, chunk.layout);
    }

    @Override
    public void accepted() {
      tally.accept();
    }

    @Override
    public void rejected(RecountException reason) {
      tally.reject(chunk.file, number, reason);
    }

    @Override
    public void failed(RecountException reason) {
      tally.fail(reason);
    }
  }

  /**
   * Goes through the records, without their ends; blank ones, of CSV empty ones, are passed over.
   */
  void forEach(Tally tally, Consumer<Line> work) {
    RecordEnds ends = RecordEnds.of(layout, longestValue);
    long number = firstLine;
    int from = 0;
    while (from < length) {
      int end = ends.next(bytes, from, length, true);
      int to = end > from && bytes[end - 1] == '\r' ? end - 1 : end;
      if (!isBlank(from, to)) {
        work.accept(new Line(this, number, from, to, tally));
      }
      number += 1 + lineFeeds(bytes, from, end);
      from = end + 1;
    }
  }

  /** In CSV a blank line may be a row of empty columns. */
  private boolean isBlank(int from, int to) {
    if (layout.format() == RecordFormat.CSV) {
      return from == to;
    }
    int at = from;
    while (at < to && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r')) {
      at++;
    }
    return at == to;
  }

  static int lineFeeds(byte[] bytes, int from, int to) {
    int count = 0;
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n') {
        count++;
      }
    }
    return count;
  }
}
