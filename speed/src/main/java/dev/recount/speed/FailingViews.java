package dev.recount.speed;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Which views of an event fail: how often in a row, which are set aside for it, and when these are
 * tried again. A view that is set aside is tried in one micro-batch, after a pause that grows; one
 * failure puts it back. After a start of the process it is tried at once, unless it was what ended
 * the process before. Not thread-safe.
 */
final class FailingViews {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration ENDLESS_PAUSE = Duration.ofDays(1);

  private static final class Trouble {
    private int failures;
    private boolean isAside;
    private Duration pause = Duration.ZERO;
    private long retryMs;
    private long workedMs;
  }

  private final int attempts;
  private final Duration longestPause;
  private final LongSupplier steadyMs;
  private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

  /**
   * @param attempts so many failures in a row set a view aside
   * @param steadyMs milliseconds since any moment, by a clock that nobody sets: pauses go by it
   */
  FailingViews(int attempts, Duration longestPause, LongSupplier steadyMs) {
    this.attempts = attempts;
    this.longestPause = longestPause;
    this.steadyMs = steadyMs;
  }

  /**
   * Whether a view is set aside.
   *
   * @param isKnownAside what the catalog says; it counts where this process knows nothing yet
   */
  boolean isAside(String table, boolean isKnownAside) {
    if (isKnownAside && !troubles.containsKey(table)) {
      trouble(table).isAside = true;
    }
    Trouble known = troubles.get(table);
    return known != null && known.isAside;
  }

  /**
   * Notes that a view was set aside because it did not come to an end, which a process before this
   * one ended for, or more: each try costs another. So each pause is as long as all before it, but
   * no longer than a day.
   *
   * @param age how long ago that was for the first time, by clocks that may have been set since
   */
  void wasEndless(String table, Duration age) {
    if (!troubles.containsKey(table)) {
      Trouble trouble = trouble(table);
      trouble.isAside = true;
      trouble.pause = longestPause;
      Duration bounded = least(age, ENDLESS_PAUSE);
      trouble.retryMs =
          steadyMs.getAsLong() + Math.max(longestPause.toMillis(), bounded.toMillis());
    }
  }

  /** Whether the pause of a view that is set aside is over. */
  boolean isDue(String table) {
    Trouble trouble = trouble(table);
    return trouble.pause.isZero() || steadyMs.getAsLong() >= trouble.retryMs;
  }

  /**
   * Notes that a view failed in a micro-batch.
   *
   * @return whether to set it aside, now or again
   */
  boolean failed(String table) {
    Trouble trouble = trouble(table);
    trouble.failures++;
    return trouble.isAside || trouble.failures >= attempts;
  }

  /** Sets a view aside, or leaves it there after a try, for longer than the last time. */
  void setAside(String table) {
    long nowMs = steadyMs.getAsLong();
    Trouble trouble = trouble(table);
    boolean isNew =
        trouble.pause.isZero()
            || !trouble.isAside && nowMs - trouble.workedMs >= longestPause.toMillis();
    trouble.pause = least(isNew ? FIRST_PAUSE : trouble.pause.multipliedBy(2), longestPause);
    trouble.retryMs = nowMs + trouble.pause.toMillis();
    trouble.isAside = true;
    trouble.failures = 0;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Notes that a micro-batch succeeded with a view. */
  void worked(String table) {
    Trouble trouble = troubles.get(table);
    if (trouble == null) {
      return;
    }
    long nowMs = steadyMs.getAsLong();
    trouble.failures = 0;
    if (trouble.isAside) {
      trouble.isAside = false;
      trouble.workedMs = nowMs;
    } else if (nowMs - trouble.workedMs >= longestPause.toMillis()) {
      troubles.remove(table);
    }
  }

  /** Notes that a micro-batch failed by no view's fault: failures before it do not count. */
  void interrupted() {
    troubles.values().forEach(trouble -> trouble.failures = 0);
  }

  private Trouble trouble(String table) {
    return troubles.computeIfAbsent(table, t -> new Trouble());
  }
}
