package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.cut.Cut;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Found;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.WideSum;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** No value is taken for NULL or for another value, in either layer, whatever is asked of it. */
@ExtendWith(PinotExtension.class)
class StoredValuesIT {
  /** The values of each dimension, in order, NULL first. */
  private static final Map<Dimension, List<Object>> VALUES = new LinkedHashMap<>();

  static {
    put(
        "txt",
        ColumnType.STRING,
        null,
        "",
        "\u0000",
        "\u0001",
        "\u0001\u0000",
        "\u0002",
        " ",
        "\u00e4",
        "\uE000null",
        "\uFFFD");
    put("flag", ColumnType.BOOLEAN, null, false, true);
    put("small", ColumnType.INT, null, (long) Integer.MIN_VALUE, -1L, 0L, (long) Integer.MAX_VALUE);
    put(
        "num",
        ColumnType.LONG,
        null,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1,
        -1L,
        0L,
        (1L << 53) + 1,
        Long.MAX_VALUE);
    put(
        "dbl",
        ColumnType.DOUBLE,
        null,
        Double.NEGATIVE_INFINITY,
        -Double.MAX_VALUE,
        -1.5,
        0.0,
        Double.MIN_VALUE,
        1e22,
        Double.MAX_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NaN);
    put(
        "day",
        ColumnType.DATE,
        null,
        LocalDate.of(-5_000_000, 1, 1),
        LocalDate.of(-1, 12, 31),
        LocalDate.of(1, 1, 1),
        LocalDate.of(2026, 5, 4),
        LocalDate.of(9999, 12, 31),
        LocalDate.of(10_000, 1, 1),
        LocalDate.of(5_881_580, 7, 11));
    put(
        "ts",
        ColumnType.TIMESTAMP,
        null,
        Instant.parse("-290308-12-21T19:59:06Z"),
        Instant.parse("0001-01-01T00:00:00Z"),
        Instant.EPOCH,
        Instant.parse("9999-12-31T23:59:59.999Z"),
        Instant.parse("+10000-01-01T00:00:00Z"),
        Instant.parse("+294247-01-10T04:00:54.775Z"));
  }

  private static void put(String name, ColumnType type, Object... values) {
    VALUES.put(new Dimension(name, type, true), Arrays.asList(values));
  }

  private static final ViewPlan PLAN =
      new ViewPlan(
          "codes",
          1,
          "codes_event",
          "",
          Map.of(),
          List.copyOf(VALUES.keySet()),
          List.of(
              new Measure(
                  "requests",
                  MeasureKind.COUNT,
                  ColumnType.LONG,
                  List.of(new StoredColumn("requests", ColumnType.LONG, Merge.SUM)))));

  private static TestingPinot pinot;
  private static long requests;

