package dev.recount.ingest.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.recount.error.ErrorCode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Reads times as a source writes them. A time without a zone is read in the mapping's zone: one
 * that a clock showed twice is the earlier, one that it left out is moved on by the gap. Without
 * such a zone it is an error, unless the field itself has none.
 */
public final class TimeForm {
  private static final Map<String, Integer> DIGITS_OF_EPOCH =
      Map.of("epoch-seconds", 0, "epoch-millis", 3, "epoch-micros", 6);

  private static final int MOST_DIGITS = 30;

  private static final ZonedDateTime PROBE =
      ZonedDateTime.of(2000, 10, 11, 13, 14, 15, 0, ZoneOffset.UTC);

  private static final Pattern DIGITS = Pattern.compile("-?[0-9]{1,19}");

  /** Digits that are as likely a day, or a day and a time, as they are a number. */
  private static final Pattern DAY_IN_DIGITS =
      Pattern.compile("(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([0-9]{6})?");

  private final FieldSource source;
  private final LogicalType type;
  private final ZoneId zone;
  private final Integer epochDigits;
  private final DateTimeFormatter formatter;

  private TimeForm(FieldSource source, LogicalType type) {
    this.source = source;
    this.type = type;
    this.zone = source.zone() == null ? null : ZoneId.of(source.zone());
    this.epochDigits = source.time() == null ? null : DIGITS_OF_EPOCH.get(source.time());
    this.formatter = formatter(source.time());
    if (isInstant(type) && zone == null && !tellsZone()) {
      throw new IllegalArgumentException(
          "time '" + source.time() + "' names no zone; add one, such as zone = \"Europe/London\"");
    }
  }

  /** Whether the times themselves do; of ISO-8601 each shows it only when it comes. */
  private boolean tellsZone() {
    return source.time() == null
        || formatter == null
        || formatter.parse(PROBE.format(formatter)).query(TemporalQueries.zone()) != null;
  }

  /**
   * Empty if the field is no time, or already comes as the door wants it.
   *
   * @throws IllegalArgumentException saying what does not fit
   */
  public static Optional<TimeForm> of(FieldSource source, Schema field) {
    LogicalType type = field.getLogicalType();
    boolean isTime =
        isInstant(type)
            || type instanceof LogicalTypes.LocalTimestampMillis
            || type instanceof LogicalTypes.LocalTimestampMicros
            || type instanceof LogicalTypes.Date;
    if (!isTime) {
      if (source.time() != null || source.zone() != null) {
        throw new IllegalArgumentException(
            "'time' and 'zone' are for timestamps and dates, it is " + Mismatch.wanted(field));
      }
      return Optional.empty();
    }
    try {
      return Optional.of(new TimeForm(source, type));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("zone '" + source.zone() + "': " + e.getMessage(), e);
    }
  }

  private static boolean isInstant(LogicalType type) {
    return type instanceof LogicalTypes.TimestampMillis
        || type instanceof LogicalTypes.TimestampMicros;
  }

