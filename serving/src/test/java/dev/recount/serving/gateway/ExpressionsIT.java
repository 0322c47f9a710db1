package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotBroker;
import dev.recount.serving.pinot.PinotRouting;
import dev.recount.serving.request.RequestThreads;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is asked of whatever rows, in WHERE, GROUP BY, SELECT and HAVING: the answer is Spark's,
 * or the query is refused with a reason. Another seed: {@code -Drecount.test.seed=N}.
 */
@ExtendWith(PinotExtension.class)
class ExpressionsIT {
  private static final long SEED = Long.getLong("recount.test.seed", 20_240_105L);
  private static final int FACTOR = Integer.getInteger("recount.test.factor", 1);
  private static final int ROWS = 120;
  private static final int CONDITIONS = 220 * FACTOR;
  private static final int SCALARS = 80 * FACTOR;

  private static final Map<String, ColumnType> TYPES =
      Map.of(
          "txt", ColumnType.STRING,
          "flag", ColumnType.BOOLEAN,
          "small", ColumnType.INT,
          "num", ColumnType.LONG,
          "dbl", ColumnType.DOUBLE,
          "day", ColumnType.DATE,
          "ts", ColumnType.TIMESTAMP);

  private static final ViewPlan PLAN =
      new ViewPlan(
          "facts",
          1,
          "facts_event",
          "",
          Map.of(),
          Stream.concat(
                  Stream.of(new Dimension("id", ColumnType.INT, false)),
                  RandomRows.VALUES.keySet().stream()
                      .map(n -> new Dimension(n, TYPES.get(n.replace("2", "")), true)))
              .toList(),
          List.of(
              new Measure(
                  "requests",
                  MeasureKind.COUNT,
                  ColumnType.LONG,
                  List.of(new StoredColumn("requests", ColumnType.LONG, Merge.SUM)))));

  private static TestingPinot pinot;
  private static SparkProcess spark;
  private static RandomSql sql;
  private static final Map<ErrorCode, List<String>> refused = new TreeMap<>();

  @BeforeAll
  static void fill(TestingPinot running, @TempDir Path folder) throws Exception {
    pinot = running;
    sql = new RandomSql(new Random(SEED));
    RandomRows random = new RandomRows(new Random(SEED));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (long id = 0; id < ROWS; id++) {
      rows.add(random.row(id));
    }
    Path file = folder.resolve("rows.json");
    Files.writeString(file, lines(rows));
    spark = new SparkProcess(types(), file, selected());
    pinot.create(PLAN);
    List<Map<String, Object>> stored =
        rows.stream()
            .map(
                row -> {
                  Map<String, Object> values = new HashMap<>(row);
                  values.put("requests", 1L);
                  return TestingPinot.row(PLAN, values);
                })
            .toList();
    Cut cut = new Cut(TestingPinot.BASE + 10_000, TestingPinot.GRAIN);
    pinot.publish(PLAN, "r1", cut, 1, List.of(stored.subList(0, ROWS / 2)));
    pinot.delta(PLAN, TestingPinot.BASE + 20_000, 1, stored.subList(ROWS / 2, ROWS));
    pinot.awaitRequests("facts", ROWS);
  }

  @AfterAll
  static void close() throws IOException {
    spark.close();
  }

  private static String types() {
    return "id INT, "
        + RandomRows.VALUES.keySet().stream()
            .map(
                name ->
                    name
                        + switch (TYPES.get(name.replace("2", ""))) {
                          case STRING -> " STRING";
                          case BOOLEAN -> " BOOLEAN";
                          case INT, DATE -> " INT";
                          case DOUBLE -> " DOUBLE";
                          default -> " BIGINT";
                        })
            .collect(Collectors.joining(", "));
  }

  private static List<String> selected() {
    List<String> selected = new ArrayList<>(List.of("id"));
    for (String name : RandomRows.VALUES.keySet()) {
      selected.add(
          switch (TYPES.get(name.replace("2", ""))) {
            case DATE -> "date_from_unix_date(" + name + ") AS " + name;
            case TIMESTAMP -> "timestamp_millis(" + name + ") AS " + name;
            default -> name;
          });
    }
    return selected;
  }

