package dev.recount.ingest.value;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;

/** Times in ISO-8601, as the numbers that Avro has for them. */
final class IsoTimes {
  /** ISO-8601; a space may stand for the T, and time and zone may be left out. */
  static final DateTimeFormatter FORM =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendPattern("['T'][' ']")
          .appendOptional(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("[' '][XXXXX][XXXX][X]")
          .appendPattern("['['VV']']")
          .toFormatter(Locale.ENGLISH)
          .withResolverStyle(ResolverStyle.STRICT);

  private IsoTimes() {}

  /**
   * @throws DateTimeException if the text is none, or Avro has no such time
   * @throws ArithmeticException if its number is too large
   */
  static long number(String written, LogicalType type) {
    String text = written.strip();
    if (type instanceof LogicalTypes.TimestampMillis) {
      return instant(text).toEpochMilli();
    }
    if (type instanceof LogicalTypes.TimestampMicros) {
      return micros(instant(text));
    }
    if (type instanceof LogicalTypes.TimestampNanos) {
      return nanos(instant(text));
    }
    if (type instanceof LogicalTypes.LocalTimestampMillis) {
      return local(text).toEpochMilli();
    }
    if (type instanceof LogicalTypes.LocalTimestampMicros) {
      return micros(local(text));
    }
    if (type instanceof LogicalTypes.LocalTimestampNanos) {
      return nanos(local(text));
    }
    if (type instanceof LogicalTypes.TimeMillis) {
      return LocalTime.parse(text).toNanoOfDay() / 1_000_000;
    }
    if (type instanceof LogicalTypes.TimeMicros) {
      return LocalTime.parse(text).toNanoOfDay() / 1_000;
    }
    if (type instanceof LogicalTypes.Date) {
      return Math.toIntExact(LocalDate.parse(text).toEpochDay());
    }
    throw new DateTimeException(type.getName() + " is not a time");
  }

  private static TemporalAccessor parse(String text) {
    return FORM.parse(text);
  }

  private static Instant instant(String text) {
    return ZonedDateTime.from(parse(text)).toInstant();
  }

  /** A day alone is its midnight; a zone would say that it is not a local time. */
  private static Instant local(String text) {
    TemporalAccessor parsed = parse(text);
    if (parsed.query(TemporalQueries.zone()) != null) {
      throw new DateTimeException("a local time with a zone");
    }
    LocalTime time = parsed.query(TemporalQueries.localTime());
    return LocalDate.from(parsed)
        .atTime(time == null ? LocalTime.MIDNIGHT : time)
        .toInstant(ZoneOffset.UTC);
  }

  private static long nanos(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
  }

  private static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000);
  }
}