  /** Each value has a row in batch and one in speed, in which all other dimensions are NULL. */
  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    pinot.create(PLAN);
    List<Map<String, Object>> rows = new ArrayList<>();
    VALUES.forEach(
        (dimension, values) -> {
          for (int i = 1; i < values.size(); i++) {
            rows.add(TestingPinot.row(PLAN, dimension.name(), values.get(i), "requests", 1L << i));
            requests += 1L << i;
          }
        });
    rows.add(TestingPinot.row(PLAN, "requests", 1L));
    requests++;
    pinot.delta(PLAN, TestingPinot.BASE + 20_000, 1, rows);
    pinot.publish(
        PLAN, "r1", new Cut(TestingPinot.BASE + 10_000, TestingPinot.GRAIN), 1, List.of(rows));
    pinot.awaitRequests("codes", 2 * requests);
  }

  /** How many requests have a value of a dimension. */
  private static long count(Dimension dimension, int index) {
    long others = LongStream.range(1, VALUES.get(dimension).size()).map(i -> 1L << i).sum();
    return 2 * (index == 0 ? requests - others : 1L << index);
  }

  private static String literal(Object value) {
    return value instanceof Number ? String.valueOf(value) : "'" + value + "'";
  }

  @Test
  void groups_areThoseOfSparkInItsOrder() {
    VALUES.forEach(
        (dimension, values) -> {
          String name = dimension.name();
          List<List<Object>> expected = new ArrayList<>();
          for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i) instanceof LocalDate day ? day.toString() : values.get(i);
            expected.add(Arrays.asList(value, count(dimension, i)));
          }
          String sql =
              "SELECT %s, MEASURE(requests) FROM codes GROUP BY %s ORDER BY %s"
                  .formatted(name, name, name);
          assertThat(pinot.rows(sql)).as(name).isEqualTo(expected);
          assertThat(pinot.rows(sql + " LIMIT 2")).as(name).isEqualTo(expected.subList(0, 2));
          Collections.reverse(expected);
          assertThat(pinot.rows(sql + " DESC LIMIT 3")).as(name).isEqualTo(expected.subList(0, 3));
          assertThat(pinot.rows(sql + " DESC")).as(name).isEqualTo(expected);
          assertThat(pinot.value("SELECT COUNT(DISTINCT " + name + ") FROM codes"))
              .as(name)
              .isEqualTo(values.size() - 1L);
        });
  }

  @Test
  void conditions_holdAsInSpark() {
    VALUES.forEach(
        (dimension, values) -> {
          String name = dimension.name();
          long known = 2 * requests - count(dimension, 0);
          assertThat(where(name + " IS NULL")).as(name).isEqualTo(count(dimension, 0));
          assertThat(where(name + " IS NOT NULL")).as(name).isEqualTo(known);
          for (int i = 1; i < values.size(); i++) {
            if (values.get(i) instanceof Double number && (number.isNaN() || number.isInfinite())) {
              continue; // No literal is one.
            }
            String value = literal(values.get(i));
            long equal = count(dimension, i);
            long less = LongStream.range(1, i).map(j -> count(dimension, (int) j)).sum();
            assertThat(where(name + " = " + value)).as(name + value).isEqualTo(equal);
            assertThat(where(name + " <> " + value)).as(name + value).isEqualTo(known - equal);
            assertThat(where(name + " IN (" + value + ")")).as(name + value).isEqualTo(equal);
            assertThat(where(name + " NOT IN (" + value + ")"))
                .as(name + value)
                .isEqualTo(known - equal);
            if (dimension.type() != ColumnType.BOOLEAN) {
              assertThat(where(name + " < " + value)).as(name + value).isEqualTo(less);
              assertThat(where(name + " >= " + value)).as(name + value).isEqualTo(known - less);
            }
          }
        });
  }

  private static Object where(String condition) {
    return pinot.value("SELECT MEASURE(requests) FROM codes WHERE " + condition);
  }

  @Test
  void texts_inFunctionsAndPatterns_areThoseThatWereStored() {
    Dimension txt = PLAN.dimension("txt").orElseThrow();
    int last = VALUES.get(txt).size() - 1;
    long known = 2 * requests - count(txt, 0);
    assertThat(where("txt LIKE '%'")).isEqualTo(known);
    assertThat(where("txt LIKE ''")).isEqualTo(count(txt, 1));
    assertThat(where("txt LIKE '_'"))
        .isEqualTo(known - count(txt, 1) - count(txt, 4) - count(txt, last - 1));
    assertThat(where("txt LIKE '__'")).isEqualTo(count(txt, 4));
    assertThat(where("txt LIKE '\u0001%'")).isEqualTo(count(txt, 3) + count(txt, 4));
    assertThat(where("txt NOT LIKE '_%'")).isEqualTo(count(txt, 1));
    assertThat(where("length(txt) = 1"))
        .isEqualTo(known - count(txt, 1) - count(txt, 4) - count(txt, last - 1));
    assertThat(where("upper(txt) = '\u00c4'")).isEqualTo(count(txt, 7));
    assertThat(
            pinot.rows(
                "SELECT lower(txt) AS l, MEASURE(requests) FROM codes WHERE txt IS NOT NULL GROUP BY"
                    + " lower(txt) ORDER BY MEASURE(requests) LIMIT 4"))
        .isEqualTo(
            List.of(
                List.of("", count(txt, 1)),
                List.of("\0", count(txt, 2)),
                List.of("\1", count(txt, 3)),
                List.of("\1\0", count(txt, 4))));
  }

  private static final ViewPlan EXTREMES =
      new ViewPlan(
          "ends",
          1,
          "ends_event",
          "",
          Map.of(),
          List.of(new Dimension("name", ColumnType.STRING, false)),
          List.of(
              measure("requests", MeasureKind.COUNT, ColumnType.LONG, Merge.SUM),
              measure("lo", MeasureKind.MIN, ColumnType.DOUBLE, Merge.MIN),
              measure("hi", MeasureKind.MAX, ColumnType.DOUBLE, Merge.MAX),
              measure("least", MeasureKind.MIN, ColumnType.LONG, Merge.MIN),
              measure("most", MeasureKind.MAX, ColumnType.LONG, Merge.MAX),
              measure("total", MeasureKind.SUM, ColumnType.LONG, Merge.SUM)));

  private static Measure measure(String name, MeasureKind kind, ColumnType type, Merge merge) {
    List<StoredColumn> parts = new ArrayList<>();
    parts.add(new StoredColumn(name, type, merge));
    if (kind == MeasureKind.SUM) {
      parts.add(new StoredColumn(name + "__count", ColumnType.LONG, Merge.SUM));
      parts.add(new StoredColumn(name + WideSum.SUFFIX, ColumnType.LONG, Merge.SUM));
    } else if (kind != MeasureKind.COUNT) {
      parts.add(new StoredColumn(name + Found.SUFFIX, ColumnType.LONG, Merge.MAX));
    }
    return new Measure(name, kind, type, parts);
  }

  /** A stored row of one number, NULL for none. */
  private static Map<String, Object> end(String name, Double number, Long whole) {
    Map<String, Object> row =
        new HashMap<>(TestingPinot.row(EXTREMES, "name", name, "requests", 1L));
    if (number != null) {
      for (String measure : List.of("lo", "hi")) {
        Merge merge = measure.equals("lo") ? Merge.MIN : Merge.MAX;
        if (!number.isNaN()) {
          row.put(measure, number);
        }
        row.put(measure + Found.SUFFIX, Found.of(merge, number.isNaN()));
      }
    }
    if (whole != null) {
      row.put("least", whole);
      row.put("least" + Found.SUFFIX, Found.of(Merge.MIN, false));
      row.put("most", whole);
      row.put("most" + Found.SUFFIX, Found.of(Merge.MAX, false));
      row.put("total", whole);
      row.put("total__count", 1L);
    }
    return row;
  }

  @Test
  void leastAndLargest_areThoseOfSparksOrder_andSumsBeyondLongAreErrorsInBothLayers()
      throws Exception {
    pinot.create(EXTREMES);
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    List<Map<String, Object>> batch =
        List.of(
            end("a none", null, null),
            end("b nan", nan, Long.MAX_VALUE),
            end("c mixed", nan, Long.MIN_VALUE),
            end("d infinite", infinity, Long.MAX_VALUE),
            end("e infinite", -infinity, 5L));
    List<Map<String, Object>> speed =
        List.of(
            end("a none", null, null),
            end("b nan", nan, null),
            end("c mixed", -infinity, Long.MIN_VALUE),
            end("d infinite", infinity, Long.MIN_VALUE),
            end("e infinite", 2.5, -7L));
    pinot.delta(EXTREMES, TestingPinot.BASE + 20_000, 1, speed);
    pinot.publish(
        EXTREMES, "r1", new Cut(TestingPinot.BASE + 10_000, TestingPinot.GRAIN), 1, List.of(batch));
    pinot.awaitRequests("ends", 10);
    assertThat(
            pinot.rows(
                "SELECT name, MEASURE(lo), MEASURE(hi), MEASURE(least), MEASURE(most) FROM ends"
                    + " GROUP BY name ORDER BY name"))
        .containsExactly(
            Arrays.asList("a none", null, null, null, null),
            List.of("b nan", nan, nan, Long.MAX_VALUE, Long.MAX_VALUE),
            List.of("c mixed", -infinity, nan, Long.MIN_VALUE, Long.MIN_VALUE),
            List.of("d infinite", infinity, infinity, Long.MIN_VALUE, Long.MAX_VALUE),
            List.of("e infinite", -infinity, 2.5, -7L, 5L));
    assertThat(pinot.value("SELECT MEASURE(total) FROM ends WHERE name >= 'd'")).isEqualTo(-3L);
    assertThatThrownBy(() -> pinot.rows("SELECT MEASURE(total) FROM ends WHERE name = 'c mixed'"))
        .hasMessageContaining("beyond a LONG");
    Map<String, Object> beyond = end("f beyond", null, -2L);
    beyond.put("total" + WideSum.SUFFIX, 2L);
    Map<String, Object> back = end("f beyond", null, Long.MIN_VALUE);
    pinot.delta(EXTREMES, TestingPinot.BASE + 20_000, 2, List.of(beyond));
    pinot.awaitRequests("ends", 11);
    assertThatThrownBy(() -> pinot.rows("SELECT MEASURE(total) FROM ends WHERE name = 'f beyond'"))
        .hasMessageContaining("beyond a LONG");
    pinot.delta(EXTREMES, TestingPinot.BASE + 20_000, 3, List.of(back));
    pinot.awaitRequests("ends", 12);
    assertThat(pinot.value("SELECT MEASURE(total) FROM ends WHERE name = 'f beyond'"))
        .isEqualTo(Long.MAX_VALUE - 1);
  }
}
