package dev.recount.batch.lake;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The finished pieces of a backfill on the lake: {@code piece=<name>/run=<run>/}, and beside the
 * folder of the run that has finished it a note that says so. Each run writes into folders of its
 * own, so that one which was taken for dead disturbs nobody.
 */
public final class Pieces {
  private static final String NOTE = "_finished.json";

  private final Path folder;
  private final Configuration hadoop;

  /**
   * @param folder that of a backfill
   */
  public Pieces(Path folder, Configuration hadoop) {
    this.folder = folder;
    this.hadoop = hadoop;
  }

  /**
   * A piece that is finished.
   *
   * @param runId whose folder holds the rows
   * @param rows how many there are
   */
  public record Finished(String runId, long rows) {}

  /** Where a run puts the rows of a piece. */
  public Path rows(String piece, String runId) {
    return new Path(folder(piece), "run=" + runId);
  }

  /** Empty if no run has finished the piece. */
  public Optional<Finished> find(String piece) {
    Path note = new Path(folder(piece), NOTE);
    try (InputStream in = files(note).open(note)) {
      return Optional.of(
          Json.read(new String(in.readAllBytes(), StandardCharsets.UTF_8), Finished.class));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("read", note, e);
    }
  }

  /** Notes that a piece is finished: from now on it is not computed again. */
  public void finish(String piece, Finished finished) {
    Path note = new Path(folder(piece), NOTE);
    Path unfinished = new Path(folder(piece), "_" + finished.runId());
    try {
      try (OutputStream out = files(note).create(unfinished, true)) {
        out.write(Json.write(finished).getBytes(StandardCharsets.UTF_8));
      }
      FinishedFile.put(files(note), unfinished, note);
    } catch (IOException e) {
      throw failed("write", note, e);
    }
  }

  private Path folder(String piece) {
    return new Path(folder, "piece=" + piece);
  }

  private FileSystem files(Path path) throws IOException {
    return path.getFileSystem(hadoop);
  }

  private static RecountException failed(String verb, Path path, IOException e) {
    return RecountException.of(
        ErrorCode.BATCH_FAILED, e, "Cannot %s '%s': %s", verb, path, e.getMessage());
  }
}
