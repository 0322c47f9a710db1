package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Mode;
import java.time.Clock;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;

/**
 * Gives equal questions at one moment the same answer, and answers again what was answered a moment
 * before as long as nothing else can be answered. Who may ask is not its concern: that was found
 * out before. Thread-safe.
 */
final class Answers {
  /** More cells are not kept: to find out how large they are takes as long as to read them. */
  private static final long MOST_CELLS = 200_000;

  private static final long CELL_BYTES = 40;
  private static final long ANSWER_BYTES = 2_000;

  /** Questions of which one answer is the answer of all. */
  private record Key(String view, Object text, Mode mode, Options options) {}

  private record Kept(Finder.Found found, long bytes) {}

  private final RecountConfig.Cache settings;
  private final Finder finder;
  private final ExecutorService threads;
  private final Clock clock;
  private final Map<Key, Flight> flights = new java.util.HashMap<>();
  private final Map<Key, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long keptBytes;

  Answers(RecountConfig.Cache settings, Finder finder, ExecutorService threads, Clock clock) {
    this.settings = settings;
    this.finder = finder;
    this.threads = threads;
    this.clock = clock;
  }

  /**
   * Waits for an answer.
   *
   * @param own of the one who asks
   * @param find finds one until it is cancelled, which it is when nobody waits any more
   */
  Answer answer(
      Question question,
      Cancellation own,
      Deadline deadline,
      Function<Cancellation, Finder.Found> find) {
    Optional<Key> key = key(question);
    Optional<Key> shared = key.filter(k -> question.asker().takesKept());
    Optional<Answer> again = shared.flatMap(k -> again(k, deadline));
    return again.isPresent()
        ? again.get()
        : joined(shared, kept(key, find)).await(question.asker(), own, deadline).answer();
  }

  private Optional<Key> key(Question question) {
    return settings.age().isZero()
        ? Optional.empty()
        : question
            .text()
            .identity(clock.instant())
            .map(text -> new Key(question.view(), text, question.mode(), question.options()));
  }

  private Optional<Answer> again(Key key, Deadline deadline) {
    Kept known;
    synchronized (this) {
      known = kept.get(key);
    }
    if (known == null) {
      return Optional.empty();
    }
    Optional<Answer> again = finder.again(known.found(), key.view(), key.mode(), deadline);
    if (again.isEmpty()) {
      forget(key, known);
    }
    return again;
  }

  private synchronized void forget(Key key, Kept known) {
    if (kept.remove(key, known)) {
      keptBytes -= known.bytes();
    }
  }

  /** What is found is kept, by one who takes nothing kept too: the next would go back behind it. */
  private Function<Cancellation, Finder.Found> kept(
      Optional<Key> key, Function<Cancellation, Finder.Found> find) {
    return cancellation -> {
      Finder.Found found = find.apply(cancellation);
      key.ifPresent(k -> keep(k, found));
      return found;
    };
  }

  /** One who waits is counted in already. */
  private Flight joined(Optional<Key> key, Function<Cancellation, Finder.Found> find) {
    Flight flight;
    synchronized (this) {
      Flight known = key.map(flights::get).orElse(null);
      if (known != null && known.age().compareTo(settings.age()) <= 0 && known.join()) {
        return known;
      }
      flight = new Flight();
      flight.join();
      Flight begun = flight;
      key.ifPresent(k -> flights.put(k, begun));
    }
    Flight begun = flight;
    begun.begin(
        cancellation -> {
          try {
            return find.apply(cancellation);
          } finally {
            key.ifPresent(k -> end(k, begun));
          }
        },
        threads);
    return begun;
  }

  private synchronized void end(Key key, Flight flight) {
    flights.remove(key, flight);
  }

  private void keep(Key key, Finder.Found found) {
    long bytes = bytes(found.answer());
    if (!found.isRepeatable() || bytes > settings.sizeBytes()) {
      return;
    }
    synchronized (this) {
      Kept before = kept.get(key);
      if (before != null && before.found().begunNanos() - found.begunNanos() > 0) {
        return; // An answer never goes back.
      }
      before = kept.put(key, new Kept(found, bytes));
      keptBytes += bytes - (before == null ? 0 : before.bytes());
      for (Iterator<Kept> oldest = kept.values().iterator();
          keptBytes > settings.sizeBytes() && oldest.hasNext(); ) {
        keptBytes -= oldest.next().bytes();
        oldest.remove();
      }
    }
  }

  private static long bytes(Answer answer) {
    long cells = (long) answer.rows().size() * answer.columns().size();
    if (cells > MOST_CELLS) {
      return Long.MAX_VALUE;
    }
    long bytes = ANSWER_BYTES + cells * CELL_BYTES;
    for (List<Object> row : answer.rows()) {
      for (Object cell : row) {
        bytes += cell instanceof String text ? text.length() : 0;
      }
    }
    return bytes;
  }

  /** How many answers are kept, and how many bytes they may have. */
  synchronized long keptBytes() {
    return keptBytes;
  }
}
