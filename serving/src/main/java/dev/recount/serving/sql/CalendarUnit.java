package dev.recount.serving.sql;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A unit that moments are cut to. */
public enum CalendarUnit {
  SECOND(ChronoUnit.SECONDS),
  MINUTE(ChronoUnit.MINUTES),
  HOUR(ChronoUnit.HOURS),
  DAY(ChronoUnit.DAYS),
  WEEK(ChronoUnit.WEEKS),
  MONTH(ChronoUnit.MONTHS),
  QUARTER(IsoFields.QUARTER_YEARS),
  YEAR(ChronoUnit.YEARS);

  private final java.time.temporal.TemporalUnit unit;

  CalendarUnit(java.time.temporal.TemporalUnit unit) {
    this.unit = unit;
  }

  /** The unit of a name in any case; empty if there is none. */
  public static Optional<CalendarUnit> named(String name) {
    return Arrays.stream(values()).filter(u -> u.label().equalsIgnoreCase(name)).findFirst();
  }

  /** The names of all. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(CalendarUnit::label).sorted().toList();
  }

  /** Its name in queries. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where the unit that a moment is in begins by the clocks of a zone. */
  public Instant start(Instant moment, ZoneId zone) {
    ZonedDateTime local = moment.atZone(zone);
    if (compareTo(DAY) < 0) {
      return local.truncatedTo((ChronoUnit) unit).toInstant();
    }
    return start(local.toLocalDate()).atStartOfDay(zone).toInstant();
  }

  private LocalDate start(LocalDate day) {
    return switch (this) {
      case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
      case MONTH -> day.withDayOfMonth(1);
      case QUARTER -> day.with(IsoFields.DAY_OF_QUARTER, 1);
      case YEAR -> day.withDayOfYear(1);
      default -> day;
    };
  }

  /** Where the next one begins after one that begins at a moment. */
  public Instant next(Instant start, ZoneId zone) {
    return compareTo(DAY) < 0
        ? start.plus(1, unit)
        : start.atZone(zone).toLocalDate().plus(1, unit).atStartOfDay(zone).toInstant();
  }
}
