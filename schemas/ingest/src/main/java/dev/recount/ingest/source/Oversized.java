package dev.recount.ingest.source;

import dev.recount.core.letter.DeadLetter;
import dev.recount.ingest.mapping.RecordLayout;
import java.io.ByteArrayOutputStream;

/** Counts a record that is too large to be held, of which only the first bytes are kept. */
final class Oversized {
  private final ByteArrayOutputStream start = new ByteArrayOutputStream();
  private long size;

  /** Continues with the first bytes of a buffer. */
  void add(byte[] buffer, int length) {
    int room = DeadLetter.CUT_BYTES - start.size();
    start.write(buffer, 0, Math.min(room, length));
    size += length;
  }

  LineChunk chunk(LineSource source, RecordLayout layout, long number) {
    byte[] bytes = start.toByteArray();
    return new LineChunk(
        source,
        layout,
        number,
        bytes,
        bytes.length,
        (chunk, visitor) -> visitor.visit(number, 0, bytes.length, size));
  }
}
