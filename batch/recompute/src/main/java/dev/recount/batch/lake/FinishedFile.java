package dev.recount.batch.lake;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Puts what a task has written in its place, even if an earlier attempt has done so. */
public final class FinishedFile {
  private FinishedFile() {}

  public static void put(FileSystem files, Path unfinished, Path target) throws IOException {
    files.delete(target, false);
    if (!files.rename(unfinished, target)) {
      throw new IOException("could not move '" + unfinished + "' to '" + target + "'");
    }
  }
}
