package dev.recount.error;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as people write them, which a configuration file takes too. */
public final class DurationText {
  private static final long SECOND = 1000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private DurationText() {}

  /** Such as {@code 250 ms}, {@code 1.5 s}, {@code 90 minutes}, {@code 7 days}. */
  public static String of(Duration duration) {
    long ms = duration.toMillis();
    if (ms == 0 || ms % MINUTE != 0) {
      return ms > 0 && ms < SECOND
          ? ms + " ms"
          : BigDecimal.valueOf(ms, 3).stripTrailingZeros().toPlainString() + " s";
    }
    return ms % DAY == 0
        ? count(ms / DAY, "day")
        : ms % HOUR == 0 ? count(ms / HOUR, "hour") : count(ms / MINUTE, "minute");
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s");
  }
}
