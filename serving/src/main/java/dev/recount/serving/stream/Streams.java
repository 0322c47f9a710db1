package dev.recount.serving.stream;

import dev.recount.core.Loop;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.gateway.Question;
import dev.recount.serving.gateway.Standing;
import dev.recount.serving.sql.ViewRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All questions that have subscribers. Once a second each view is looked at, and those questions
 * are asked again whose answer may have changed. Thread-safe.
 */
public final class Streams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int THREADS = 4;

  /** A subscriber that is sent nothing else is told so often that nothing has changed. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /** A client that was cut off has so long to go on where it was. */
  private static final Duration LINGER = Duration.ofSeconds(30);

  /** What a view is served from. */
  public interface Looks {
    Standing standing(String view);
  }

  /** What tells two questions apart. */
  private record Key(String view, Map<String, List<String>> parameters) {}

  private final Function<Question, Answer> gateway;
  private final Looks looks;
  private final RecountConfig.Streams limits;
  private final LongSupplier nanos;
  private final Map<Key, LiveQuestion> questions = new HashMap<>();
  private final Map<LiveQuestion, Long> idleSince = new HashMap<>();
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          THREADS,
          work -> {
            Thread thread = new Thread(work, "streams");
            thread.setDaemon(true);
            return thread;
          });
  private final Loop loop;

  public Streams(RecountConfig config, Gateway gateway) {
    this(
        config.serving().streams(),
        question -> gateway.answer(question),
        view -> gateway.standing(view),
        PERIOD,
        System::nanoTime);
  }

  Streams(
      RecountConfig.Streams limits,
      Function<Question, Answer> gateway,
      Looks looks,
      Duration period,
      LongSupplier nanos) {
    this.limits = limits;
    this.gateway = gateway;
    this.looks = looks;
    this.nanos = nanos;
    this.loop = Loop.start("streams", period, this::turn);
  }

  /** How many distinct questions are kept up to date. */
  public synchronized int questions() {
    return questions.size();
  }

  /** How many clients are subscribed. */
  public synchronized int subscribers() {
    return questions.values().stream().mapToInt(q -> q.subscribers().size()).sum();
  }

  /**
   * A new subscriber, whose question has been answered by now.
   *
   * @param parameters as of {@link ViewRequest}
   * @param lastId of the last event that the client got before; null for none
   * @throws RecountException OVERLOADED if there are too many; whatever the question cannot be
   *     answered for
   */
  Subscriber subscribe(String view, Map<String, List<String>> parameters, String lastId) {
    LiveQuestion question = question(view, parameters);
    Subscriber subscriber =
        new Subscriber(question, lastId, Events.retry(PERIOD.toMillis()), nanos);
    synchronized (this) {
      question.subscribers().add(subscriber);
    }
    try {
      question.require(standing(view));
      return subscriber;
    } catch (RuntimeException | Error e) {
      question.subscribers().remove(subscriber);
      throw e;
    }
  }

  void unsubscribe(Subscriber subscriber) {
    subscriber.question().subscribers().remove(subscriber);
  }

  private synchronized LiveQuestion question(String view, Map<String, List<String>> parameters) {
    if (subscribers() >= limits.maxSubscribers()) {
      throw tooMany("subscribers", limits.maxSubscribers(), "serving.streams.max-subscribers");
    }
    Key key = new Key(view, new TreeMap<>(parameters));
    LiveQuestion known = questions.get(key);
    if (known == null && questions.size() >= limits.maxQuestions()) {
      forget(Duration.ZERO);
      if (questions.size() >= limits.maxQuestions()) {
        throw tooMany(
            "different questions", limits.maxQuestions(), "serving.streams.max-questions");
      }
    }
    return questions.computeIfAbsent(
        key, k -> new LiveQuestion(view, new ViewRequest(parameters), gateway, limits.maxGroups()));
  }

  private static RecountException tooMany(String what, int most, String setting) {
    return RecountException.of(
        ErrorCode.OVERLOADED,
        "Cannot subscribe: there are %s %s already (%s); ask again later",
        most,
        what,
        setting);
  }

  /** Lets questions go that have had no subscriber for so long. */
  private synchronized void forget(Duration linger) {
    long now = nanos.getAsLong();
    for (LiveQuestion question : List.copyOf(questions.values())) {
      if (!question.subscribers().isEmpty()) {
        idleSince.remove(question);
      } else if (now - idleSince.computeIfAbsent(question, q -> now) >= linger.toNanos()) {
        questions.values().remove(question);
        idleSince.remove(question);
      }
    }
  }

  private synchronized Map<String, List<LiveQuestion>> subscribed() {
    return questions.values().stream()
        .filter(q -> !q.subscribers().isEmpty())
        .collect(Collectors.groupingBy(LiveQuestion::view));
  }

  private void turn() {
    forget(LINGER);
    subscribed().forEach((view, of) -> once(view, () -> look(view, of)));
  }

  private void look(String view, List<LiveQuestion> of) {
    Standing now = standing(view);
    for (LiveQuestion question : of) {
      once(question.toString(), () -> refresh(question, now));
    }
  }

  private void refresh(LiveQuestion question, Standing now) {
    question.refresh(now);
    Events.Freshness freshness = now == null ? null : question.freshness(now);
    byte[] event = freshness == null ? Events.NOTHING : Events.event("freshness", null, freshness);
    for (Subscriber subscriber : question.subscribers()) {
      if (subscriber.age() > limits.longest().toNanos()) {
        subscriber.close();
      } else if (subscriber.silence() > SILENCE.toNanos()) {
        subscriber.send(event);
      }
    }
  }

  /** One slow view or question holds up no other, and is not asked for again meanwhile. */
  private void once(String name, Runnable work) {
    if (busy.add(name)) {
      threads.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException | Error e) {
              LOG.warn("Subscriptions to {} continue after a failure", name, e);
            } finally {
              busy.remove(name);
            }
          });
    }
  }

  /** Null if it cannot be said: whoever asks then is told why. */
  private Standing standing(String view) {
    try {
      return looks.standing(view);
    } catch (RecountException e) {
      LOG.debug("What {} is served from is not known: {}", view, e.getMessage());
      return null;
    }
  }

  /** Ends all of them, so that clients go elsewhere. */
  public void end() {
    Collection<LiveQuestion> all;
    synchronized (this) {
      all = List.copyOf(questions.values());
    }
    all.forEach(q -> q.subscribers().forEach(Subscriber::close));
  }

  @Override
  public void close() {
    loop.close();
    end();
    try {
      threads.shutdownNow();
      threads.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
