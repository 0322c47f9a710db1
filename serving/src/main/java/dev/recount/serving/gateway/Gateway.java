package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.IndexKind;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Page;
import dev.recount.serving.answer.ProvenanceWriter;
import dev.recount.serving.answer.ServedRows;
import dev.recount.serving.answer.Shares;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.pinot.Consumption;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.PinotRouting;
import dev.recount.serving.pinot.RealtimeSegments;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.request.RequestThreads;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.sql.Zoned;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * Answers SQL over views, exactly, or says why not. Thread-safe.
 *
 * <p>A query is asked between two looks at what Pinot serves: both must show the same batch
 * publication and every segment of it and of the speed layer. Otherwise it is asked again for a
 * while, and refused in the end. So a batch that is swapped in the middle of a query, a server that
 * is gone or a segment that is missing never makes an answer short.
 */
public final class Gateway implements AutoCloseable {
  /**
   * How long after a delta its words are surely found: this, and more for each text index that
   * there is. Pinot lets Lucene look for new rows in one consuming segment after the other, which
   * takes some ten milliseconds each, and some hundred on a busy machine.
   */
  static final Duration TEXT_DELAY = Duration.ofSeconds(2);

  private static final Duration DELAY_OF_EACH_TEXT = Duration.ofMillis(500);

  private final Catalog catalog;
  private final Clock clock;
  private final RecountConfig.Serving limits;
  private final Duration grain;
  private final PinotRouting routing;
  private final RealtimeSegments realtime;
  private final PinotBroker broker;
  private final ExecutorService threads;
  private final Consumption consumption;
  private final ProvenanceWriter provenance;

  /** A gateway over the catalog and the Pinot that the settings name. */
  public Gateway(RecountConfig config, Catalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
    this.limits = config.serving();
    this.grain = config.cut().grain();
    this.threads = RequestThreads.named("gateway");
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .executor(threads)
            .build();
    this.routing = new PinotRouting(config.pinot());
    this.realtime = new RealtimeSegments(routing, clock);
    this.broker = new PinotBroker(http, config);
    this.consumption = new Consumption(config, catalog.services(), routing, clock);
    this.provenance = new ProvenanceWriter(broker, config, catalog, threads);
  }

  /** Answers a query of Recount's own, as {@link #answer(Question)} does. */
  public Answer answer(String sql, Mode mode) {
    return answer(Question.sql(sql, mode));
  }

  /**
   * Answers a question. A query sees one version from its beginning to its end. If that one gives
   * no answer, and the name means another by now, which the first may have been dropped for, the
   * other is asked.
   *
   * @throws RecountException QUERY_..., REQUEST_INVALID, VIEW_UNKNOWN, AS_OF_... if the question is
   *     wrong; ANSWER_INCOMPLETE if something that belongs to the answer is not being served, or is
   *     missing and the answer is to be complete; TOO_MANY_GROUPS, QUERY_TIMEOUT, QUERY_FAILED,
   *     PINOT_UNAVAILABLE, CATALOG_UNAVAILABLE; what {@link Asker#requireMayRead} throws
   */
  public Answer answer(Question question) {
    // Before the view is looked for: an error would name others, which are not for everybody.
    question.asker().requireMayRead(question.view().replaceFirst("@.*", ""));
    Deadline deadline = Deadline.after(timeout(question.options()));
    while (true) {
      ViewVersion version = version(question.view());
      BoundQuery query = Binder.bind(text(question, version), version.plan());
      try {
        return required(answer(query, question, version, deadline), question.options());
      } catch (Moved e) {
        if (deadline.isExpired()) {
          throw QueryErrors.timeout();
        }
      } catch (RecountException e) {
        if (deadline.isExpired() || isMeant(question.view(), version, e)) {
          throw e;
        }
      }
    }
  }

  private SqlText text(Question question, ViewVersion version) {
    ZoneId zone = question.options().zone();
    SqlText text =
        question.text().of(version, clock.instant(), zone == null ? ZoneOffset.UTC : zone);
    return zone == null ? text : Zoned.in(text, zone);
  }

  /**
   * @throws RecountException ANSWER_INCOMPLETE if none that is not complete is wanted
   */
  private static Answer required(Answer answer, Options options) {
    if (options.strict() && !answer.provenance().complete()) {
      throw RecountException.of(
          ErrorCode.ANSWER_INCOMPLETE,
          "Cannot answer completely: %s; ask again later, or without 'strict' for what there is",
          String.join("; ", answer.provenance().warnings()));
    }
    return answer;
  }

  private Duration timeout(Options options) {
    Duration most = limits.timeout();
    boolean isLess = options.timeout() != null && options.timeout().compareTo(most) < 0;
    return isLess ? options.timeout() : most;
  }

  /**
   * The version that a name means.
   *
   * @param name {@code view}, or {@code view@2}
   * @throws RecountException VIEW_UNKNOWN
   */
  private ViewVersion version(String name) {
    return catalog
        .views()
        .named(name)
        .orElseThrow(() -> UnknownName.view(name, catalog.views().namesLike(name)));
  }

