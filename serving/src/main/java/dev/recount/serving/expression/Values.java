package dev.recount.serving.expression;

import dev.recount.serving.sql.QueryErrors;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;

/** The order of values, and days and moments among them. */
public final class Values {
  /** Spark's order: that of the bytes in UTF-8, which is not Java's beyond U+FFFF. */
  public static final Comparator<String> TEXT_ORDER =
      Comparator.comparing(s -> s.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  private Values() {}

  /** Compares two values of one kind that are not null. */
  public static int compare(Object left, Object right) {
    if (left instanceof Number a && right instanceof Number b) {
      return Numbers.compare(a, b);
    }
    if (left instanceof Instant a && right instanceof Instant b) {
      return a.compareTo(b);
    }
    if (left instanceof Boolean a && right instanceof Boolean b) {
      return a.compareTo(b);
    }
    if (left instanceof String a && right instanceof String b) {
      return TEXT_ORDER.compare(a, b);
    }
    throw QueryErrors.unsupported("'%s' and '%s' cannot be compared", left, right);
  }

  /** The number of the day that a text names. */
  static long day(Object text) {
    return LocalDate.parse((String) text).toEpochDay();
  }

  /** The moment of milliseconds, or of the begin of the day that a text names. */
  static Instant moment(Object value) {
    if (value instanceof Number millis) {
      BigInteger[] parts =
          Numbers.decimal(millis)
              .movePointRight(6)
              .setScale(0, RoundingMode.FLOOR)
              .toBigInteger()
              .divideAndRemainder(NANOS);
      return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
    }
    return LocalDate.parse((String) value).atStartOfDay().toInstant(ZoneOffset.UTC);
  }
}