  private static String lines(List<Map<String, Object>> rows) {
    StringBuilder lines = new StringBuilder();
    for (Map<String, Object> row : rows) {
      ObjectNode line = Json.MAPPER.createObjectNode();
      row.forEach(
          (name, value) ->
              line.putPOJO(
                  name,
                  value instanceof LocalDate day
                      ? (Object) day.toEpochDay()
                      : value instanceof Instant at ? (Object) at.toEpochMilli() : value));
      lines.append(Json.write(line)).append('\n');
    }
    return lines.toString();
  }

  /** What Spark makes of each expression; null if it refuses it. */
  private static List<List<String>> asked(List<RandomSql.Sql> expressions) throws IOException {
    JsonNode answers = spark.values(expressions.stream().map(RandomSql.Sql::spark).toList());
    List<List<String>> values = new ArrayList<>();
    for (JsonNode answer : answers) {
      List<String> of = new ArrayList<>();
      answer.forEach(v -> of.add(v.isNull() ? null : v.asText()));
      values.add(answer.isArray() ? of : null);
    }
    return values;
  }

  /** The rows of the gateway's answer; null if the query is refused. */
  private static List<List<Object>> answer(String query) {
    try {
      return pinot.gateway().answer(query, Mode.MERGED).rows();
    } catch (RecountException e) {
      refused.merge(e.code(), List.of(query + ": " + e.getMessage()), ExpressionsIT::both);
      return null;
    }
  }

  private static List<String> both(List<String> left, List<String> right) {
    return Stream.concat(left.stream(), right.stream()).toList();
  }

  /** Nothing but what a user can be told to write in another way. */
  private static void requireOnlyAdvice() {
    assertThat(refused.keySet())
        .as("seed %d, refused %s", SEED, refused)
        .isSubsetOf(ErrorCode.QUERY_UNSUPPORTED);
  }

  @Test
  void conditionsOfWhereAndHaving_holdWhereSparkSaysSo() throws IOException {
    List<RandomSql.Sql> conditions = sql.conditions(CONDITIONS);
    List<List<String>> values = asked(conditions);
    refused.clear();
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (int i = 0; i < conditions.size(); i++) {
      String condition = conditions.get(i).gateway();
      List<String> truths = values.get(i);
      List<List<Object>> found =
          answer("SELECT id FROM facts WHERE " + condition + " GROUP BY id LIMIT 10000");
      if (truths != null && found != null) {
        compared++;
        compare(condition, truths, found, wrong);
      }
      if (truths != null && i % 4 == 0) {
        compareHaving(condition, truths, wrong);
      }
    }
    assertThat(wrong).as("seed %d", SEED).isEmpty();
    requireOnlyAdvice();
    assertThat(compared).as("refused %s", refused).isGreaterThan(CONDITIONS * 6 / 10);
  }

  private static void compareHaving(String condition, List<String> truths, List<String> wrong) {
    Set<String> names = names(condition);
    List<List<Object>> found =
        answer(
            "SELECT id FROM facts GROUP BY id"
                + names.stream().map(n -> ", " + n).collect(Collectors.joining())
                + " HAVING "
                + condition
                + " LIMIT 10000");
    if (found != null) {
      compare("HAVING " + condition, truths, found, wrong);
    }
  }

  private static void compare(
      String condition, List<String> truths, List<List<Object>> found, List<String> wrong) {
    Set<Long> expected = new TreeSet<>();
    for (int id = 0; id < truths.size(); id++) {
      if ("true".equals(truths.get(id))) {
        expected.add((long) id);
      }
    }
    Set<Long> ids = new TreeSet<>();
    found.forEach(row -> ids.add((Long) row.get(0)));
    if (!ids.equals(expected)) {
      Set<Long> missing = new TreeSet<>(expected);
      missing.removeAll(ids);
      ids.removeAll(expected);
      wrong.add(condition + ": missing " + missing + ", too many " + ids);
    }
  }

