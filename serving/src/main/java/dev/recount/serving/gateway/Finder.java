package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
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
import dev.recount.serving.letters.LetterCounts;
import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Consumption;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.sql.Zoned;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds the answer to one question: Pinot is asked between two looks at what it serves, which must
 * show the same. The first may be the last one of the question before, and is then only a guess:
 * whatever fails with it is tried again with a look of its own. Thread-safe.
 */
final class Finder {
  /**
   * How long after a delta its words are surely found: this, and more for each text index that
   * there is. Pinot lets Lucene look for new rows in one consuming segment after the other, which
   * takes some ten milliseconds each, and some hundred on a busy machine.
   */
  static final Duration TEXT_DELAY = Duration.ofSeconds(2);

  private static final Duration DELAY_OF_EACH_TEXT = Duration.ofMillis(500);

  private final Catalog catalog;
  private final Clock clock;
  private final RecountConfig config;
  private final PinotBroker broker;
  private final Looks looks;
  private final Consumption consumption;
  private final ProvenanceWriter provenance;

  Finder(
      RecountConfig config,
      Catalog catalog,
      PinotBroker broker,
      Looks looks,
      Consumption consumption,
      LetterCounts letters,
      ExecutorService threads,
      Clock clock) {
    this.config = config;
    this.catalog = catalog;
    this.broker = broker;
    this.looks = looks;
    this.consumption = consumption;
    this.clock = clock;
    this.provenance = new ProvenanceWriter(config, catalog, letters, threads);
  }

  /**
   * An answer, and how to tell that it still is one.
   *
   * @param begunNanos before anything of it was read
   * @param look after all of it was read
   * @param served null if the speed layer takes no part
   * @param isRepeatable whether it may be given again at all
   */
  record Found(
      Answer answer, long begunNanos, Look look, Consumption.Served served, boolean isRepeatable) {}

  /** One question while it is answered. */
  private record Asked(
      Question question, Deadline firstWord, Deadline deadline, Cancellation cancellation) {
    String name() {
      return question.view();
    }

    Mode mode() {
      return question.mode();
    }
  }

  Found find(Question question, Deadline deadline, Cancellation cancellation) {
    Duration left = deadline.remaining();
    Asked asked =
        new Asked(question, Deadline.after(Attempts.firstWord(left)), deadline, cancellation);
    AtomicBoolean isFirst = new AtomicBoolean(true);
    return Attempts.answer(
        Deadline.after(Attempts.settle(left)),
        () -> {
          cancellation.require();
          Optional<Look> recent =
              isFirst.getAndSet(false) ? looks.recent(question.view()) : Optional.empty();
          if (recent.isPresent()) {
            return guessed(asked, recent.get());
          }
          return fresh(asked, looks.since(question.view(), System.nanoTime(), deadline));
        });
  }

  /** By what was found before: if that fails, it may be for what is no longer so. */
  private Found guessed(Asked asked, Look guess) throws Unsettled {
    RecountException failure = null;
    try {
      return answer(asked, guess, true);
    } catch (Unsettled e) {
      asked.cancellation().require();
    } catch (RecountException e) {
      failure = e;
    }
    Look look = lookAgain(asked, failure);
    if (failure != null && look.isSame(guess, asked.mode())) {
      throw failure;
    }
    return fresh(asked, look);
  }

  /** A version may have been dropped while it was asked, and the name mean another by now. */
  private Found fresh(Asked asked, Look look) throws Unsettled {
    try {
      return answer(asked, look, false);
    } catch (RecountException e) {
      Look now = lookAgain(asked, e);
      if (now.isSameVersion(look)) {
        throw e;
      }
      return fresh(asked, now);
    }
  }

  /**
   * @param failure that stands if nothing else can be found out; null if there is none
   */
  private Look lookAgain(Asked asked, RecountException failure) throws Unsettled {
    asked.cancellation().require();
    if (failure != null && asked.deadline().isExpired()) {
      throw failure;
    }
    try {
      return looks.since(asked.name(), System.nanoTime(), asked.deadline());
    } catch (RecountException e) {
      if (failure == null || e.code() == ErrorCode.VIEW_UNKNOWN) {
        throw e;
      }
      failure.addSuppressed(e);
      throw failure;
    }
  }

