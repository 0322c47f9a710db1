package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.letters.LetterCounts;
import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Consumption;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.PinotRouting;
import dev.recount.serving.pinot.RealtimeSegments;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.request.RequestThreads;
import dev.recount.serving.running.RunningQueries;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
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
  private final Catalog catalog;
  private final Clock clock;
  private final RecountConfig.Serving limits;
  private final PinotRouting routing;
  private final ExecutorService threads;
  private final Consumption consumption;
  private final LetterCounts letters;
  private final Finder finder;
  private final Answers answers;
  private final RunningQueries running;
  private final Turns turns;

  /** A gateway over the catalog and the Pinot that the settings name. */
  public Gateway(RecountConfig config, Catalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
    this.limits = config.serving();
    this.threads = RequestThreads.named("gateway");
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .executor(threads)
            .build();
    this.routing = new PinotRouting(config.pinot());
    this.consumption = new Consumption(config, catalog.services(), routing, clock);
    this.letters = new LetterCounts(config, this::earliestCut, clock);
    this.finder =
        new Finder(
            config,
            catalog,
            new PinotBroker(http, config, routing, threads),
            new Looks(catalog, routing, new RealtimeSegments(routing, clock), threads),
            consumption,
            letters,
            threads,
            clock);
    this.answers = new Answers(limits.cache(), finder, threads, clock);
    this.running = new RunningQueries(clock);
    this.turns = new Turns(limits.limits());
  }

  /** The questions that are being answered. */
  public RunningQueries running() {
    return running;
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
   *     missing and the answer is to be complete; TOO_MANY_GROUPS, QUERY_TIMEOUT, QUERY_CANCELLED,
   *     QUERY_FAILED, PINOT_UNAVAILABLE, CATALOG_UNAVAILABLE; what {@link Asker#requireMayRead}
   *     throws
   */
  public Answer answer(Question question) {
    // Before the view is looked for: an error would name others, which are not for everybody.
    question.asker().requireMayRead(question.view().replaceFirst("@.*", ""));
    Deadline deadline = Deadline.after(timeout(question.options()));
    try (RunningQueries.Entry entry =
        running.begin(
            question.view(), question.mode(), question.asker().name(), question.text().shown())) {
      Answer answer =
          answers.answer(
              question,
              entry.query().cancellation(),
              deadline,
              cancellation -> find(question, deadline, cancellation));
      return required(answer, question.options());
    }
  }

  private Finder.Found find(Question question, Deadline deadline, Cancellation cancellation) {
    turns.take(deadline);
    try {
      return finder.find(question, deadline, cancellation);
    } finally {
      turns.give();
    }
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
    ViewVersion version =
        catalog
            .views()
            .named(view)
            .orElseThrow(() -> UnknownName.view(view, catalog.views().namesLike(view)));
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

  /** The earliest cut of the batch runs that are served, milliseconds. */
  private OptionalLong earliestCut() {
    return catalog.views().all().stream()
        .flatMap(version -> catalog.batch().serving(version.table()).stream())
        .mapToLong(Publication::cutMs)
        .min();
  }

  /** Whether a Pinot broker answers. */
  public boolean isPinotUp() {
    return routing.isBrokerUp();
  }

  @Override
  public void close() {
    letters.close();
    consumption.close();
    threads.shutdownNow();
  }
}
