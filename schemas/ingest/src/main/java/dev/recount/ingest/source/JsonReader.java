package dev.recount.ingest.source;

import dev.recount.ingest.mapping.RecordLayout;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** Cuts a text of JSON whose values are not one a line into chunks of them, numbered from 1. */
final class JsonReader {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final LineSource source;
  private final RecordLayout layout;
  private final RecordLimits limits;
  private final SourceSink sink;
  private final JsonSplitter splitter = new JsonSplitter();
  private byte[] buffer = new byte[CHUNK_BYTES];
  private int length;

  /** Where the values of the buffer begin and end that are not given out yet. */
  private int[] bounds = new int[1024];

  private int found;
  private long next = 1;
  private Oversized oversized;

  JsonReader(LineSource source, RecordLayout layout, RecordLimits limits, SourceSink sink) {
    this.source = source;
    this.layout = layout;
    this.limits = limits;
    this.sink = sink;
  }

  /**
   * Reads the text until it ends, or until no more is wanted.
   *
   * @throws dev.recount.error.RecountException FILE_NOT_READABLE; the values before the damage have
   *     been given out
   */
  void read(OpenSource text, BooleanSupplier isStopped) {
    sink.layout(source, layout);
    try {
      int read = 0;
      while (read >= 0 && !isStopped.getAsBoolean()) {
        read = text.read(buffer, length, buffer.length - length);
        length += Math.max(0, read);
        if (length == buffer.length || read < 0 || text.available() == 0) {
          giveValues();
        }
      }
      if (!isStopped.getAsBoolean()) {
        end();
        source.standing().read();
      }
    } catch (IOException e) {
      giveValues();
      throw broken(e.getMessage(), e);
    }
  }

  private void giveValues() {
    JsonSplitter.Found what = splitter.next(buffer, length);
    while (what == JsonSplitter.Found.VALUE) {
      take(splitter.to());
      what = splitter.next(buffer, length);
    }
    give();
    if (what == JsonSplitter.Found.BROKEN) {
      throw broken("its JSON is broken: " + splitter.problem(), null);
    }
    makeRoom();
  }

  private void take(int to) {
    if (oversized != null) {
      oversized.add(buffer, to);
      sink.chunk(oversized.chunk(source, layout, next++));
      source.standing().given(next);
      oversized = null;
    } else {
      if (found == bounds.length) {
        bounds = Arrays.copyOf(bounds, found * 2);
      }
      bounds[found++] = splitter.from();
      bounds[found++] = to;
    }
    splitter.take();
  }

  private void give() {
    if (found > 0) {
      int[] places = Arrays.copyOf(bounds, found);
      byte[] bytes = Arrays.copyOf(buffer, places[found - 1]);
      sink.chunk(
          new LineChunk(source, layout, next, bytes, bytes.length, (c, v) -> visit(c, v, places)));
      next += found / 2;
      found = 0;
      source.standing().given(next);
    }
  }

  private static void visit(LineChunk chunk, LineChunk.Visitor visitor, int[] places) {
    for (int i = 0; i < places.length; i += 2) {
      visitor.visit(chunk.first() + i / 2, places[i], places[i + 1], places[i + 1] - places[i]);
    }
  }

  private void makeRoom() {
    int done = splitter.isInValue() ? splitter.from() : length;
    if (oversized != null || done == 0 && length > limits.largestBytes()) {
      oversized = oversized == null ? new Oversized() : oversized;
      oversized.add(buffer, length);
      done = length;
    }
    splitter.drop(done);
    length -= done;
    System.arraycopy(buffer, done, buffer, 0, length);
    if (length == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
  }

  private void end() {
    boolean isCut = splitter.isInValue() && !splitter.isEndedByTheEnd();
    if (splitter.isInValue()) {
      take(length);
      give();
    }
    if (isCut) {
      throw broken("it ends inside of record " + (next - 1), null);
    }
    if (splitter.isInArray()) {
      throw broken("it ends before its JSON array does", null);
    }
  }

  private RuntimeException broken(String reason, IOException cause) {
    return Unreadable.because(
        source.name(), reason + "; the " + (next - 1) + " records before were read", cause);
  }
}