  private Found answer(Asked asked, Look before, boolean isGuess) throws Unsettled {
    long begun = System.nanoTime();
    Options options = asked.question().options();
    ViewVersion version = before.version();
    BoundQuery query = Binder.bind(text(asked.question(), version), version.plan());
    Duration textDelay = query.searchesText() ? textDelay() : Duration.ZERO;
    Consumption.Served served =
        asked.mode() == Mode.BATCH
            ? null
            : consumption.served(version.table(), version.event(), textDelay, asked.deadline());
    if (served != null && !served.isKnown() && !asked.firstWord().isExpired()) {
      throw new Unsettled("the speed layer has not reported yet what it has counted of this view");
    }
    Sources sources =
        AsOf.of(before.sources(), options.asOf(), config.cut().grain(), asked.mode(), served);
    Shares shares = options.shares() ? Shares.of(query, asked.mode(), sources) : Shares.none(query);
    ServedRows rows =
        new ServedRows(
            broker, shares.query(), asked.mode(), sources, asked.deadline(), asked.cancellation());
    ProvenanceWriter.Pending pending = provenance.begin(rows, served, textDelay);
    try {
      Page page = Page.read(shares.query(), rows, options.fill(), config.serving());
      Look after = after(asked, before, isGuess);
      Answer answer =
          new Answer(
              shares.columns(), page.rows(), pending.finish(page.truncated(), after.version()));
      return new Found(answer, begun, after, served, textDelay.isZero());
    } catch (Unsettled | RuntimeException | Error e) {
      pending.giveUp();
      throw e;
    }
  }

  private SqlText text(Question question, ViewVersion version) {
    ZoneId zone = question.options().zone();
    SqlText text =
        question.text().of(version, clock.instant(), zone == null ? ZoneOffset.UTC : zone);
    return zone == null ? text : Zoned.in(text, zone);
  }

  /** A look after the rows were read: it must show what the one before did. */
  private Look after(Asked asked, Look before, boolean isGuess) throws Unsettled {
    long now = System.nanoTime();
    Look after = looks.since(asked.name(), now, asked.deadline());
    if (!after.isSameVersion(before)) {
      if (isGuess) {
        throw new Unsettled("the name '" + asked.name() + "' means another version now");
      }
      after = ofVersion(before.version(), now, asked.deadline());
    }
    if (!after.isSame(before, asked.mode())) {
      throw new Unsettled("the table changed while the query ran");
    }
    return after;
  }

  /** Readers see another version by now; a query that has begun ends with its own. */
  private Look ofVersion(ViewVersion version, long sinceNanos, Deadline deadline) throws Unsettled {
    try {
      return looks.since(version.name(), sinceNanos, deadline);
    } catch (RecountException e) {
      if (e.code() == ErrorCode.VIEW_UNKNOWN) {
        throw new Unsettled(version.name() + " was dropped while it was asked");
      }
      throw e;
    }
  }

  /**
   * The same answer at a later moment; empty if there may be another by now.
   *
   * @param name of the view that was asked
   */
  Optional<Answer> again(Found found, String name, Mode mode, Deadline deadline) {
    Duration age = Duration.ofNanos(System.nanoTime() - found.begunNanos());
    if (age.compareTo(config.serving().cache().age()) > 0) {
      return Optional.empty();
    }
    try {
      Look now = looks.since(name, System.nanoTime(), deadline);
      if (!now.isSame(found.look(), mode) || !now.isCountedAlike(found.look())) {
        return Optional.empty();
      }
      return found.served() == null
          ? Optional.of(found.answer())
          : aged(found, now.version(), deadline);
    } catch (Unsettled e) {
      return Optional.empty();
    }
  }

  /** While Pinot has nothing newer, and what it has is not too old. */
  private Optional<Answer> aged(Found found, ViewVersion version, Deadline deadline)
      throws Unsettled {
    Consumption.Served now =
        consumption.served(version.table(), version.event(), Duration.ZERO, deadline);
    boolean isNewest = now.isKnown() && now.untilMs() == found.served().untilMs();
    boolean isOld = now.ageMs() > config.health().stalledAfter().toMillis();
    if (!isNewest || isOld) {
      return Optional.empty();
    }
    Answer answer = found.answer();
    return Optional.of(
        new Answer(answer.columns(), answer.rows(), answer.provenance().aged(now.ageMs())));
  }

  private Duration textDelay() {
    long texts =
        catalog.views().all().stream()
            .flatMap(v -> v.plan().indexes().stream())
            .filter(i -> i.kind() == IndexKind.TEXT)
            .count();
    return TEXT_DELAY.plus(DELAY_OF_EACH_TEXT.multipliedBy(texts));
  }
}
