package dev.recount.batch.lake;

import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Publication;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs leave on the lake: {@code views/<table>/run=<id>/}, and segments while they need. */
public final class RunFolders {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolders.class);
  private static final String RUN = "run=";
  private static final String FOLDED = "folded=";
  private static final String BACKFILL = "backfill=";
  private static final String NOTE = "_part.json";

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

  /** Where a run puts its rows together with those of parts that it folds. */
  public Path folded(String table, String runId) {
    return new Path(lake, "segments/" + table + "/" + FOLDED + runId);
  }

  /**
   * Where backfills of a range keep what they have finished until they are published.
   *
   * @param range names the range, and what its rows depend on
   */
  public Path backfill(String table, String range) {
    return new Path(lake, "segments/" + table + "/" + BACKFILL + range);
  }

  /** What backfills have left of a table. */
  public List<Path> backfills(String table) {
    return folders(new Path(lake, "segments/" + table), BACKFILL);
  }

  /** The runs that have worked on what a backfill has left. */
  public Set<String> runsOf(Path backfill) {
    return folders(backfill, "").stream()
        .flatMap(piece -> runs(piece).stream())
        .map(RunFolders::runId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Deletes what a backfill has left. */
  public void dropBackfill(String table, Path backfill) {
    delete(backfill);
    dropIfEmpty(new Path(lake, "segments/" + table));
  }

  /** Puts the rows that were folded in the place of those that the run counted itself. */
  public void replaceByFolded(String table, String runId) {
    Path target = view(table, runId);
    delete(target);
    try {
      FileSystem files = target.getFileSystem(hadoop);
      if (!files.rename(folded(table, runId), target)) {
        throw new IOException("could not move '" + folded(table, runId) + "' there");
      }
    } catch (IOException e) {
      throw failed("write", target, e);
    }
  }

  /** Notes beside the rows of a run what they are; readers of Parquet pass over such a file. */
  public void describe(String table, String runId, String json) {
    Path note = new Path(view(table, runId), NOTE);
    try (OutputStream out = note.getFileSystem(hadoop).create(note, true)) {
      out.write(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw failed("write", note, e);
    }
  }

  /** How many bytes the rows of a run take. */
  public long bytes(String table, String runId) {
    Path folder = view(table, runId);
    try {
      return folder.getFileSystem(hadoop).getContentSummary(folder).getLength();
    } catch (IOException e) {
      throw failed("read", folder, e);
    }
  }

  /** The runs whose rows of a table are on the lake. */
  public Set<String> runs(String table) {
    return runs(new Path(lake, "views/" + table)).stream()
        .map(RunFolders::runId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What of a publication is not on the lake, in words; empty if all its rows are. */
  public Optional<String> missing(Publication publication) {
    Set<String> there = runs(publication.tableName());
    List<String> missing =
        publication.parts().stream()
            .map(BatchPart::runId)
            .filter(run -> !there.contains(run))
            .toList();
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of("the lake no longer holds the rows of the runs " + missing);
  }

  /** Deletes all that a run has left of a table. */
  public void drop(String table, String runId) {
    dropWorking(table, runId);
    delete(view(table, runId));
  }

  /**
   * Deletes what no run needs any more that is still going, nor one that is kept: packed segments,
   * of which Pinot has its own copies, and rows of other runs.
   *
   * @param requireOurs throws if another run may be under way, whose files are not to be deleted
   */
  public void dropOthers(String table, Set<String> kept, Runnable requireOurs) {
    Set<String> working = working(table);
    List<Path> runs = runs(new Path(lake, "views/" + table));
    requireOurs.run();
    working.forEach(run -> dropWorking(table, run));
    dropIfEmpty(new Path(lake, "segments/" + table));
    runs.stream().filter(folder -> !kept.contains(runId(folder))).forEach(this::delete);
  }

  /** How many bytes all that runs have left of a table takes. */
  public long bytes(String table) {
    long bytes = 0;
    for (Path folder : all(table)) {
      try {
        bytes += folder.getFileSystem(hadoop).getContentSummary(folder).getLength();
      } catch (FileNotFoundException e) {
        continue;
      } catch (IOException e) {
        throw failed("read", folder, e);
      }
    }
    return bytes;
  }

  /** Deletes all that runs have left of a table. */
  public void dropAll(String table) {
    all(table).forEach(this::delete);
  }

  private List<Path> all(String table) {
    return Stream.of("views/", "segments/").map(kind -> new Path(lake, kind + table)).toList();
  }

  private void dropIfEmpty(Path folder) {
    try {
      folder.getFileSystem(hadoop).delete(folder, false);
    } catch (IOException e) {
      // A run that began since is using it.
      LOG.debug("{} stays: {}", folder, e.getMessage());
    }
  }

  /** The runs that have left something of a table, rows or what they needed while they ran. */
  public Set<String> traces(String table) {
    Set<String> runs = new TreeSet<>(runs(table));
    runs.addAll(working(table));
    return runs;
  }

  /** The runs that have left what they needed only while they ran. */
  public Set<String> working(String table) {
    return Stream.of(RUN, FOLDED)
        .flatMap(prefix -> folders(new Path(lake, "segments/" + table), prefix).stream())
        .map(folder -> folder.getName().replaceFirst(".*=", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Deletes what a run needed only while it ran; nothing else needs it. */
  public void dropWorking(String table, String runId) {
    delete(segments(table, runId));
    delete(folded(table, runId));
  }

  private static String runId(Path folder) {
    return folder.getName().substring(RUN.length());
  }

  private List<Path> runs(Path folder) {
    return folders(folder, RUN);
  }

  private List<Path> folders(Path folder, String prefix) {
    try {
      FileStatus[] found = folder.getFileSystem(hadoop).listStatus(folder);
      return Arrays.stream(found)
          .map(FileStatus::getPath)
          .filter(p -> p.getName().startsWith(prefix))
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
