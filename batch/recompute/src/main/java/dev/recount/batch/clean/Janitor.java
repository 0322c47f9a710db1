package dev.recount.batch.clean;

import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.run.RunLock;
import dev.recount.batch.run.RunLog;
import dev.recount.batch.run.WorkFolder;
import dev.recount.batch.version.Dropping;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what failed runs left behind: segments and unfinished swaps in Pinot, folders on the lake
 * and in the home, and history that is too old. What serves, may serve soon, or is kept, stays.
 * Safe beside a run that is under way: swaps are left alone then.
 *
 * <p>Topics and tables are made by {@code apply} alone, so that no run leaves any. Those of a
 * version whose making or dropping was cut off go with it.
 */
public final class Janitor {
  private static final Logger LOG = LoggerFactory.getLogger(Janitor.class);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String LOG_SUFFIX = ".log";
  private static final String RUN_ID = "\\d{8}T\\d{9}";

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final PinotController controller;
  private final RunFolders folders;

  public Janitor(RecountConfig config, Catalog catalog, Clock clock) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.controller = new PinotController(config, PATIENCE);
    this.folders = new RunFolders(config.lakeUri(), new Configuration());
  }

  /**
   * @param isDryRun whether it only says what it would remove
   * @return empty if another process is doing the same
   */
  public Optional<CleanReport> clean(boolean isDryRun) {
    if (isDryRun) {
      return Optional.of(new Round(true).clean());
    }
    String holder = "janitor " + UUID.randomUUID();
    try (HeldLease lease = HeldLease.take(catalog.leases(), Lease.JANITOR, holder).orElse(null)) {
      return lease == null ? Optional.empty() : Optional.of(new Round(false).clean());
    }
  }

  /** One time of looking everywhere. */
  private final class Round {
    private final boolean isDryRun;
    private final List<CleanReport.Removed> removed = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private final Set<String> unmade = new TreeSet<>();

    Round(boolean isDryRun) {
      this.isDryRun = isDryRun;
    }

    CleanReport clean() {
      if (isDryRun) {
        attempt(this::noteUnsettled);
      } else {
        settle();
      }
      tables().forEach(table -> attempt(() -> cleanTable(table)));
      tables().forEach(table -> attempt(() -> cleanPieces(table)));
      attempt(this::cleanWork);
      if (!isDryRun) {
        prune();
      }
      attempt(this::cleanLogs);
      return new CleanReport(isDryRun, removed, left);
    }

    /** One thing that is in the way does not keep the others from being removed. */
    private void attempt(Runnable work) {
      try {
        work.run();
      } catch (RecountException | UncheckedIOException e) {
        LOG.warn("Something stays for now", e);
        left.add(e.getMessage());
      }
    }

    /** Ends what dead runs had begun, if no run is under way. */
    private void settle() {
      attempt(this::giveUpUnmade);
      Dropping dropping = new Dropping(config, catalog, LOG::info);
      List<ViewVersion> marked = new ArrayList<>();
      // Before the turn: no run waits for a micro-batch.
      attempt(
          () -> {
            List<ViewVersion> all = dropping.marked();
            dropping.awaitSpeed(all);
            marked.addAll(all);
          });
      Optional<HeldLease> turn = RunLock.ofJanitor(catalog).takeIfFree();
      if (turn.isEmpty()) {
        left.add("A run is under way: swaps are looked at when it has ended.");
        return;
      }
      try (HeldLease lease = turn.get()) {
        lease.requireHeld();
        new DeadRuns(catalog, config.batch()).allAreDead();
        Publisher publisher =
            new Publisher(
                catalog,
                controller,
                new ServedTables(config),
                new Configuration(),
                clock,
                lease::requireHeld);
        finishDrops(dropping, marked, lease);
        publisher.settleAll().forEach((table, e) -> left.add(e.getMessage()));
        tables().forEach(table -> attempt(() -> revertSwaps(table)));
      }
    }

    /** What {@link #settle} would end, if no process is about to do so itself. */
    private void noteUnsettled() {
      boolean isApplying = isHeld(Lease.SCHEMAS);
      catalog.views().unfinished().stream()
          .filter(version -> !isApplying || isDropped(version))
          .forEach(this::noteUnfinished);
      if (!isHeld(Lease.BATCH_RUN)) {
        tables().forEach(table -> attempt(() -> revertSwaps(table)));
      }
    }

    private boolean isHeld(String lease) {
      return catalog
          .leases()
          .find(lease)
          .filter(held -> held.ageMs() <= HeldLease.SILENCE.toMillis())
          .isPresent();
    }

    /** What an apply has left that was ended; beside one that is under way nothing. */
    private void giveUpUnmade() {
      String holder = "janitor " + UUID.randomUUID();
      try (HeldLease lease = HeldLease.take(catalog.leases(), Lease.SCHEMAS, holder).orElse(null)) {
        if (lease != null) {
          catalog.views().unfinished().stream()
              .filter(version -> !isDropped(version))
              .map(ViewVersion::name)
              .forEach(unmade::add);
          catalog.views().markUnmadeDropped();
        }
      }
    }

    /** What a command that makes or drops versions has left. */
    private void finishDrops(Dropping dropping, List<ViewVersion> marked, HeldLease lease) {
      for (ViewVersion version : marked) {
        attempt(
            () -> {
              if (dropping.remove(List.of(version), lease::requireHeld) == 1) {
                noteUnfinished(version);
              } else {
                left.add("A backfill of " + version.name() + " is under way: it is dropped later.");
              }
            });
      }
    }

    private void noteUnfinished(ViewVersion version) {
      boolean isUnmade = !isDropped(version) || unmade.contains(version.name());
      String reason = "its " + (isUnmade ? "apply" : "drop") + " was not finished";
      note("version", null, version.name(), 1, reason);
    }

    private static boolean isDropped(ViewVersion version) {
      return version.state().equals(ViewVersion.DROPPING);
    }

    private List<String> tables() {
      return catalog.views().all().stream().map(view -> view.plan().table()).toList();
    }

    private void revertSwaps(String table) {
      if (!controller.hasOfflineTable(table)) {
        return;
      }
      List<String> swaps = controller.unfinishedSwaps(table);
      if (!isDryRun) {
        swaps.forEach(id -> controller.revertSwap(table, id));
      }
      note("swap", null, table, swaps.size(), "begun by a run that ended before");
    }

    private void cleanTable(String table) {
      Set<String> folderRuns = folders.traces(table);
      boolean isThere = controller.hasOfflineTable(table);
      List<String> served = isThere ? controller.servedSegments(table) : List.of();
      List<String> all = isThere ? controller.allSegments(table) : List.of();
      Set<String> working = folders.working(table);
      RunTraces traces = RunTraces.of(catalog, table, served);
      Map<String, List<String>> segments =
          all.stream()
              .filter(segment -> !served.contains(segment))
              .filter(segment -> traces.left(table, segment).isPresent())
              .collect(
                  Collectors.groupingBy(
                      segment -> traces.left(table, segment).orElseThrow(),
                      TreeMap::new,
                      Collectors.toList()));
      segments.forEach(
          (run, names) -> {
            if (!isDryRun) {
              controller.deleteSegments(table, names);
            }
            note("segments", run, table, names.size(), "never served");
          });
      for (String run : folderRuns) {
        if (!traces.stay(run)) {
          if (!isDryRun) {
            folders.drop(table, run);
          }
          note("folder", run, folders.view(table, run).toString(), 1, "never served");
        } else if (!traces.isRunning(run) && working.contains(run)) {
          if (!isDryRun) {
            folders.dropWorking(table, run);
          }
          note("folder", run, folders.segments(table, run).toString(), 1, "Pinot has a copy");
        }
      }
    }

    /** Finished pieces of a backfill stay as long as a run that worked on them is known. */
    private void cleanPieces(String table) {
      for (org.apache.hadoop.fs.Path pieces : folders.backfills(table)) {
        List<String> known =
            folders.runsOf(pieces).stream()
                .filter(run -> catalog.runs().find(run).isPresent())
                .toList();
        if (known.isEmpty()) {
          if (!isDryRun) {
            folders.dropBackfill(table, pieces);
          }
          note("folder", null, pieces.toString(), 1, "of a backfill that is long over");
        }
      }
    }

    private void cleanWork() {
      for (WorkFolder folder : WorkFolder.all(config.home())) {
        if (!isUnderWay(folder.runId())) {
          if (!isDryRun) {
            folder.close();
          }
          note("work", folder.runId(), folder.path().toString(), 1, "its process has ended");
        }
      }
    }

    private boolean isUnderWay(String run) {
      return catalog.runs().running().stream().map(RunReport::runId).anyMatch(run::equals);
    }

    private void prune() {
      for (String run :
          catalog.runs().prune(config.batch().keepHistory(), config.batch().keepRuns())) {
        note("history", run, "catalog", 1, "older than batch.keep-history");
      }
    }

    private void cleanLogs() {
      for (Path file : children(RunLog.folder(config.home().logs()))) {
        String run = file.getFileName().toString().replace(LOG_SUFFIX, "");
        if (run.matches(RUN_ID) && catalog.runs().find(run).isEmpty()) {
          if (!isDryRun) {
            FileUtils.deleteQuietly(file.toFile());
          }
          note("log", run, file.toString(), 1, "its run is no longer in the history");
        }
      }
    }

    private void note(String kind, String run, String where, int count, String reason) {
      if (count > 0) {
        removed.add(new CleanReport.Removed(kind, run, where, count, reason));
      }
    }
  }

  private static Collection<Path> children(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
