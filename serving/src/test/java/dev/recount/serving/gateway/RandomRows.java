package dev.recount.serving.gateway;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Rows of odd values of every type, two columns of each, which are often the same. */
final class RandomRows {
  static final List<String> TEXTS =
      Arrays.asList(
          null,
          "",
          " ",
          "  a ",
          "\ta",
          "a",
          "A",
          "b",
          "abc",
          "aBc\n",
          "abc\\",
          "a%b",
          "a_b",
          "\u00e4",
          "\u00c4",
          "stra\u00dfe",
          "STRASSE",
          "\u0130",
          "\u03a3\u03c2",
          "\uE000",
          "\uFFFD",
          "\uD83D\uDE00",
          "\uD83D\uDE00x",
          "x\uD83D\uDE00",
          "x\uFFFD",
          "5",
          "true",
          "2024-01-05",
          "null",
          "\u0001",
          "\u0000",
          "\u0001\u0001",
          ".*",
          "[",
          "a.c");

  static final Map<String, List<?>> VALUES = new LinkedHashMap<>();

  static {
    List<Object> smalls =
        Arrays.asList(null, 0L, 1L, -1L, 7L, -7L, 200L, 404L, 2147483647L, -2147483648L);
    List<Object> longs =
        Arrays.asList(
            null,
            0L,
            1L,
            -1L,
            10L,
            -13L,
            1L << 32,
            (1L << 53) - 1,
            1L << 53,
            (1L << 53) + 1,
            (1L << 53) + 2,
            -(1L << 53) - 1,
            Long.MAX_VALUE,
            Long.MAX_VALUE - 1,
            Long.MIN_VALUE,
            Long.MIN_VALUE + 1);
    List<Object> doubles =
        Arrays.asList(
            null,
            0.0,
            1.0,
            -1.0,
            0.1,
            0.5,
            -2.5,
            200.0,
            9007199254740992.0,
            1e22,
            1e308,
            -1e308,
            Double.MAX_VALUE,
            Double.MIN_VALUE,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY);
    List<Object> days =
        Arrays.asList(
            null,
            LocalDate.of(2024, 1, 5),
            LocalDate.of(2024, 1, 6),
            LocalDate.of(1970, 1, 1),
            LocalDate.of(1969, 12, 31),
            LocalDate.of(1, 1, 1),
            LocalDate.of(9999, 12, 31),
            LocalDate.of(10000, 1, 1),
            LocalDate.of(-1, 3, 4));
    List<Object> moments =
        Arrays.asList(
            null,
            Instant.parse("2024-01-05T00:00:00Z"),
            Instant.parse("2024-01-05T00:00:00.001Z"),
            Instant.parse("2024-02-29T23:59:59.999Z"),
            Instant.parse("2015-05-17T10:05:03Z"),
            Instant.EPOCH,
            Instant.parse("1969-12-31T23:59:59.999Z"),
            Instant.parse("1582-10-10T01:02:03Z"),
            Instant.parse("0001-01-01T00:00:00Z"),
            Instant.parse("9999-12-31T23:59:59.999Z"));
    for (String suffix : List.of("", "2")) {
      VALUES.put("txt" + suffix, TEXTS);
      VALUES.put("flag" + suffix, Arrays.asList(null, true, false));
      VALUES.put("small" + suffix, smalls);
      VALUES.put("num" + suffix, longs);
      VALUES.put("dbl" + suffix, doubles);
      VALUES.put("day" + suffix, days);
      VALUES.put("ts" + suffix, moments);
    }
  }

  private final Random random;

  RandomRows(Random random) {
    this.random = random;
  }

  private Object any(List<?> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** A row by names. */
  Map<String, Object> row(long id) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", id);
    VALUES.forEach((name, values) -> row.put(name, any(values)));
    if (random.nextInt(100) < 30) {
      row.put("num2", row.get("num"));
      row.put("txt2", row.get("txt"));
      row.put("day2", row.get("day"));
      row.put("ts2", row.get("ts"));
      row.put("dbl2", row.get("dbl"));
    }
    return row;
  }
}
