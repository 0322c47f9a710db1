package dev.recount.serving.scalar;

import dev.recount.serving.sql.QueryErrors;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlNode;

/**
 * A length of time, as Pinot's functions name them.
 *
 * @param ms in milliseconds
 */
record TimeUnits(long ms) {
  static final Map<String, Long> MS =
      Map.of(
          "MILLISECONDS", 1L,
          "SECONDS", 1_000L,
          "MINUTES", 60_000L,
          "HOURS", 3_600_000L,
          "DAYS", 86_400_000L);

  private static final Pattern COLONS =
      Pattern.compile("(?i)(\\d{1,9}):([A-Z]+)(?::(?:EPOCH|TIMESTAMP))?");
  private static final Pattern BARS =
      Pattern.compile("(?i)(?:(?:EPOCH|TIMESTAMP)\\|)?([A-Z]+)(?:\\|(\\d{1,9}))?");
  private static final Pattern ALONE = Pattern.compile("(?i)EPOCH(?:_([A-Z]+))?|TIMESTAMP");

  /** {@code 15:MINUTES}, {@code 1:MILLISECONDS:EPOCH}, {@code EPOCH|SECONDS|1}, {@code EPOCH}. */
  static TimeUnits of(SqlNode node, String text) {
    Matcher alone = ALONE.matcher(text);
    if (alone.matches()) {
      return of(node, text, "1", alone.group(1) == null ? "MILLISECONDS" : unit(alone.group(1)));
    }
    Matcher colons = COLONS.matcher(text);
    if (colons.matches()) {
      return of(node, text, colons.group(1), colons.group(2));
    }
    Matcher bars = BARS.matcher(text);
    if (bars.matches()) {
      return of(node, text, bars.group(2) == null ? "1" : bars.group(2), bars.group(1));
    }
    throw unreadable(node, text);
  }

  private static String unit(String unit) {
    return unit.equalsIgnoreCase("MILLIS") ? "MILLISECONDS" : unit;
  }

  private static TimeUnits of(SqlNode node, String text, String size, String unit) {
    Long ms = MS.get(unit.toUpperCase(Locale.ROOT));
    long count = Long.parseLong(size);
    if (ms == null || count == 0) {
      throw unreadable(node, text);
    }
    return new TimeUnits(ms * count);
  }

  private static RuntimeException unreadable(SqlNode node, String text) {
    return QueryErrors.unsupported(
        node,
        "'"
            + text
            + "' is not understood; write a format such as '1:MILLISECONDS:EPOCH' and a granularity"
            + " such as '15:MINUTES' (MILLISECONDS to DAYS)");
  }
}
