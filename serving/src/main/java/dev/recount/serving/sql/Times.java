package dev.recount.serving.sql;

import dev.recount.error.RecountException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Moments as text, always UTC. */
public final class Times {
  private static final Pattern BEFORE_NOW = Pattern.compile("-(\\d{1,9})([smhdw])");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  private static final Pattern DAY =
      Pattern.compile(
          "([+-]?\\d{4,7})-(\\d{1,2})-(\\d{1,2})(?:[T ]00:00(?::00(?:\\.0{1,9})?)?[Zz]?)?");

  private Times() {}

  /**
   * Reads {@code YYYY-MM-DD}, {@code YYYY-MM-DD HH:MM[:SS[.fff]]} or ISO-8601 with or without a
   * zone; without one it is UTC.
   */
  static Optional<Instant> parse(String text) {
    String iso = text.strip().replace(' ', 'T');
    try {
      if (iso.length() == "2015-05-17".length()) {
        return Optional.of(LocalDate.parse(iso).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
      boolean zoned = iso.matches(".*T.*(Z|z|[+-]\\d{2}(:?\\d{2})?)");
      return Optional.of(
          zoned
              ? OffsetDateTime.parse(iso).toInstant()
              : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * The moment that a value stands for beside a TIMESTAMP, to the microsecond.
   *
   * @throws RecountException QUERY_UNSUPPORTED if it stands for none
   */
  public static Instant moment(Object value) {
    if (value instanceof LocalDate day) {
      return day.atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    Instant moment =
        value instanceof Instant known
            ? known
            : parse(String.valueOf(value))
                .orElseThrow(
                    () ->
                        QueryErrors.cannotCompare(
                            "moment like '2015-05-17 10:05:00' or ISO-8601", value));
    return moment.truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * The day that a value stands for beside a DATE: {@code 2015-5-7} too, and a moment at midnight.
   *
   * @throws RecountException QUERY_UNSUPPORTED if it stands for none
   */
  public static LocalDate day(Object value) {
    if (value instanceof LocalDate day) {
      return day;
    }
    Matcher parts = DAY.matcher(String.valueOf(value).strip());
    if (value instanceof String && parts.matches()) {
      try {
        return LocalDate.of(
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)),
            Integer.parseInt(parts.group(3)));
      } catch (DateTimeException e) {
        throw notADay(value);
      }
    }
    throw notADay(value);
  }

  private static RecountException notADay(Object value) {
    return QueryErrors.cannotCompare(
        "date like '2015-05-17' (with a time of day write TIMESTAMP '2015-05-17 10:05:00')", value);
  }

  /** Like {@link #parse}, or {@code now}, or a time before now: {@code -90s}, m, h, d, w. */
  static Optional<Instant> parseRelative(String text, Instant now) {
    Matcher before = BEFORE_NOW.matcher(text.strip());
    if (before.matches()) {
      long count = Long.parseLong(before.group(1));
      return Optional.of(now.minus(UNITS.get(before.group(2)).multipliedBy(count)));
    }
    return text.strip().equals("now") ? Optional.of(now) : parse(text);
  }
}
