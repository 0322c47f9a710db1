package dev.recount.ingest.source;

import dev.recount.ingest.avro.RowFile;
import dev.recount.ingest.mapping.RecordLayout;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.BooleanSupplier;

/** Reads a file of rows as if it were a text of JSON objects, a row a line. */
final class RowReader implements SourceReader {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final LineSource source;
  private final RowFile format;
  private final SourceSink sink;
  private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK_BYTES);
  private RecordLayout layout;
  private long firstRow = 1;
  private long rows;

  RowReader(LineSource source, RowFile format, RecordLayout layout, SourceSink sink) {
    this.source = source;
    this.format = format;
    this.layout = layout;
    this.sink = sink;
  }

  @Override
  public void read(BooleanSupplier isStopped) {
    if (!source.isReadTwice()) {
      throw Unreadable.because(
          source.name(), format.name() + " cannot be read from a pipe; name a file", null);
    }
    try (RowFile.Rows file = format.open(Path.of(source.name()))) {
      layout = layout.withColumns(file.columns());
      sink.layout(source, layout);
      readRows(file, isStopped);
    }
  }

  private void readRows(RowFile.Rows file, BooleanSupplier isStopped) {
    try {
      Iterator<String> json = file.json().iterator();
      while (!isStopped.getAsBoolean() && json.hasNext()) {
        chunk.writeBytes(json.next().getBytes(StandardCharsets.UTF_8));
        chunk.write('\n');
        rows++;
        if (chunk.size() >= CHUNK_BYTES) {
          source.bytesRead().set(file.bytesRead().getAsLong());
          give();
        }
      }
    } catch (RuntimeException | LinkageError e) {
      give();
      throw Unreadable.because(
          source.name(),
          "it is damaged: " + reason(e) + "; " + (firstRow - 1) + " rows were read",
          e);
    }
    source
        .bytesRead()
        .set(isStopped.getAsBoolean() ? file.bytesRead().getAsLong() : source.sizeBytes());
    give();
    if (!isStopped.getAsBoolean()) {
      source.standing().read();
    }
  }

  /** The innermost reason; those around it say which of a library's classes were at work. */
  private static String reason(Throwable e) {
    Throwable inner = e;
    while (inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner.getMessage() == null || inner instanceof LinkageError
        ? inner.toString()
        : inner.getMessage();
  }

  private void give() {
    if (chunk.size() > 0) {
      byte[] bytes = chunk.toByteArray();
      sink.chunk(
          new LineChunk(
              source,
              layout,
              firstRow,
              bytes,
              bytes.length,
              RecordEnds.of(layout, Integer.MAX_VALUE)));
      firstRow += rows;
      source.standing().given(firstRow);
      rows = 0;
      chunk.reset();
    }
  }
}