  private static Set<String> names(String expression) {
    Set<String> names = new TreeSet<>();
    String code = expression.replaceAll("'(?:[^']|'')*'", "''");
    for (String name : RandomRows.VALUES.keySet()) {
      if (Pattern.compile("\\b" + name + "\\b(?! ?\\()").matcher(code).find()) {
        names.add(name);
      }
    }
    return names;
  }

  @Test
  void valuesOfExpressions_areSparks() throws IOException {
    List<RandomSql.Sql> scalars = new ArrayList<>();
    for (int i = 0; i < SCALARS; i++) {
      scalars.add(i % 8 == 0 ? sql.text() : i % 8 == 1 ? sql.moment() : sql.number());
    }
    RandomRows.VALUES.keySet().forEach(n -> scalars.add(RandomSql.Sql.same(n)));
    List<List<String>> values = asked(scalars);
    refused.clear();
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    for (int i = 0; i < scalars.size(); i++) {
      String scalar = scalars.get(i).gateway();
      String where =
          names(scalar).stream()
              .map(n -> n + " IS NOT NULL")
              .collect(Collectors.joining(" AND ", " WHERE ", ""));
      List<String> expected = values.get(i);
      List<List<Object>> found =
          answer(
              "SELECT id, " + scalar + " AS x FROM facts" + where + " GROUP BY 1, 2 LIMIT 10000");
      if (expected == null || found == null) {
        continue;
      }
      compared++;
      for (List<Object> row : found) {
        String right = expected.get(((Long) row.get(0)).intValue());
        if (!isSame(row.get(1), right)) {
          wrong.add(scalar + " of " + row.get(0) + ": " + row.get(1) + " where right is " + right);
        }
      }
      long known = expected.stream().filter(Objects::nonNull).count();
      if (found.size() != known) {
        wrong.add(scalar + ": " + found.size() + " rows where right are " + known);
      }
      groups(scalar, where, expected, wrong);
      extremes(scalar, where, expected, wrong);
    }
    assertThat(wrong).as("seed %d", SEED).isEmpty();
    requireOnlyAdvice();
    assertThat(compared).as("refused %s", refused).isGreaterThan(scalars.size() / 2);
  }

  private static void groups(
      String scalar, String where, List<String> expected, List<String> wrong) {
    List<List<Object>> groups =
        answer(
            "SELECT "
                + scalar
                + " AS x, MEASURE(requests) FROM facts"
                + where
                + " GROUP BY 1 ORDER BY 1 LIMIT 10000");
    Map<Object, Long> right =
        expected.stream()
            .filter(Objects::nonNull)
            .collect(Collectors.groupingBy(ExpressionsIT::normal, Collectors.counting()));
    Map<Object, Long> got = new HashMap<>();
    groups.forEach(row -> got.merge(normal(text(row.get(0))), (Long) row.get(1), Long::sum));
    if (!got.equals(right) || groups.size() != right.size()) {
      wrong.add("GROUP BY " + scalar + ": " + got + " where right is " + right);
    }
    List<List<Object>> distinct =
        answer("SELECT COUNT(DISTINCT " + scalar + ") FROM facts" + where);
    if (distinct != null && !distinct.get(0).get(0).equals((long) right.size())) {
      wrong.add("COUNT(DISTINCT " + scalar + ") = " + distinct + " where right is " + right.size());
    }
  }

  private static void extremes(
      String scalar, String where, List<String> expected, List<String> wrong) {
    List<Object> known =
        expected.stream().filter(Objects::nonNull).map(ExpressionsIT::normal).toList();
    boolean isTime =
        names(scalar).stream().allMatch(n -> n.startsWith("day") || n.startsWith("ts"));
    if (known.isEmpty() || !isTime && known.stream().anyMatch(v -> v instanceof String)) {
      return;
    }
    List<List<Object>> row =
        answer("SELECT MIN(" + scalar + "), MAX(" + scalar + ") FROM facts" + where);
    if (row != null) {
      Object least = Collections.min(known, ExpressionsIT::order);
      Object largest = Collections.max(known, ExpressionsIT::order);
      if (!isSame(row.get(0).get(0), String.valueOf(least))
          || !isSame(row.get(0).get(1), String.valueOf(largest))) {
        wrong.add(
            "MIN, MAX of " + scalar + ": " + row + " where right is " + least + ", " + largest);
      }
    }
  }

