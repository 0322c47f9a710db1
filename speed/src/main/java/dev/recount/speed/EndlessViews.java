package dev.recount.speed;

import dev.recount.error.DurationText;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds views that do not come to an end with an event. Nothing stops a thread that is in an
 * endless expression, so the process has to end; the view is set aside before, and the next process
 * goes on without it.
 */
final class EndlessViews {
  private static final EndlessViews OF_PROCESS = new EndlessViews();
  private static final String REASON = "it did not come to an end with one event within ";

  /** What a task does; its thread writes it. */
  static final class Call implements AutoCloseable {
    private final Set<Call> all;
    private volatile String topic;
    private volatile long number;

    private Call(Set<Call> all) {
      this.all = all;
      all.add(this);
    }

    /** A view begins with an event, or goes on with it after a delta was sent. */
    void enter(String deltaTopic) {
      number = number + 1;
      topic = deltaTopic;
    }

    /** No view is at work: sending a delta takes the broker's time. */
    void leave() {
      topic = null;
    }

    /** The task ends. */
    @Override
    public void close() {
      all.remove(this);
    }
  }

  /** What a call was found in, and how often one look after the other. */
  private record Seen(long number, int times) {}

  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private Map<Call, Seen> seen = Map.of();

  static EndlessViews ofProcess() {
    return OF_PROCESS;
  }

  /** Why a view is set aside. */
  static String reason(Duration limit) {
    return REASON + DurationText.of(limit);
  }

  /** Whether a view was set aside for this. */
  static boolean isReason(String failure) {
    return failure != null && failure.startsWith(REASON);
  }

  /** A task begins. */
  Call begin() {
    return new Call(calls);
  }

  /**
   * Looks at every task; to be called again and again, at the same intervals. Looks are counted and
   * not time, so that a process that was stopped for long finds nothing.
   *
   * @param most so many looks may find a view with the same event
   * @return the delta topic of a view that is with it for longer
   */
  Optional<String> look(int most) {
    Map<Call, Seen> now = new HashMap<>();
    Optional<String> endless = Optional.empty();
    for (Call call : calls) {
      long number = call.number;
      String topic = call.topic;
      if (topic != null) {
        Seen before = seen.get(call);
        boolean isSame = before != null && before.number() == number;
        int times = isSame ? before.times() + 1 : 1;
        now.put(call, new Seen(number, times));
        if (times > most) {
          endless = Optional.of(topic);
        }
      }
    }
    seen = now;
    return endless;
  }
}
