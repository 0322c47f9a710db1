package dev.recount.ingest.weblog;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;

/**
 * A part of each line, and the text up to the next.
 *
 * @param written how a {@link FormatPart#WRITTEN_TIME} is; otherwise null
 * @param after the text between this part and the next
 * @param isQuoted whether the part is all that is between two quotes
 */
record FormatElement(FormatPart part, DateTimeFormatter written, String after, boolean isQuoted) {
  private static final int MOST_HOPS = 200;

  static FormatElement of(FormatPart part) {
    return new FormatElement(part, null, "", false);
  }

  FormatElement withAfter(String text, boolean isAfterQuote) {
    return new FormatElement(part, written, text, isAfterQuote && text.startsWith("\""));
  }

  /** The value at the cursor, and what follows it; null if there is none. */
  String value(LogCursor cursor) {
    String value;
    if (isQuoted) {
      value = cursor.toQuote(part.words);
      cursor.expect(after, "'" + after + "' after " + part.words);
      // A request of '-' is what was asked for.
      return part != FormatPart.REQUEST && value.isEmpty()
              || value.equals("-") && part != FormatPart.REQUEST
          ? null
          : value;
    }
    if (after.isEmpty()) {
      value = cursor.rest();
    } else {
      String expected = part.words + " and '" + after + "'";
      value = cursor.before(after, expected);
      for (int more = 0;
          part == FormatPart.FORWARDED && value.endsWith(",") && more < MOST_HOPS;
          more++) {
        value += cursor.before(after, expected);
      }
    }
    return value.isEmpty() || value.equals("-") ? null : LogCursor.unescaped(value);
  }

  /**
   * Puts its value in its place; that of a time that is a text, the cursor has put there.
   *
   * @throws DateTimeException and the like if it is none
   */
  void put(String value, AccessLine into) {
    switch (part) {
      case HOST -> into.client = value == null ? null : Addresses.withoutPort(value);
      case ISO_TIME -> into.time = OffsetDateTime.parse(known(value)).toInstant().toEpochMilli();
      case SECONDS -> into.time = millis(known(value), 3);
      case MILLIS -> into.time = millis(known(value), 0);
      case MICROS -> into.time = millis(known(value), -3);
      case REQUEST -> into.request = value;
      case METHOD -> into.method = value;
      case URI, PATH -> into.path = value;
      case QUERY -> into.query = value;
      case STATUS -> into.status = number(value);
      case BYTES -> into.bytes = number(value);
      case REFERRER -> into.referrer = value;
      case AGENT -> into.agent = value;
      default -> {}
    }
  }

  private static String known(String value) {
    if (value == null) {
      throw new DateTimeException("there is no time");
    }
    return value;
  }

  private static long millis(String value, int power) {
    if (!value.matches("\\d{1,17}(\\.\\d{1,9})?")) {
      throw new NumberFormatException("no number of a time");
    }
    return new BigDecimal(value)
        .scaleByPowerOfTen(power)
        .setScale(0, RoundingMode.FLOOR)
        .longValueExact();
  }

  static Long number(String value) {
    if (value == null) {
      return null;
    }
    if (!value.matches("\\d{1,18}")) {
      throw new NumberFormatException("no number");
    }
    return Long.valueOf(value);
  }
}
