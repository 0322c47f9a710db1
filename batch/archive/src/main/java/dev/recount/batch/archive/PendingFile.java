package dev.recount.batch.archive;

import java.io.IOException;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/**
 * A file that no reader sees until it is committed. Closing what {@link #open} gives only ends the
 * writing; {@link #commit} or {@link #discard} decides.
 */
abstract class PendingFile implements OutputFile {
  /** How a commit ended; an {@link IOException} instead means that the outcome is unknown. */
  enum Outcome {
    /** The file is there, and it is this one. */
    DONE,
    /** Certainly not done: another writer's file has the name. */
    LOST
  }

  /** Opens the file for writing; called once. */
  abstract PositionOutputStream open() throws IOException;

  /**
   * Makes the finished file appear under its final name, unless another has it.
   *
   * @throws IOException if it is unknown whether that happened: look before continuing
   */
  abstract Outcome commit() throws IOException;

  /** Forgets the file; does nothing after a commit. Failures leave a file that is cleaned later. */
  abstract void discard();

  @Override
  public final PositionOutputStream create(long blockSizeHint) throws IOException {
    return open();
  }

  @Override
  public final PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return open();
  }

  @Override
  public final boolean supportsBlockSize() {
    return false;
  }

  @Override
  public final long defaultBlockSize() {
    return 0;
  }
}
