package dev.recount.contract.door;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.ZipException;

/** Cuts a source into chunks of whole lines. */
final class LineReader {
  private static final int CHUNK_BYTES = 256 * 1024;
  private static final int LONGEST_LINE_BYTES = 64 * 1024 * 1024;

  private final LineSource source;
  private final Consumer<LineChunk> sink;
  private byte[] buffer = new byte[CHUNK_BYTES];
  private int length;
  private long firstLine = 1;

  LineReader(LineSource source, Consumer<LineChunk> sink) {
    this.source = source;
    this.sink = sink;
  }

  /**
   * Reads until the end of the source, or until nobody wants more.
   *
   * @throws dev.recount.contract.error.RecountException FILE_NOT_READABLE; the whole lines before
   *     the damage have been given out
   */
  void read(BooleanSupplier isStopped) {
    try (InputStream in = source.open()) {
      int read = 0;
      while (read >= 0 && !isStopped.getAsBoolean()) {
        read = in.read(buffer, length, buffer.length - length);
        length += Math.max(0, read);
        if (length == buffer.length || read >= 0 && in.available() == 0) {
          giveWholeLines();
        }
      }
      if (length > 0 && !isStopped.getAsBoolean()) {
        sink.accept(new LineChunk(source.name(), firstLine, buffer, length));
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
    int end = length;
    while (end > 0 && buffer[end - 1] != '\n') {
      end--;
    }
    if (end == 0) {
      grow();
      return;
    }
    LineChunk chunk = new LineChunk(source.name(), firstLine, buffer, end);
    byte[] next = new byte[Math.max(CHUNK_BYTES, length - end + CHUNK_BYTES / 2)];
    System.arraycopy(buffer, end, next, 0, length - end);
    for (int at = 0; at < end; at++) {
      if (buffer[at] == '\n') {
        firstLine++;
      }
    }
    length -= end;
    buffer = next;
    sink.accept(chunk);
  }

  private void grow() {
    if (length < buffer.length) {
      return;
    }
    if (length >= LONGEST_LINE_BYTES) {
      throw IngestCommand.unreadable(
          source.name(),
          "line " + firstLine + " is longer than " + LONGEST_LINE_BYTES + " bytes; is it text?",
          null);
    }
    buffer = Arrays.copyOf(buffer, buffer.length * 2);
  }
}
