package dev.recount.ingest.avro;

import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * A format of files that hold rows and their own schema, such as Parquet. Modules that can read one
 * name it to {@link java.util.ServiceLoader}.
 */
public interface RowFile {
  /** What the format is called, in small letters. */
  String name();

  /**
   * @throws dev.recount.error.RecountException FILE_NOT_READABLE
   */
  Rows open(Path file);

  /**
   * What a file holds. Is to be closed.
   *
   * @param columns the outermost names
   * @param json the rows in their order, each as a JSON object on one line, written as {@link
   *     JsonEvents} takes it; reading on throws any RuntimeException if the file is damaged
   * @param bytesRead about how many bytes of the file the rows read so far are made of
   */
  record Rows(List<String> columns, Stream<String> json, LongSupplier bytesRead)
      implements AutoCloseable {
    @Override
    public void close() {
      json.close();
    }
  }
}
