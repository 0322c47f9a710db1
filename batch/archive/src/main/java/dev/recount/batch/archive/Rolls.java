package dev.recount.batch.archive;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** When a file is finished of itself: at a size, at an age, at a change of the arrival date. */
record Rolls(long sizeBytes, Duration age, Clock clock) {
  boolean isDue(OpenFile file) {
    return file.sizeBytes() >= sizeBytes || clock.millis() - file.openedMs() >= age.toMillis();
  }

  static boolean isSameDate(LocalDate date, long arrivalMs) {
    long start = date.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    return arrivalMs >= start && arrivalMs - start < Duration.ofDays(1).toMillis();
  }
}
