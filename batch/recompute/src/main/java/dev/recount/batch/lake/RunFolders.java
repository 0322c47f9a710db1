package dev.recount.batch.lake;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What runs leave on the lake: {@code views/<table>/run=<id>/}, and segments while they need. */
public final class RunFolders {
  /** Runs whose results are kept for each table. */
  public static final int KEPT = 3;

  private static final String RUN = "run=";

  private final Path lake;
  private final Configuration hadoop;

  public RunFolders(URI lake, Configuration hadoop) {
    this.lake = new Path(lake);
    this.hadoop = hadoop;
  }

  public Path view(String table, String runId) {
    return new Path(lake, "views/" + table + "/" + RUN + runId);
  }

  public Path segments(String table, String runId) {
    return new Path(lake, "segments/" + table + "/" + RUN + runId);
  }

  /** Deletes the packed segments of a run: Pinot has its own copy, and the view's Parquet stays. */
  public void dropSegments(String table, String runId) {
    delete(segments(table, runId));
  }

  /**
   * Deletes results of older runs.
   *
   * @param serving runs that are kept whatever their age
   */
  public void dropOld(String table, Set<String> serving) {
    List<Path> newestFirst = runs(new Path(lake, "views/" + table));
    newestFirst.stream()
        .skip(KEPT)
        .filter(p -> !serving.contains(p.getName().substring(RUN.length())))
        .forEach(this::delete);
  }

  private List<Path> runs(Path folder) {
    try {
      FileStatus[] found = folder.getFileSystem(hadoop).listStatus(folder);
      return Arrays.stream(found)
          .map(FileStatus::getPath)
          .filter(p -> p.getName().startsWith(RUN))
          .sorted(Comparator.comparing(Path::getName).reversed())
          .toList();
    } catch (FileNotFoundException e) {
      return new ArrayList<>();
    } catch (IOException e) {
      throw failed("list", folder, e);
    }
  }

  private void delete(Path folder) {
    try {
      FileSystem files = folder.getFileSystem(hadoop);
      files.delete(folder, true);
    } catch (IOException e) {
      throw failed("delete", folder, e);
    }
  }

  private static RecountException failed(String verb, Path folder, IOException e) {
    return RecountException.of(
        ErrorCode.BATCH_FAILED, e, "Cannot %s '%s': %s", verb, folder, e.getMessage());
  }
}
