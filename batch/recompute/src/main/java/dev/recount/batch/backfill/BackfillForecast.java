package dev.recount.batch.backfill;

import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.Piece;
import dev.recount.batch.compute.RangePieces;
import dev.recount.batch.cut.Pace;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.view.TimeRange;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a backfill would do.
 *
 * @param from beginning of the range, widened to whole groups
 * @param before its end
 * @param events that happened in the range and had arrived
 * @param eventsRead how many are gone through to find them
 * @param files that may hold some of them
 * @param filesInAll of the event in the archive
 * @param pieces that are to be computed
 * @param piecesInAll the finished ones included
 * @param rows that are written anew with those of the range
 * @param segments that are replaced
 * @param segmentsInAll that are served now
 * @param seconds how long it would take; null if no run tells
 */
public record BackfillForecast(
    String view,
    String table,
    Instant from,
    Instant before,
    Instant cut,
    long events,
    long eventsRead,
    int files,
    int filesInAll,
    int pieces,
    int piecesInAll,
    long rows,
    int segments,
    int segmentsInAll,
    Double seconds) {
  /** The newest runs of the view among which some may tell how long this one takes. */
  static final int RUNS = 20;

  private static final String COUNTING = "compute";
  private static final Set<String> BESIDE_COUNTING =
      Set.of("start", "segments", "publish", "tidy", "deltas");

  static BackfillForecast of(
      DueView view,
      TimeRange range,
      RangeArchive archive,
      long events,
      List<BatchPart> touched,
      Optional<Double> seconds) {
    RangePieces pieces = archive.pieces();
    List<Piece> missing = pieces.missing();
    return new BackfillForecast(
        view.plan().view(),
        view.plan().table(),
        Instant.ofEpochMilli(range.fromMs()),
        Instant.ofEpochMilli(range.beforeMs()),
        Instant.ofEpochMilli(view.before().cutMs()),
        events,
        pieces.work(missing),
        pieces.events().files().size(),
        archive.filesInAll(),
        missing.size(),
        pieces.size(),
        touched.stream().mapToLong(BatchPart::rows).sum(),
        touched.stream().mapToInt(BatchPart::segments).sum(),
        view.before().segmentCount(),
        seconds.orElse(null));
  }

  /**
   * How long it takes, going by the run that has read most: its rate, and what it took beside
   * counting. Backfills may have been slowed down.
   *
   * @param work events that are gone through
   * @param pace null if there is no limit
   */
  static Optional<Double> seconds(List<RunReport> runs, long work, Pace pace) {
    return runs.stream()
        .filter(run -> run.status().equals(BatchRun.SUCCEEDED))
        .filter(run -> !run.mode().equals(BatchRun.BACKFILL))
        .filter(run -> run.eventsRead() != null && run.eventsRead() > 0)
        .filter(run -> run.seconds().getOrDefault(COUNTING, 0.0) > 0)
        .max(Comparator.comparing(RunReport::eventsRead))
        .map(
            run -> {
              double rate = run.eventsRead() / run.seconds().get(COUNTING);
              double beside =
                  BESIDE_COUNTING.stream()
                      .mapToDouble(step -> run.seconds().getOrDefault(step, 0.0))
                      .sum();
              return work / (pace == null ? rate : Math.min(rate, pace.perSecond())) + beside;
            });
  }

  /** The forecast as the user reads it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    line(text, "view      %s (%s)", view, table);
    line(text, "range     %s to before %s", from, before);
    line(text, "cut       %s (it stays)", cut);
    line(text, "events    %,d happened in it, in %,d of %,d files", events, files, filesInAll);
    line(text, "read      %,d events, in %,d of %,d pieces", eventsRead, pieces, piecesInAll);
    line(text, "replaced  %,d of %,d segments, %,d rows", segments, segmentsInAll, rows);
    if (seconds == null) {
      line(text, "time      not known: no run of the view tells");
    } else {
      line(text, "time      about %,.0f s, going by earlier runs of the view", seconds);
    }
    line(text, events == 0 && segments == 0 ? "Nothing would change." : "Nothing was changed.");
    return text.toString().stripTrailing();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