  private Answer answer(
      BoundQuery query, Question question, ViewVersion version, Deadline deadline) {
    Duration left = deadline.remaining();
    Deadline firstWord = Deadline.after(Attempts.firstWord(left));
    return Attempts.answer(
        Deadline.after(Attempts.settle(left)),
        () -> {
          try {
            return attempt(query, version, question, firstWord, deadline);
          } catch (Unsettled e) {
            if (!isMeant(question.view(), version, e)) {
              throw new Moved(e);
            }
            throw e;
          }
        });
  }

  /** Whether a name still means a version; if that cannot be found out, the failure stands. */
  private boolean isMeant(String name, ViewVersion version, Exception failure) {
    try {
      return catalog
          .views()
          .named(name)
          .filter(now -> now.version() == version.version())
          .isPresent();
    } catch (RecountException e) {
      failure.addSuppressed(e);
      return true;
    }
  }

  /** A name means another version than it did. */
  private static final class Moved extends RuntimeException {
    private static final long serialVersionUID = 1;

    Moved(Exception cause) {
      super(cause);
    }
  }

  private Answer attempt(
      BoundQuery query,
      ViewVersion version,
      Question question,
      Deadline firstWord,
      Deadline deadline)
      throws Unsettled {
    Mode mode = question.mode();
    Sources all = Sources.of(query.plan().table(), routing, realtime, catalog, deadline);
    Duration textDelay = query.searchesText() ? textDelay() : Duration.ZERO;
    Consumption.Served served =
        mode == Mode.BATCH
            ? null
            : consumption.served(query.plan().table(), version.event(), textDelay, deadline);
    if (served != null && !served.isKnown() && !firstWord.isExpired()) {
      throw new Unsettled("the speed layer has not reported yet what it has counted of this view");
    }
    Sources sources = AsOf.of(all, question.options().asOf(), grain, mode, served);
    Shares asked =
        question.options().shares() ? Shares.of(query, mode, sources) : Shares.none(query);
    ProvenanceWriter.Pending pending =
        provenance.begin(asked.query(), version, mode, sources, served, textDelay, deadline);
    try {
      return answer(asked, question, sources, pending, deadline);
    } catch (Unsettled | RuntimeException | Error e) {
      pending.giveUp();
      throw e;
    }
  }

  private Answer answer(
      Shares asked,
      Question question,
      Sources sources,
      ProvenanceWriter.Pending pending,
      Deadline deadline)
      throws Unsettled {
    BoundQuery query = asked.query();
    Page page =
        Page.read(
            query,
            new ServedRows(broker, query, question.mode(), sources, deadline),
            question.options().fill(),
            limits);
    sources.requireSame(routing.snapshot(query.plan().table(), deadline));
    return new Answer(asked.columns(), page.rows(), pending.finish(page.truncated()));
  }

  private Duration textDelay() {
    long texts =
        catalog.views().all().stream()
            .flatMap(v -> v.plan().indexes().stream())
            .filter(i -> i.kind() == IndexKind.TEXT)
            .count();
    return TEXT_DELAY.plus(DELAY_OF_EACH_TEXT.multipliedBy(texts));
  }

  /**
   * How fresh a view is served; empty if that is not known now, or the speed layer does not compute
   * it.
   */
  public Optional<Freshness> freshness(ViewVersion version) {
    if (version.speedFailure() != null) {
      return Optional.empty();
    }
    try {
      return freshness(
          consumption.served(
              version.plan().table(),
              version.event(),
              Duration.ZERO,
              Deadline.after(limits.timeout())));
    } catch (Unsettled | RecountException e) {
      return Optional.empty();
    }
  }

  /** The same for who asks now and then, as metrics do: the view is not watched because of it. */
  public Optional<Freshness> glance(ViewVersion version) {
    if (version.speedFailure() != null) {
      return Optional.empty();
    }
    try {
      return freshness(
          consumption.glance(
              version.plan().table(), version.event(), Deadline.after(limits.timeout())));
    } catch (Unsettled | RecountException e) {
      return Optional.empty();
    }
  }

  private static Optional<Freshness> freshness(Consumption.Served served) {
    return served.isKnown()
        ? Optional.of(new Freshness(Instant.ofEpochMilli(served.untilMs()), served.ageMs()))
        : Optional.empty();
  }

  /**
   * @param until everything that arrived before it is served
   * @param ageMs how long ago that was
   */
  public record Freshness(Instant until, long ageMs) {}

  /**
   * What an answer of a view would be made of now: as long as that stays the same, so does the
   * answer. Costs no query.
   *
   * @param view its name, or {@code view@2}
   * @throws RecountException VIEW_UNKNOWN; ANSWER_INCOMPLETE if it cannot be said now; ...
   */
  public Standing standing(String view) {
    ViewVersion version = version(view);
    String table = version.plan().table();
    String run = catalog.batch().serving(table).map(Publication::runId).orElse(null);
    try {
      Consumption.Served served =
          consumption.served(
              table, version.event(), Duration.ZERO, Deadline.after(limits.timeout()));
      return Standing.of(version, run, served);
    } catch (Unsettled e) {
      throw Attempts.incomplete(e.getMessage());
    }
  }

  /** Whether a Pinot broker answers. */
  public boolean isPinotUp() {
    return routing.isBrokerUp();
  }

  @Override
  public void close() {
    consumption.close();
    threads.shutdownNow();
  }
}
