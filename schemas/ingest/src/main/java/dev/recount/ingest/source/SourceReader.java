package dev.recount.ingest.source;

import java.util.function.BooleanSupplier;

/** Reads one source and gives its records out in chunks. */
public interface SourceReader {
  /**
   * Reads until the end of the source, or until no more is wanted.
   *
   * @throws dev.recount.error.RecountException FILE_NOT_READABLE; the whole records before the
   *     damage have been given out
   */
  void read(BooleanSupplier isStopped);
}