  private static DateTimeFormatter formatter(String time) {
    if (time == null) {
      return IsoTimes.FORM;
    }
    if (DIGITS_OF_EPOCH.containsKey(time)) {
      return null;
    }
    try {
      DateTimeFormatter pattern =
          new DateTimeFormatterBuilder()
              .parseCaseInsensitive()
              .appendPattern(time)
              .parseDefaulting(ChronoField.ERA, 1)
              .toFormatter(Locale.ENGLISH)
              .withResolverStyle(ResolverStyle.STRICT);
      checkThatItTells(pattern, time);
      return pattern;
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          String.format(
              "time '%s' is neither epoch-seconds, epoch-millis or epoch-micros nor a pattern: "
                  + "%s",
              time, e.getMessage()),
          e);
    }
  }

  /** Day and, if it is written, hour: YYYY is not a year of a month, and hh needs an a. */
  private static void checkThatItTells(DateTimeFormatter pattern, String time) {
    String text = PROBE.format(pattern);
    TemporalAccessor parsed = pattern.parse(text);
    if (!PROBE.toLocalDate().equals(parsed.query(TemporalQueries.localDate()))) {
      throw new IllegalArgumentException("it does not include the day; it writes '" + text + "'");
    }
    boolean isHourWritten = !text.equals(PROBE.plusHours(1).format(pattern));
    if (isHourWritten && parsed.query(TemporalQueries.localTime()) == null) {
      throw new IllegalArgumentException("it does not include the hour; it writes '" + text + "'");
    }
  }

  /** Of a time that is only digits, the number, as JSON may have it; otherwise the text. */
  public static JsonNode number(JsonNode text) {
    String digits = text.textValue().strip();
    return DIGITS.matcher(digits).matches() && !DAY_IN_DIGITS.matcher(digits).matches()
        ? DecimalNode.valueOf(new BigDecimal(digits))
        : text;
  }

  /** The time as the door reads it. */
  public JsonNode value(JsonNode found) throws FieldException {
    try {
      if (epochDigits != null) {
        return text(sinceEpoch(found).atZone(zone == null ? ZoneOffset.UTC : zone));
      }
      if (found.isNumber()) {
        return source.time() == null ? found : text(formatter.parse(found.asText()), found);
      }
      if (source.time() == null && number(found).isNumber()) {
        return number(found);
      }
      return text(formatter.parse(found.textValue().strip()), found);
    } catch (DateTimeException | NumberFormatException | ArithmeticException e) {
      throw mismatch(
          found,
          source.time() == null && DAY_IN_DIGITS.matcher(found.asText().strip()).matches()
              ? "could be a day or a number; say with 'time' in a mapping which of them it is"
              : "is not written as " + shownForm());
    }
  }

  private Instant sinceEpoch(JsonNode found) {
    BigDecimal seconds = JsonNumbers.decimal(found.asText()).scaleByPowerOfTen(-epochDigits);
    if (Math.abs((long) seconds.precision() - seconds.scale()) > MOST_DIGITS
        || Math.abs((long) seconds.scale()) > MOST_DIGITS) {
      throw new ArithmeticException("no time has so many digits");
    }
    BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
    return Instant.ofEpochSecond(
        whole.longValueExact(), seconds.subtract(whole).movePointRight(9).longValue());
  }

  private JsonNode text(TemporalAccessor parsed, JsonNode found) throws FieldException {
    if (parsed.query(TemporalQueries.zone()) != null) {
      return text(ZonedDateTime.from(parsed));
    }
    LocalDate date = LocalDate.from(parsed);
    LocalTime time = parsed.query(TemporalQueries.localTime());
    LocalDateTime local = date.atTime(time == null ? LocalTime.MIDNIGHT : time);
    if (!isInstant(type)) {
      return local(local);
    }
    if (zone == null) {
      throw mismatch(found, "has no zone; add zone to the mapping, such as zone = \"UTC\"");
    }
    return text(local.atZone(zone));
  }

  private JsonNode text(ZonedDateTime time) {
    if (isInstant(type)) {
      return new TextNode(time.toInstant().toString());
    }
    return local(time.withZoneSameInstant(zone == null ? time.getZone() : zone).toLocalDateTime());
  }

  private JsonNode local(LocalDateTime time) {
    return new TextNode(
        type instanceof LogicalTypes.Date ? time.toLocalDate().toString() : time.toString());
  }

  private String shownForm() {
    return source.time() == null ? "ISO-8601 or a number since 1970" : "'" + source.time() + "'";
  }

  private FieldException mismatch(JsonNode found, String reason) {
    return new FieldException(
        ErrorCode.EVENT_FIELD_TYPE,
        "",
        "is " + Mismatch.shown(found) + " at '" + source.place() + "', which " + reason);
  }
}
