package dev.recount.serving.answer;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.ArchiveCatalog;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ServiceCatalog;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewCatalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewJoin;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.pinot.Consumption;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.scalar.Cells;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Finds out what an answer is made of, beside the query itself. */
public final class ProvenanceWriter {
  private final PinotBroker broker;
  private final RecountConfig config;
  private final ServiceCatalog services;
  private final ViewCatalog views;
  private final ArchiveCatalog archive;
  private final ExecutorService threads;
  private final DistinctHorizon horizon;

  public ProvenanceWriter(
      PinotBroker broker, RecountConfig config, Catalog catalog, ExecutorService threads) {
    this.broker = broker;
    this.services = catalog.services();
    this.horizon = new DistinctHorizon(services, config.speed().distinctHorizon());
    this.config = config;
    this.views = catalog.views();
    this.archive = catalog.archive();
    this.threads = threads;
  }

  /**
   * Starts counting the rows of each side while the query runs.
   *
   * @param served until when Pinot serves all; null: not asked for
   * @param textDelay how much later words are found, which {@code served} counts already; zero if
   *     no text is searched
   */
  public Pending begin(
      BoundQuery query,
      ViewVersion version,
      Mode mode,
      Sources sources,
      Consumption.Served served,
      Duration textDelay,
      Deadline deadline) {
    boolean isDeltas = mode == Mode.DELTAS;
    boolean hasBatch = mode != Mode.SPEED && !isDeltas && sources.publication() != null;
    Future<Long> batch = hasBatch ? count(query, Mode.BATCH, sources, deadline) : null;
    Mode speedSide = isDeltas ? Mode.DELTAS : Mode.SPEED;
    Future<Long> speed = mode == Mode.BATCH ? null : count(query, speedSide, sources, deadline);
    return new Pending(query, version, mode, sources, served, textDelay, batch, speed);
  }

  private Future<Long> count(BoundQuery query, Mode side, Sources sources, Deadline deadline) {
    PinotQuery pinot =
        new PinotQuery(query, sources.table(query.plan().table(), side), sources.arrival(side));
    return threads.submit(
        () -> {
          PinotBroker.Reply reply = broker.ask(pinot.table(), pinot.rowCount(), deadline);
          boolean isEmpty = reply.rows() == null || reply.rows().isEmpty();
          return isEmpty ? 0L : Cells.whole(reply.rows().get(0).get(0)).longValueExact();
        });
  }

  /** What is being found out. */
  public final class Pending {
    private final BoundQuery query;
    private final ViewVersion version;
    private final Mode mode;
    private final Sources sources;
    private final Consumption.Served served;
    private final Duration textDelay;
    private final Future<Long> batchRows;
    private final Future<Long> speedRows;

    private Pending(
        BoundQuery query,
        ViewVersion version,
        Mode mode,
        Sources sources,
        Consumption.Served served,
        Duration textDelay,
        Future<Long> batchRows,
        Future<Long> speedRows) {
      this.query = query;
      this.version = version;
      this.mode = mode;
      this.sources = sources;
      this.served = served;
      this.textDelay = textDelay;
      this.batchRows = batchRows;
      this.speedRows = speedRows;
    }

    public Provenance finish(boolean truncated) throws Unsettled {
      List<String> gaps = gaps();
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
          statePart());
    }

    /** Waits for what is still being counted: nothing of an attempt continues when it has ended. */
    public void giveUp() {
      for (Future<Long> rows : Stream.of(batchRows, speedRows).filter(Objects::nonNull).toList()) {
        try {
          rows.get();
        } catch (ExecutionException e) {
          continue; // It has ended, which is all that matters here.
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    private Provenance.Distinct distinct() {
      return query
          .plan()
          .distinct()
          .map(
              field ->
                  new Provenance.Distinct(
                      field,
                      speedRows == null ? null : horizon.inForceMs(query.plan().event(), field)))
          .orElse(null);
    }

    private Provenance.StatePart statePart() {
      ViewJoin join = query.plan().join();
      return join == null
          ? null
          : new Provenance.StatePart(
              join.state(), join.key(), batchRows == null ? null : archiveStart(join.state()));
    }

    private Provenance.BatchPart batchPart() throws Unsettled {
      if (batchRows == null) {
        return null;
      }
      Publication publication = sources.publication();
      return new Provenance.BatchPart(
          publication.runId(),
          publication.rowCount() == 0
              ? archiveStart(query.plan().event())
              : moment(publication.fromMs()),
          Instant.ofEpochMilli(publication.cutMs()),
          await(batchRows),
          sources.snapshot().offline().size(),
          publication.rolledBackTo());
    }

    private Provenance.SpeedPart speedPart() throws Unsettled {
      if (speedRows == null) {
        return null;
      }
      boolean isKnown = served != null && served.isKnown();
      return new Provenance.SpeedPart(
          isKnown ? served.ageMs() : null,
          isKnown ? Instant.ofEpochMilli(served.untilMs()) : null,
          await(speedRows),
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
    private long from(Publication publication) {
      if (mode == Mode.DELTAS) {
        return deltasFromMs(sources.droppedUntilMs(), version, served, config.speed().retention());
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
    private List<String> gaps() throws Unsettled {
      // Read after the rows: the version may have been set aside since the question came, or marked
      // to be dropped, which is done before anything of it goes.
      ViewVersion now =
          views
              .find(version.viewName(), version.version())
              .orElseThrow(() -> new Unsettled(version.name() + " was dropped while it was asked"));
      List<String> gaps = new ArrayList<>();
      Publication publication = sources.publication();
      if (mode == Mode.BATCH) {
        if (publication == null) {
          gaps.add("no batch run has been published yet; run recount batch run");
        }
        return gaps;
      }
      long from = from(publication);
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
      dropped(publication, version, served, config.speed().retention()).ifPresent(gaps::add);
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

  private static long await(Future<Long> rows) throws Unsettled {
    try {
      return rows.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Unsettled unsettled) {
        throw unsettled;
      }
      if (e.getCause() instanceof RecountException known) {
        throw known;
      }
      throw RecountException.of(
          ErrorCode.INTERNAL, e, "Cannot count the rows that were read: %s", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(
          ErrorCode.INTERNAL, "Cannot count the rows that were read: interrupted", e);
    }
  }
}
