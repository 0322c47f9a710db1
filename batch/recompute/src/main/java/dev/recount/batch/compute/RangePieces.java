package dev.recount.batch.compute;

import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.Pieces;
import dev.recount.core.cli.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The events that may be in a range of a view's time, divided into pieces that are computed one
 * after the other, and of which those stay that are finished.
 */
public final class RangePieces {
  /** Each piece of a view with a join reads the states anew. */
  private static final long JOINED = 16;

  private final RangeComputation computation;
  private final ArchiveSlice all;
  private final ArchiveSlice some;
  private final ArchiveSlice states;
  private final List<Piece> pieces;
  private final Pieces finished;

  /**
   * @param all events that had arrived before the cut
   * @param states all records of the state that had; null if the view joins none
   * @param finished where those are that are finished
   * @param pieceBytes most bytes of the files of a piece, unless it is one file
   */
  public RangePieces(
      RangeComputation computation,
      ArchiveSlice all,
      ArchiveSlice states,
      Pieces finished,
      long pieceBytes) {
    this.computation = computation;
    this.all = all;
    this.some = computation.eventTimes().map(all::of).orElse(all);
    this.states = states;
    this.pieces =
        Piece.divide(
            some.files(), all.beforeMs(), states == null ? pieceBytes : JOINED * pieceBytes);
    this.finished = finished;
  }

  /** The events that may be in the range. */
  public ArchiveSlice events() {
    return some;
  }

  /** How many there are. */
  public int size() {
    return pieces.size();
  }

  /** Those that are to be computed yet. */
  public List<Piece> missing() {
    return pieces.stream().filter(piece -> finished.find(piece.name()).isEmpty()).toList();
  }

  /** How many events are gone through for some of them. */
  public long work(List<Piece> of) {
    return of.stream()
        .mapToLong(piece -> RangeComputation.work(events(piece), states(piece)))
        .sum();
  }

  /** The copies that the view leaves out of some of them: found once for all, from all ids. */
  public RangeComputation.Copies copies(List<Piece> of) {
    return computation.copies(
        some.in(of.stream().flatMap(piece -> piece.files().stream()).toList()), all);
  }

  /** Computes one of them. */
  public void compute(
      Piece piece, RangeComputation.Copies copies, String runId, Progress.Step step) {
    Path folder = finished.rows(piece.name(), runId);
    long rows = computation.compute(events(piece), states(piece), copies, folder, step);
    finished.finish(piece.name(), new Pieces.Finished(runId, rows));
  }

  /**
   * Rows of finished pieces.
   *
   * @param folders where they are, some in each
   * @param count how many there are
   */
  public record Rows(List<Path> folders, long count) {}

  /** All rows of the range, once nothing is missing. */
  public Rows rows() {
    List<Path> folders = new ArrayList<>();
    long count = 0;
    for (Piece piece : pieces) {
      Optional<Pieces.Finished> found = finished.find(piece.name());
      if (found.isEmpty()) {
        throw new IllegalStateException("Piece " + piece.name() + " is not finished");
      }
      if (found.get().rows() > 0) {
        folders.add(finished.rows(piece.name(), found.get().runId()));
        count += found.get().rows();
      }
    }
    return new Rows(folders, count);
  }

  private ArchiveSlice events(Piece piece) {
    return some.in(piece.files());
  }

  private ArchiveSlice states(Piece piece) {
    return states == null
        ? null
        : states.until(Math.min(states.beforeMs(), piece.maxArrivalMs() + 1));
  }
}
