package dev.recount.serving.answer;

import dev.recount.core.catalog.ArchiveCatalog;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ServiceCatalog;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewJoin;
import dev.recount.error.DurationText;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.letters.LetterCounts;
import dev.recount.serving.pinot.Consumption;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** Finds out what an answer is made of, beside the query itself. */
public final class ProvenanceWriter {
  private final RowCounts.Known known = new RowCounts.Known();
  private final RecountConfig config;
  private final ServiceCatalog services;
  private final ArchiveCatalog archive;
  private final ExecutorService threads;
  private final DistinctHorizon horizon;
  private final LetterCounts letters;

  public ProvenanceWriter(
      RecountConfig config, Catalog catalog, LetterCounts letters, ExecutorService threads) {
    this.letters = letters;
    this.services = catalog.services();
    this.horizon = new DistinctHorizon(services, config.speed().distinctHorizon());
    this.config = config;
    this.archive = catalog.archive();
    this.threads = threads;
  }

  /**
   * Starts counting the rows of each side, where that must be, while the query runs.
   *
   * @param rows that the query is answered from
   * @param served until when Pinot serves all; null: not asked for
   * @param textDelay how much later words are found, which {@code served} counts already; zero if
   *     no text is searched
   */
  public Pending begin(ServedRows rows, Consumption.Served served, Duration textDelay) {
    return new Pending(
        rows,
        served,
        textDelay,
        RowCounts.begin(rows, known, threads),
        LateEvents.begin(rows, threads));
  }

  /** What is being found out. */
  public final class Pending {
    private final BoundQuery query;
    private final Mode mode;
    private final Sources sources;
    private final Consumption.Served served;
    private final Duration textDelay;
    private final RowCounts counts;
    private final LateEvents late;
    private final boolean hasBatch;
    private final boolean hasSpeed;

    private Pending(
        ServedRows rows,
        Consumption.Served served,
        Duration textDelay,
        RowCounts counts,
        LateEvents late) {
      this.query = rows.query();
      this.mode = rows.mode();
      this.sources = rows.sources();
      this.served = served;
      this.textDelay = textDelay;
      this.counts = counts;
      this.late = late;
      this.hasBatch = RowCounts.hasBatch(rows);
      this.hasSpeed = RowCounts.hasSpeed(rows);
    }

    /**
     * @param now the version as it is after the rows were read: it may have been set aside since
     *     the question came
     */
    public Provenance finish(boolean truncated, ViewVersion now) throws Unsettled {
      List<String> gaps = gaps(now);
      List<String> warnings = new ArrayList<>(query.warnings());
      warnings.addAll(gaps);
      if (truncated) {
        warnings.add("only the first rows are shown; give a LIMIT, or page with LIMIT and OFFSET");
      }
      return new Provenance(
          mode.label(),
          query.plan().view(),
          query.plan().version(),
          sources.beforeMs() == null ? null : Instant.ofEpochMilli(sources.beforeMs()),
          gaps.isEmpty(),
          truncated,
          warnings,
          batchPart(),
          speedPart(),
          Estimates.of(query),
          distinct(),
          statePart(),
          deadLetters());
    }

    /** Waits for what is still being counted: nothing of an attempt continues when it has ended. */
    public void giveUp() {
      counts.giveUp();
      late.giveUp();
    }

    private Long deadLetters() {
      return sources.publication() == null
          ? null
          : letters.since(query.plan().event(), sources.publication().cutMs());
    }

    private Provenance.Distinct distinct() {
      return query
          .plan()
          .distinct()
          .map(
              field ->
                  new Provenance.Distinct(
                      field, !hasSpeed ? null : horizon.inForceMs(query.plan().event(), field)))
          .orElse(null);
    }

    private Provenance.StatePart statePart() {
      ViewJoin join = query.plan().join();
      return join == null
          ? null
          : new Provenance.StatePart(
              join.state(), join.key(), !hasBatch ? null : archiveStart(join.state()));
    }

    private Provenance.BatchPart batchPart() throws Unsettled {
      if (!hasBatch) {
        return null;
      }
      Publication publication = sources.publication();
      return new Provenance.BatchPart(
          publication.runId(),
          publication.rowCount() == 0
              ? archiveStart(query.plan().event())
              : moment(publication.fromMs()),
          Instant.ofEpochMilli(publication.cutMs()),
          publication.publishedMs() == null
              ? null
              : Instant.ofEpochMilli(publication.publishedMs()),
          counts.batch(),
          sources.snapshot().offline().size(),
          publication.rolledBackTo());
    }

    private Provenance.SpeedPart speedPart() throws Unsettled {
      if (!hasSpeed) {
        return null;
      }
      boolean isKnown = served != null && served.isKnown();
      return new Provenance.SpeedPart(
          isKnown ? served.ageMs() : null,
          isKnown ? Instant.ofEpochMilli(served.untilMs()) : null,
          counts.speed(),
          late.counted(),
          sources.snapshot().realtime().size(),
          textDelay.isZero() ? null : textDelay.toMillis());
    }

