package dev.recount.core.view;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a view's scheduled runs are full ({@code -- @mode}).
 *
 * @param isIncremental whether any is not
 * @param fullEvery of so many runs one is full; 0 if that is not what decides
 * @param fullAt the first run at or after a time of this is full; null if that is not what decides
 */
public record ScheduledMode(boolean isIncremental, int fullEvery, Cron fullAt) {
  /** All are. */
  public static final ScheduledMode FULL = new ScheduledMode(false, 0, null);

  private static final Pattern FORM =
      Pattern.compile(
          "(full)|incremental(?:\\s*,\\s*full\\s+(?:every\\s+(\\d{1,6})\\s+runs|at\\s+(\\S.*)))?",
          Pattern.CASE_INSENSITIVE);

  /**
   * Reads a header line.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static ScheduledMode of(String text, ZoneId zone) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a mode; write 'full', 'incremental', 'incremental, full every 24 runs' or"
              + " 'incremental, full at 0 0 3 * * ?'");
    }
    if (matcher.group(1) != null) {
      return FULL;
    }
    int every = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    if (matcher.group(2) != null && every < 2) {
      throw new IllegalArgumentException(
          "one run in " + every + " cannot be full; write 'full', or a number from 2 on");
    }
    return new ScheduledMode(
        true, every, matcher.group(3) == null ? null : Cron.of(matcher.group(3), zone));
  }

  /**
   * Whether a run is full.
   *
   * @param lastFull when the last full one was due; null if there was none, and then this one is
   * @param since how many were due after that, before this one
   * @param due when this one is due
   */
  public boolean isFull(Instant lastFull, int since, Instant due) {
    return !isIncremental
        || lastFull == null
        || (fullEvery > 0 && since + 1 >= fullEvery)
        || at().flatMap(cron -> cron.next(lastFull)).filter(time -> !time.isAfter(due)).isPresent();
  }

  /** As in the header. */
  public String text() {
    if (!isIncremental) {
      return "full";
    }
    return "incremental"
        + (fullEvery > 0 ? ", full every " + fullEvery + " runs" : "")
        + at().map(cron -> ", full at " + cron.expression()).orElse("");
  }

  private Optional<Cron> at() {
    return Optional.ofNullable(fullAt);
  }
}
