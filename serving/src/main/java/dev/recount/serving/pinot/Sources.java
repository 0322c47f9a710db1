package dev.recount.serving.pinot;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.BatchCatalog;
import dev.recount.core.catalog.Publication;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a table is made of at a moment: one batch publication, or none, and all REALTIME segments.
 *
 * @param publication null if no batch run is being served
 * @param droppedUntilMs deltas of arrivals before this may be gone
 * @param beforeMs only deltas of arrivals before this count; null for all
 */
public record Sources(
    PinotRouting.Snapshot snapshot, Publication publication, long droppedUntilMs, Long beforeMs) {
  /** While one batch is swapped for the next, what is served is one of the newest. */
  private static final int NEWEST = 20;

  /**
   * Finds out which publication the broker serves, and that no segment of either side is missing.
   *
   * @param serving what is served by the catalog, empty for nothing
   * @param droppedUntilMs by the catalog
   * @throws Unsettled if that is not so right now
   */
  public static Sources of(
      String table,
      PinotRouting.Snapshot snapshot,
      Optional<Publication> serving,
      long droppedUntilMs,
      RealtimeSegments realtime,
      BatchCatalog batch,
      Deadline deadline)
      throws Unsettled {
    realtime.requireAll(table, snapshot.realtime(), deadline);
    List<Publication> publications =
        serving.isPresent() && isServed(serving.get(), snapshot)
            ? List.of(serving.get())
            : batch.publications(table, NEWEST);
    return new Sources(snapshot, publication(snapshot, publications), droppedUntilMs, null);
  }

  /**
   * The same, but for what arrived at or after a moment.
   *
   * @param arrivedMs on the grain of cuts, and not before {@link #earliestMs}
   */
  public Sources before(long arrivedMs) {
    return new Sources(snapshot, publication, droppedUntilMs, arrivedMs);
  }

  /** From this arrival on a mode's rows can be told apart by arrival. */
  public long earliestMs(Mode mode) {
    return mode == Mode.DELTAS ? droppedUntilMs : publication == null ? 0 : publication.cutMs();
  }

  private static boolean isServed(Publication publication, PinotRouting.Snapshot snapshot) {
    return Set.copyOf(publication.segments()).equals(snapshot.offline());
  }

  private static Publication publication(
      PinotRouting.Snapshot snapshot, List<Publication> publications) throws Unsettled {
    if (snapshot.boundaryMs() == null && snapshot.offline().isEmpty()) {
      boolean served = publications.stream().anyMatch(Publication::wasServed);
      if (served) {
        throw new Unsettled("no segment of the batch is served");
      }
      return null;
    }
    Optional<Publication> found =
        publications.stream().filter(p -> isServed(p, snapshot)).findFirst();
    if (found.isEmpty()) {
      throw new Unsettled(explain(snapshot, publications));
    }
    if (snapshot.boundaryMs() == null || snapshot.boundaryMs() != found.get().cutMs() - 1) {
      throw new Unsettled("the time boundary is not yet that of the batch being served");
    }
    return found.get();
  }

  private static String explain(PinotRouting.Snapshot snapshot, List<Publication> publications) {
    Optional<Publication> serving =
        publications.stream().filter(p -> p.status().equals(Publication.SERVING)).findFirst();
    if (serving.isEmpty()) {
      return "the batch being served is not in the catalog";
    }
    Set<String> missing = new TreeSet<>(serving.get().segments());
    missing.removeAll(snapshot.offline());
    return missing.isEmpty()
        ? "more is served than the batch run " + serving.get().runId() + " published"
        : "segments of the batch are not served: " + missing;
  }

  /** Whether a look at another time shows the same to a mode. */
  public boolean isSame(Sources other, Mode mode) {
    boolean isSameBatch =
        publication == null
            ? other.publication == null
            : other.publication != null && publication.runId().equals(other.publication.runId());
    return snapshot.equals(other.snapshot)
        && isSameBatch
        && (mode != Mode.DELTAS || droppedUntilMs == other.droppedUntilMs);
  }

  /** The table that a mode asks. */
  public String table(String name, Mode mode) {
    return switch (mode) {
      case BATCH -> name + "_OFFLINE";
      case SPEED, DELTAS -> name + "_REALTIME";
      default -> name;
    };
  }

  /**
   * The conditions on arrival that Pinot does not add itself: where both sides are asked, it keeps
   * them apart.
   */
  public String arrival(Mode mode) {
    List<String> conditions = new ArrayList<>();
    if (mode == Mode.BATCH) {
      if (publication != null) {
        conditions.add("\"_arrived\" <= " + (publication.cutMs() - 1));
      }
      return String.join(" AND ", conditions);
    }
    if (mode != Mode.MERGED && earliestMs(mode) > 0) {
      conditions.add("\"_arrived\" >= " + earliestMs(mode));
    }
    if (beforeMs != null) {
      conditions.add("\"_arrived\" < " + beforeMs);
    }
    return String.join(" AND ", conditions);
  }

  /** How many segments the mode asks, pruned ones included. */
  public int segments(Mode mode) {
    int batch = mode == Mode.SPEED || mode == Mode.DELTAS ? 0 : snapshot.offline().size();
    int speed = mode == Mode.BATCH ? 0 : snapshot.realtime().size();
    return batch + speed;
  }
}
