package dev.recount.core;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads moments as people write them; without a zone they are UTC. */
public final class Moments {
  private static final Pattern BEFORE_NOW = Pattern.compile("-(\\d{1,9})([smhdw])");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "w", Duration.ofDays(7));

  private Moments() {}

  /**
   * Reads {@code YYYY-MM-DD}, {@code YYYY-MM-DD HH:MM[:SS[.fff]]} or ISO-8601 with or without a
   * zone.
   */
  public static Optional<Instant> parse(String text) {
    return parse(text, ZoneOffset.UTC);
  }

  /**
   * The same, by the clocks of a zone if the text names none: of a time that they show twice the
   * first, of one that they skip the one as long after the gap.
   */
  public static Optional<Instant> parse(String text, ZoneId zone) {
    String iso = text.strip().replace(' ', 'T');
    try {
      if (iso.length() == "2015-05-17".length()) {
        return Optional.of(LocalDate.parse(iso).atStartOfDay(zone).toInstant());
      }
      boolean zoned = iso.matches(".*T.*(Z|z|[+-]\\d{2}(:?\\d{2})?)");
      return Optional.of(
          zoned
              ? OffsetDateTime.parse(iso).toInstant()
              : LocalDateTime.parse(iso).atZone(zone).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** Like {@link #parse}, or {@code now}, or a time before now: {@code -90s}, m, h, d, w. */
  public static Optional<Instant> parseRelative(String text, Instant now) {
    return parseRelative(text, now, ZoneOffset.UTC);
  }

  /** The same, by the clocks of a zone if the text names none. */
  public static Optional<Instant> parseRelative(String text, Instant now, ZoneId zone) {
    Matcher before = BEFORE_NOW.matcher(text.strip());
    if (before.matches()) {
      long count = Long.parseLong(before.group(1));
      return Optional.of(now.minus(UNITS.get(before.group(2)).multipliedBy(count)));
    }
    return text.strip().equals("now") ? Optional.of(now) : parse(text, zone);
  }
}
