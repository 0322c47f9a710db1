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
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * One question that has subscribers, the answer as it is now, and what somebody who saw an earlier
 * one has yet to be sent. Thread-safe.
 */
final class LiveQuestion {
  private static final Asker ITSELF = Asker.named("subscriptions");

  private final String view;
  private final ViewRequest request;
  private final Options options;
  private final Function<Question, Answer> gateway;
  private final int mostGroups;
  private final Corrections corrections;

  /** Tells apart the questions of which numbers of changes are spoken. */
  private final String epoch = UUID.randomUUID().toString().substring(0, 8);

  private final ReentrantLock asking = new ReentrantLock();

  /** Null before the first answer, as all below. */
  private Levels levels;

  private Answer answer;
  private Answered answered;
  private Standing asked;
  private RecountException problem;

  /** What was sent last: mostly, all subscribers are sent the same. */
  private Sending shared;

  private long sharedSeen;
  private RecountException sharedTold;

  /**
   * A question that has not been asked.
   *
   * @param options how it is to be answered
   * @param gateway answers it
   * @param mostGroups an answer of more is refused
   * @param grainMs by which arrivals are told apart
   */
  LiveQuestion(
      String view,
      ViewRequest request,
      Options options,
      Function<Question, Answer> gateway,
      int mostGroups,
      long grainMs) {
    this.view = view;
    this.request = request;
    this.options = options;
    this.gateway = gateway;
    this.mostGroups = mostGroups;
    this.corrections = new Corrections(grainMs);
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
    if (now == null || asked == null || !now.hasSameParts(asked)) {
      return true;
    }
    boolean hasArrived = now.deltas() != asked.deltas() && Mode.of(request.mode()) != Mode.BATCH;
    return hasArrived || request.isRelative() && now.untilMs() > asked.untilMs();
  }

  /** Never throws: what goes wrong is told to the subscribers, and it is asked again. */
  private void ask(Standing now) {
    try {
      Standing last = last();
      boolean isSwapped =
          last != null
              && now != null
              && last.version() == now.version()
              && !Objects.equals(last.run(), now.run());
      Corrections.Found corrected =
          isSwapped ? corrections.by(this::answer) : Corrections.Found.NOTHING;
      take(answer(null), now, corrected);
      corrections.keep(now, this::answer);
    } catch (RecountException e) {
      fail(e);
    }
  }

  private synchronized Standing last() {
    return asked;
  }

  /**
   * @param asOf of what arrived before it; null for all
   */
  private Answered answer(Instant asOf) {
    int[] groupedBy = new int[1];
    Question question =
        new Question(
            view,
            (version, now, zone) -> {
              SqlText text = request.sql(version.plan(), now, zone);
              groupedBy[0] = text.groupBy().size();
              return text;
            },
            Mode.of(request.mode()),
            options.asOf(asOf),
            ITSELF);
    return new Answered(gateway.apply(question), groupedBy[0]);
  }

  private synchronized void take(Answered found, Standing from, Corrections.Found corrected) {
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
    }
    levels.take(
        next.rows(), corrected.keys(), corrected.run(), answer == null || isMadeOtherwise(found));
    answered = found;
    answer = next;
    asked = from;
    problem = null;
  }

  private boolean isOfOtherShape(Answer next) {
    return answer == null
        || !answer.columns().equals(next.columns())
        || answer.provenance().version() != next.provenance().version();
  }

  private boolean isMadeOtherwise(Answered next) {
    Provenance last = answer.provenance();
    Provenance made = next.answer().provenance();
    return problem != null
        || isOfOtherShape(next.answer())
        || !Objects.equals(answered.run(), next.run())
        || last.complete() != made.complete()
        || !last.warnings().equals(made.warnings());
  }

  private synchronized void fail(RecountException e) {
    boolean isSame =
        problem != null
            && problem.code() == e.code()
            && Objects.equals(problem.getMessage(), e.getMessage());
    problem = isSame ? problem : e;
    asked = null;
  }

  /** Up to when the last answer holds; null if that is not known. */
  synchronized Events.Freshness freshness(Standing now) {
    if (asked == null || now.untilMs() == 0) {
      return null;
    }
    boolean isSame = now.hasSameParts(asked) && now.deltas() == asked.deltas();
    long until = isSame ? now.untilMs() : asked.untilMs();
    return new Events.Freshness(Instant.ofEpochMilli(until), Math.max(0, now.nowMs() - until));
  }

  /** What it is made of, up to when it is complete, and which change was the last. */
  private String id() {
    Provenance made = answer.provenance();
    String run = answered.run();
    boolean isKnown = made.speed() != null && made.speed().completeUntil() != null;
    return String.join(
        "/",
        "v" + made.version(),
        run == null ? "-" : run,
        isKnown ? made.speed().completeUntil().toString() : "-",
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
    return new Events.Whole(answer.columns(), answered.keys(), levels.rows(), answer.provenance());
  }

  private Events.Changed of(Levels.Change change) {
    return new Events.Changed(change.run(), change.rows(), change.removed(), answer.provenance());
  }
}