    /** What arrived longer ago than is allowed for and is in no layer yet, or may not be. */
    private Optional<String> behind(long batchUntilMs) {
      long until = Math.max(served.untilMs(), batchUntilMs);
      Duration allowed = config.health().stalledAfter();
      if (!served.isKnown() || served.nowMs() - until <= allowed.plus(textDelay).toMillis()) {
        return Optional.empty();
      }
      return Optional.of(
          "what arrived after "
              + Instant.ofEpochMilli(until)
              + " may be missing: the speed layer is behind by more than "
              + DurationText.of(allowed)
              + " (health.stalled-after)"
              + Standstill.speedProblem(services.heartbeats(), query.plan().event())
                  .map(problem -> ": " + problem)
                  .orElse("; see recount status"));
    }

    /** From which arrival on the speed layer's side has to be whole. */
    private long from(Publication publication, ViewVersion now) {
      if (mode == Mode.DELTAS) {
        return deltasFromMs(sources.droppedUntilMs(), now, served, config.speed().retention());
      }
      return publication == null ? 0 : publication.cutMs();
    }

    /** Since when the speed layer does not hold what it has to. */
    private Optional<String> notCounted(ViewVersion now, long from) {
      Long since = now.speedSinceMs();
      if (since == null && now.speedFailure() != null) {
        return Optional.of(
            String.format(
                "the speed layer set this view aside at %s, because it kept failing: %s; it is "
                    + "retried automatically, and the next batch run after it works makes answers "
                    + "complete",
                Instant.ofEpochMilli(now.speedFailedMs()), now.speedFailure()));
      } else if (since == null && now.speedGapMs() != null) {
        return Optional.of(
            "the speed layer lost its place in the log of events: what arrived from "
                + Instant.ofEpochMilli(now.speedGapMs())
                + " on is not counted until it begins again, and a batch run has counted the rest");
      } else if (since == null) {
        return Optional.of(
            "the speed layer has not computed this view yet; is it running, and are there events?");
      } else if (!served.isKnown()) {
        return Optional.of(
            "the speed layer has not reported yet what it has counted; is it running? (recount"
                + " status)");
      } else if (since > from && hasGap(now) && mode != Mode.DELTAS) {
        return Optional.of(
            "what arrived from "
                + Instant.ofEpochMilli(Math.max(from, now.speedGapMs()))
                + " until "
                + Instant.ofEpochMilli(since)
                + " is missing, because the speed layer lost its place in the log of events; run"
                + " recount batch run");
      } else if (since > from) {
        return Optional.of(
            "the speed layer has had this view only since "
                + Instant.ofEpochMilli(since)
                + (mode == Mode.DELTAS
                    ? ""
                    : ", but the batch ends before that; run recount batch run"));
      }
      return Optional.empty();
    }

    /** If speed had counted until after it began again, nothing is between. */
    private static boolean hasGap(ViewVersion version) {
      return version.speedGapMs() != null && version.speedGapMs() < version.speedSinceMs();
    }

    /** What the mode promises and the answer does not hold. */
    private List<String> gaps(ViewVersion now) {
      List<String> gaps = new ArrayList<>();
      Publication publication = sources.publication();
      if (mode == Mode.BATCH) {
        if (publication == null) {
          gaps.add("no batch run has been published yet; run recount batch run");
        }
        return gaps;
      }
      long from = from(publication, now);
      boolean isNothingOfSpeed = sources.beforeMs() != null && sources.beforeMs() <= from;
      if (!isNothingOfSpeed) {
        notCounted(now, from).ifPresent(gaps::add);
      }
      if (sources.beforeMs() == null) {
        behind(from).ifPresent(gaps::add);
      }
      if (mode == Mode.DELTAS) {
        if (from > 0) {
          gaps.add(
              "the deltas of what arrived before "
                  + Instant.ofEpochMilli(from)
                  + " are gone, or may be");
        }
        return gaps;
      }
      dropped(publication, now, served, config.speed().retention()).ifPresent(gaps::add);
      return gaps;
    }
  }

  private Instant archiveStart(String event) {
    return moment(archive.start(event).orElse(0));
  }

  private static Instant moment(long ms) {
    return ms == 0 ? null : Instant.ofEpochMilli(ms);
  }

  /**
   * From which arrival on all deltas are there: Recount drops them, and so does Pinot after the
   * retention.
   */
  static long deltasFromMs(
      long droppedUntilMs, ViewVersion version, Consumption.Served served, Duration retention) {
    boolean mayBeOld = served != null && served.isKnown() && version.ageMs() > retention.toMillis();
    return mayBeOld
        ? Math.max(droppedUntilMs, served.nowMs() - retention.toMillis())
        : droppedUntilMs;
  }

  /**
   * What Pinot no longer keeps and no batch has counted. The cut is compared with the brokers' time
   * and a view's age is by the catalog's clock, so the clock of this host does not count. While the
   * brokers' time is not known, the answer is incomplete for that reason.
   */
  static Optional<String> dropped(
      Publication publication, ViewVersion version, Consumption.Served served, Duration retention) {
    boolean isOld =
        publication == null
            ? version.ageMs() > retention.toMillis()
            : served.isKnown() && served.nowMs() - publication.cutMs() > retention.toMillis();
    return isOld
        ? Optional.of(
            "the speed layer keeps "
                + DurationText.of(retention)
                + ", and "
                + (publication == null ? "there is no batch run" : "the batch ended before that")
                + "; run recount batch run")
        : Optional.empty();
  }
}