  private static int order(Object left, Object right) {
    if (left instanceof String a && right instanceof String b) {
      return moment(a).compareTo(moment(b));
    }
    boolean special = left instanceof Double || right instanceof Double;
    return special
        ? Double.compare(((Number) left).doubleValue(), ((Number) right).doubleValue())
        : ((BigDecimal) left).compareTo((BigDecimal) right);
  }

  private static Instant moment(String text) {
    return text.contains("T")
        ? Instant.parse(text)
        : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  private static String text(Object value) {
    return value == null ? null : String.valueOf(value);
  }

  /** Numbers are the same however they are written. */
  private static Object normal(String value) {
    try {
      BigDecimal number = new BigDecimal(value);
      return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    } catch (NumberFormatException e) {
      return Set.of("NaN", "Infinity", "-Infinity").contains(value)
          ? (Object) Double.valueOf(value)
          : value;
    }
  }

  private static boolean isSame(Object found, String right) {
    return found == null
        ? right == null
        : right != null && normal(text(found)).equals(normal(right));
  }

  /** What a broker's parser, or Java's regular expressions, could run out of stack or time over. */
  @Test
  void longQueries_areAnswered() {
    String or = "small = 7" + " OR small = 404 OR txt = 'abc'".repeat(1_000);
    Object expected = count("small = 7 OR small = 404 OR txt = 'abc'");
    assertThat(count(or)).isEqualTo(expected).isNotEqualTo(0L);
    assertThat(count("small IN (7, 404" + ", 11".repeat(5_000) + ") OR txt = 'abc'"))
        .isEqualTo(expected);
    assertThat(count("txt = '" + "'".repeat(4_000) + "'")).isEqualTo(0L);
    assertThat(count("txt LIKE '%a" + "%b".repeat(5_000) + "'")).isEqualTo(0L);
    assertThat(count("(".repeat(45) + "small = 7" + ")".repeat(45))).isEqualTo(count("small = 7"));
    assertThat(count("1 = 1")).isEqualTo((long) ROWS);
  }

  private static Object count(String condition) {
    return pinot.value("SELECT MEASURE(requests) FROM facts WHERE " + condition);
  }

  @Test
  void questionThatPinotRefuses_isNotUnavailable() {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    PinotBroker broker = broker(http, pinot.config());
    requireCode(
        broker, "SELECT id FROM facts_v1 WHERE", Duration.ofMinutes(1), ErrorCode.QUERY_FAILED);
    requireCode(broker, "SELECT id FROM facts_v1", Duration.ZERO, ErrorCode.QUERY_TIMEOUT);
    RecountConfig elsewhere =
        RecountConfig.load(
            pinot.config().home().path(),
            Optional.of(pinot.config().ports().base()),
            Map.of("RECOUNT_PINOT_BROKER", "http://localhost:1"));
    requireCode(
        broker(http, elsewhere),
        "SELECT id FROM facts_v1",
        Duration.ofMinutes(1),
        ErrorCode.PINOT_UNAVAILABLE);
  }

  private static PinotBroker broker(HttpClient http, RecountConfig config) {
    return new PinotBroker(
        http, config, new PinotRouting(config.pinot()), RequestThreads.named("test"));
  }

  private static void requireCode(
      PinotBroker broker, String question, Duration patience, ErrorCode code) {
    assertThatThrownBy(
            () -> broker.ask("facts_v1", question, Deadline.after(patience), new Cancellation()))
        .as(question)
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).as(question).isEqualTo(code));
  }
}
