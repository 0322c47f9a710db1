package dev.recount.contract.door;

import dev.recount.contract.error.RecountException;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Some whole lines of a source.
 *
 * @param firstLine the number of the first of them, from 1
 * @param bytes holds the lines in its first {@code length} bytes, each but perhaps the last with
 *     its line feed
 */
record LineChunk(String file, long firstLine, byte[] bytes, int length) {

  /** A line, on its way to become an event. */
  record Line(LineChunk chunk, LineFormat format, long number, int from, int to, Tally tally)
      implements Arrival {
    @Override
    public byte[] payload() {
      return Arrays.copyOfRange(chunk.bytes, from, to);
    }

    @Override
    public DeadLetter.Source source() {
      return DeadLetter.Source.file(chunk.file, number, format);
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

  /** Goes through the lines, without their ends; blank ones are passed over. */
  void forEach(LineFormat format, Tally tally, Consumer<Line> work) {
    long number = firstLine;
    int from = 0;
    while (from < length) {
      int end = from;
      boolean isBlank = true;
      while (end < length && bytes[end] != '\n') {
        isBlank &= bytes[end] == ' ' || bytes[end] == '\t' || bytes[end] == '\r';
        end++;
      }
      if (!isBlank) {
        int to = bytes[end - 1] == '\r' ? end - 1 : end;
        work.accept(new Line(this, format, number, from, to, tally));
      }
      number++;
      from = end + 1;
    }
  }
}
