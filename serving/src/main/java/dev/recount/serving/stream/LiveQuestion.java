package dev.recount.serving.stream;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.gateway.Asker;
import dev.recount.serving.gateway.Options;
import dev.recount.serving.gateway.Question;
import dev.recount.serving.gateway.Standing;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.sql.ViewRequest;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * One question that has subscribers, the answer as it is now, and what each of them has yet to be
 * sent. Thread-safe.
 *
 * <p>It is asked as of a moment before which everything is served, so that two answers differ by
 * whole stretches of arrivals. When a batch run has been swapped, it is asked as of the moment of
 * the last answer first: what differs then, the run has counted differently.
 */
final class LiveQuestion {
  private static final Asker ITSELF = Asker.named("subscriptions");

  /** How much later than the last look at the speed layer its newest delta may have arrived. */
  private static final long UNSETTLED_MS = 5_000;

  private final String view;
  private final ViewRequest request;
  private final Function<Question, Answer> gateway;
  private final int mostGroups;

  /** Tells apart the questions of which numbers of changes are spoken. */
  private final String epoch = UUID.randomUUID().toString().substring(0, 8);

  private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
  private final ReentrantLock asking = new ReentrantLock();

  /** Null before the first answer, as all below. */
  private Levels levels;

  private Answer answer;
  private int keys;
  private Instant asOf;
  private Standing asked;
  private long deltas;
  private long changedMs;
  private RecountException problem;

  /** What was sent last: mostly, all subscribers are sent the same. */
  private Sending shared;

  private long sharedSeen;
  private RecountException sharedTold;

  /**
   * A question that has not been asked.
   *
   * @param gateway answers it
   * @param mostGroups an answer of more is refused
   */
  LiveQuestion(
      String view, ViewRequest request, Function<Question, Answer> gateway, int mostGroups) {
    this.view = view;
    this.request = request;
    this.gateway = gateway;
    this.mostGroups = mostGroups;
  }

  String view() {
    return view;
  }

  /** Those who are told; others may be added and taken away at any time. */
  Set<Subscriber> subscribers() {
    return subscribers;
  }

  /** Asks if the answer may have changed, unless somebody is asking already. */
  void refresh(Standing now) {
    if (asking.tryLock()) {
      try {
        if (mayDiffer(now)) {
          ask(now);
        }
      } finally {
        asking.unlock();
      }
      subscribers.forEach(Subscriber::wake);
    }
  }

  /**
   * The same, and waits for who is asking.
   *
   * @throws RecountException what the question cannot be answered for
   */
  void require(Standing now) {
    asking.lock();
    try {
      if (mayDiffer(now)) {
        ask(now);
      }
    } finally {
      asking.unlock();
    }
    RecountException failed = problem();
    if (failed != null) {
      throw failed;
    }
  }

  private synchronized RecountException problem() {
    return problem;
  }

  /**
   * @param now null if it is not known, which asking says the reason of
   */
  private synchronized boolean mayDiffer(Standing now) {
    if (now != null && now.deltas() != deltas) {
      deltas = now.deltas();
      changedMs = now.nowMs();
    }
    if (now == null || asked == null || !now.hasSameParts(asked)) {
      return true;
    }
    return now.untilMs() > asked.untilMs() && (!isSettled() || request.isRelative());
  }

  /** Whether the last answer holds all that Pinot has been given. */
  private boolean isSettled() {
    return asked.untilMs() > changedMs + UNSETTLED_MS;
  }

  /** Up to when the last answer holds; null if that is not known. */
  synchronized Events.Freshness freshness(Standing now) {
    if (asked == null || asked.untilMs() == 0) {
      return null;
    }
    long until =
        isSettled() && now.hasSameParts(asked) && now.deltas() == deltas
            ? now.untilMs()
            : asked.untilMs();
    return new Events.Freshness(Instant.ofEpochMilli(until), Math.max(0, now.nowMs() - until));
  }

  /** Never throws: what goes wrong is told to the subscribers, and it is asked again. */
  private void ask(Standing now) {
    try {
      Instant until =
          now == null || now.untilMs() == 0 ? null : Instant.ofEpochMilli(now.untilMs());
      if (isSwapped(now)) {
        correct();
      }
      take(answer(until), until, now);
    } catch (RecountException e) {
      fail(e);
    }
  }

  private synchronized boolean isSwapped(Standing now) {
    return now != null
        && asOf != null
        && asked != null
        && now.version() == asked.version()
        && !Objects.equals(now.run(), asked.run());
  }

  /** If that moment cannot be asked for any more, what events changed since counts as corrected. */
  private void correct() {
    Instant moment;
    Standing last;
    synchronized (this) {
      moment = asOf;
      last = asked;
    }
    Asked found;
    try {
      found = answer(moment);
    } catch (RecountException e) {
      return;
    }
    take(found, moment, last);
  }

