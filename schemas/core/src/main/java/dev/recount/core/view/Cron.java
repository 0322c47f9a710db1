package dev.recount.core.view;

import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import org.quartz.CronExpression;

/** The times of a Quartz cron expression in a time zone. */
public final class Cron {
  private static final String FORM =
      "it has six or seven fields (second minute hour day month weekday [year]), of day and weekday"
          + " one is '?', as in '0 0/15 * * * ?'";

  /** Times that are looked at where only the closest two of them count. */
  private static final int LOOK = 50;

  private final CronExpression expression;
  private final ZoneId zone;

  private Cron(CronExpression expression, ZoneId zone) {
    this.expression = expression;
    this.zone = zone;
  }

  /**
   * Reads an expression.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static Cron of(String text, ZoneId zone) {
    try {
      CronExpression expression = new CronExpression(text);
      expression.setTimeZone(TimeZone.getTimeZone(zone));
      return new Cron(expression, zone);
    } catch (ParseException | RuntimeException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a Quartz cron expression (" + e.getMessage() + "); " + FORM, e);
    }
  }

  public String expression() {
    return expression.getCronExpression();
  }

  public ZoneId zone() {
    return zone;
  }

  /** The first time after a moment; empty if there is none any more. */
  public Optional<Instant> next(Instant after) {
    return Optional.ofNullable(expression.getNextValidTimeAfter(Date.from(after)))
        .map(Date::toInstant);
  }

  /** The first times after a moment. */
  public List<Instant> next(Instant after, int most) {
    List<Instant> times = new ArrayList<>();
    Optional<Instant> time = next(after);
    while (time.isPresent() && times.size() < most) {
      times.add(time.get());
      time = next(time.get());
    }
    return times;
  }

  /**
   * How many times lie after one moment and before another.
   *
   * @param most counted no further
   */
  public int count(Instant after, Instant before, int most) {
    int count = 0;
    Optional<Instant> time = next(after);
    while (count < most && time.isPresent() && time.get().isBefore(before)) {
      count++;
      time = next(time.get());
    }
    return count;
  }

  /** The shortest time between two of the next times; empty if fewer than two are left. */
  public Optional<Duration> shortestGap(Instant after) {
    List<Instant> times = next(after, LOOK);
    Optional<Duration> shortest = Optional.empty();
    for (int i = 1; i < times.size(); i++) {
      Duration gap = Duration.between(times.get(i - 1), times.get(i));
      if (shortest.isEmpty() || gap.compareTo(shortest.get()) < 0) {
        shortest = Optional.of(gap);
      }
    }
    return shortest;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cron cron
        && cron.expression().equals(expression())
        && cron.zone.equals(zone);
  }

  @Override
  public int hashCode() {
    return expression().hashCode();
  }

  @Override
  public String toString() {
    return expression() + " (" + zone.getId() + ")";
  }
}
