package dev.recount.serving.sql;

import dev.recount.core.Moments;
import dev.recount.error.RecountException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What values stand for beside moments and days, always UTC. */
public final class Times {
  private static final Pattern DAY =
      Pattern.compile(
          "([+-]?\\d{4,7})-(\\d{1,2})-(\\d{1,2})(?:[T ]00:00(?::00(?:\\.0{1,9})?)?[Zz]?)?");

  private Times() {}

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
            : Moments.parse(String.valueOf(value))
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
}
