package dev.recount.contract.door;

import dev.recount.contract.record.RecordLayout;
import dev.recount.contract.record.RowFile;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Reads a file of rows as if it were a text of JSON objects, a row a line. */
final class RowReader implements SourceReader {
  private static final int CHUNK_BYTES = 256 * 1024;

  private final LineSource source;
  private final RowFile format;
  private final Consumer<RecordLayout> columns;
  private final Consumer<LineChunk> sink;
  private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(CHUNK_BYTES);
  private RecordLayout layout;
  private long firstRow = 1;
  private long rows;

  /**
   * @param columns is given the layout with the file's columns before its rows; what it throws ends
   *     the reading
   */
  RowReader(
      LineSource source,
      RowFile format,
      RecordLayout layout,
      Consumer<RecordLayout> columns,
      Consumer<LineChunk> sink) {
    this.source = source;
    this.format = format;
    this.layout = layout;
    this.columns = columns;
    this.sink = sink;
  }

  @Override
  public void read(BooleanSupplier isStopped) {
    if (source.name().equals("-")) {
      throw IngestCommand.unreadable(
          source.name(), format.name() + " cannot come by standard input; name a file", null);
    }
    try (RowFile.Rows file = format.open(Path.of(source.name()))) {
      layout = layout.withColumns(file.columns());
      columns.accept(layout);
      readRows(file.json().iterator(), isStopped);
    }
    source.bytesRead().set(Math.max(0, source.sizeBytes()));
  }

  private void readRows(Iterator<String> file, BooleanSupplier isStopped) {
    try {
      while (!isStopped.getAsBoolean() && file.hasNext()) {
        chunk.writeBytes(file.next().getBytes(StandardCharsets.UTF_8));
        chunk.write('\n');
        rows++;
        if (chunk.size() >= CHUNK_BYTES) {
          give();
        }
      }
    } catch (RuntimeException | LinkageError e) {
      give();
      throw IngestCommand.unreadable(
          source.name(),
          "it is damaged: " + reason(e) + "; the " + (firstRow - 1) + " rows before were read",
          e);
    }
    give();
  }

  /** What is not on the class path says only its name. */
  private static String reason(Throwable e) {
    return e instanceof LinkageError ? e.toString() : e.getMessage();
  }

  private void give() {
    if (chunk.size() > 0) {
      byte[] bytes = chunk.toByteArray();
      sink.accept(
          new LineChunk(source.name(), layout, Integer.MAX_VALUE, firstRow, bytes, bytes.length));
      firstRow += rows;
      rows = 0;
      chunk.reset();
    }
  }
}