  /** An answer, and how many of its columns say which group a row is of. */
  private record Asked(Answer answer, int keys) {}

  private Asked answer(Instant moment) {
    int[] groupedBy = new int[1];
    Question question =
        new Question(
            view,
            (version, now) -> {
              SqlText text = request.sql(version.plan(), now);
              groupedBy[0] = text.groupBy().size();
              return text;
            },
            Mode.of(request.mode()),
            Options.NONE,
            ITSELF);
    return new Asked(gateway.apply(question), groupedBy[0]);
  }

  private synchronized void take(Asked found, Instant moment, Standing from) {
    Answer next = found.answer();
    if (next.rows().size() > mostGroups || next.provenance().truncated()) {
      throw RecountException.of(
          ErrorCode.TOO_MANY_GROUPS,
          "Cannot subscribe to '%s': the answer has more than %s groups "
              + "(serving.streams.max-groups); group by less, filter, or give a limit",
          view,
          mostGroups);
    }
    if (isOfOtherShape(next)) {
      levels = new Levels(found.keys(), mostGroups, levels == null ? 0 : levels.number());
      levels.take(next.rows(), null, true);
    } else {
      Provenance last = answer.provenance();
      Provenance made = next.provenance();
      boolean isOtherRun = !Objects.equals(run(last), run(made));
      boolean isMadeOtherwise =
          isOtherRun
              || problem != null
              || last.complete() != made.complete()
              || !last.warnings().equals(made.warnings());
      levels.take(next.rows(), isOtherRun ? run(made) : null, isMadeOtherwise);
    }
    keys = found.keys();
    answer = next;
    asOf = moment;
    asked = from;
    problem = null;
  }

  private boolean isOfOtherShape(Answer next) {
    return answer == null
        || !answer.columns().equals(next.columns())
        || answer.provenance().version() != next.provenance().version();
  }

  private static String run(Provenance provenance) {
    return provenance.batch() == null ? null : provenance.batch().runId();
  }

  private synchronized void fail(RecountException e) {
    boolean isSame =
        problem != null
            && problem.code() == e.code()
            && Objects.equals(problem.getMessage(), e.getMessage());
    problem = isSame ? problem : e;
    asked = null;
  }

  /** What it is made of, as of when, and which change was the last. */
  private String id() {
    String run = run(answer.provenance());
    return String.join(
        "/",
        "v" + answer.provenance().version(),
        run == null ? "-" : run,
        asOf == null ? "-" : asOf.toString(),
        epoch,
        String.valueOf(levels.number()));
  }

  /**
   * Which change a subscriber has seen last.
   *
   * @param id of the last event that it got; null for none
   * @return -1 if that cannot be told: it is sent everything
   */
  long seen(String id) {
    String marker = "/" + epoch + "/";
    int at = id == null ? -1 : id.lastIndexOf(marker);
    String number = at < 0 ? "" : id.substring(at + marker.length());
    return number.matches("\\d{1,18}") ? Long.parseLong(number) : -1;
  }

  /**
   * What a subscriber has seen with the bytes that it is sent.
   *
   * @param bytes events; empty if there is nothing new
   * @param number of the last change
   * @param problem that it knows of; null for none
   */
  record Sending(byte[] bytes, long number, RecountException problem) {}

  /**
   * What a subscriber has not seen yet.
   *
   * @param seen the change that it saw last
   * @param told the problem that it was told last; null for none
   */
  synchronized Sending next(long seen, RecountException told) {
    long number = levels == null ? -1 : levels.number();
    boolean isShared =
        shared != null
            && sharedSeen == seen
            && sharedTold == told
            && shared.number() == number
            && shared.problem() == problem;
    if (isShared) {
      return shared;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (answer != null && !levels.knowsSince(seen)) {
      write(bytes, "answer", whole());
    } else if (answer != null && seen < levels.number()) {
      for (Levels.Change change : levels.since(seen)) {
        write(bytes, change.run() == null ? "change" : "correction", of(change));
      }
    }
    if (problem != null && problem != told) {
      bytes.writeBytes(
          Events.event("problem", null, new Events.Problem(problem.code(), problem.getMessage())));
    }
    shared = new Sending(bytes.toByteArray(), number, problem);
    sharedSeen = seen;
    sharedTold = told;
    return shared;
  }

  private void write(ByteArrayOutputStream bytes, String name, Object data) {
    bytes.writeBytes(Events.event(name, id(), data));
  }

  private Events.Whole whole() {
    return new Events.Whole(answer.columns(), keys, levels.rows(), answer.provenance());
  }

  private Events.Changed of(Levels.Change change) {
    return new Events.Changed(change.run(), change.rows(), change.removed(), answer.provenance());
  }
}
