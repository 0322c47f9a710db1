package dev.recount.serving.stream;

import dev.recount.core.Loop;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.gateway.OptionWords;
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

  /** What may be said of how the answers are to be given; they are always of now. */
  private static final Set<String> OPTIONS =
      OptionWords.NAMES.stream()
          .filter(name -> !name.equals("as_of") && !name.equals("strict"))
          .collect(Collectors.toSet());

  /** What a view is served from. */
  public interface Looks {
    Standing standing(String view);
  }

  /** What tells two questions apart. */
  private record Key(String view, Map<String, List<String>> parameters) {}

  /** A question, and those who are told. */
  private static final class Live {
    private final LiveQuestion question;
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();

    /** When the last subscriber was seen to have left, by the clock in nanoseconds. */
    private Long idleSince;

    private Live(LiveQuestion question) {
      this.question = question;
    }
  }

  private final Function<Question, Answer> gateway;
  private final Looks looks;
  private final RecountConfig.Streams limits;
  private final Duration grain;
  private final LongSupplier nanos;
  private final Map<Key, Live> questions = new HashMap<>();
  private final Set<Object> busy = ConcurrentHashMap.newKeySet();
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
        config.cut().grain(),
        question -> gateway.answer(question),
        view -> gateway.standing(view),
        PERIOD,
        System::nanoTime);
  }

  Streams(
      RecountConfig.Streams limits,
      Duration grain,
      Function<Question, Answer> gateway,
      Looks looks,
      Duration period,
      LongSupplier nanos) {
    this.limits = limits;
    this.grain = grain;
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
    return questions.values().stream().mapToInt(live -> live.subscribers.size()).sum();
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
    Live live = live(new Key(view, new TreeMap<>(parameters)));
    Subscriber subscriber =
        new Subscriber(live.question, lastId, Events.retry(PERIOD.toMillis()), nanos);
    live.subscribers.add(subscriber);
    try {
      live.question.require(standing(view));
      return subscriber;
    } catch (RuntimeException | Error e) {
      live.subscribers.remove(subscriber);
      throw e;
    }
  }

  synchronized void unsubscribe(Subscriber subscriber) {
    questions.values().forEach(live -> live.subscribers.remove(subscriber));
  }

  private synchronized Live live(Key key) {
    if (subscribers() >= limits.maxSubscribers()) {
      throw tooMany("subscribers", limits.maxSubscribers(), "serving.streams.max-subscribers");
    }
    if (!questions.containsKey(key) && questions.size() >= limits.maxQuestions()) {
      forget(Duration.ZERO);
      if (questions.size() >= limits.maxQuestions()) {
        throw tooMany(
            "different questions", limits.maxQuestions(), "serving.streams.max-questions");
      }
    }
    Live live = questions.computeIfAbsent(key, this::begin);
    live.idleSince = null;
    return live;
  }

  private Live begin(Key key) {
    Map<String, String> said = new HashMap<>();
    key.parameters().forEach((name, values) -> said.put(name, values.get(0)));
    return new Live(
        new LiveQuestion(
            key.view(),
            new ViewRequest(key.parameters(), OPTIONS),
            OptionWords.read(said),
            gateway,
            limits.maxGroups(),
            grain.toMillis()));
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
    for (Live live : List.copyOf(questions.values())) {
      if (!live.subscribers.isEmpty()) {
        live.idleSince = null;
      } else if (live.idleSince == null && !linger.isZero()) {
        live.idleSince = now;
      } else if (linger.isZero() || now - live.idleSince >= linger.toNanos()) {
        questions.values().remove(live);
      }
    }
  }

  private synchronized Map<String, List<Live>> subscribed() {
    return questions.entrySet().stream()
        .filter(entry -> !entry.getValue().subscribers.isEmpty())
        .collect(
            Collectors.groupingBy(
                entry -> entry.getKey().view(),
                Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
  }

  private void turn() {
    forget(LINGER);
    subscribed().forEach((view, of) -> once(view, () -> look(view, of)));
  }

  private void look(String view, List<Live> of) {
    Standing now = standing(view);
    for (Live live : of) {
      once(live, () -> refresh(live, now));
    }
  }

  private void refresh(Live live, Standing now) {
    live.question.refresh(now);
    Events.Freshness freshness = now == null ? null : live.question.freshness(now);
    byte[] event = freshness == null ? Events.NOTHING : Events.event("freshness", null, freshness);
    for (Subscriber subscriber : live.subscribers) {
      subscriber.wake();
      if (subscriber.age() > limits.longest().toNanos()) {
        subscriber.close();
      } else if (subscriber.silence() > SILENCE.toNanos()) {
        subscriber.send(event);
      }
    }
  }

  /** One slow view or question holds up no other, and is not asked for again meanwhile. */
  private void once(Object what, Runnable work) {
    if (busy.add(what)) {
      threads.execute(
          () -> {
            try {
              work.run();
            } catch (RuntimeException | Error e) {
              LOG.warn("Subscriptions continue after a failure", e);
            } finally {
              busy.remove(what);
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
    Collection<Live> all;
    synchronized (this) {
      all = List.copyOf(questions.values());
    }
    all.forEach(live -> live.subscribers.forEach(Subscriber::close));
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
