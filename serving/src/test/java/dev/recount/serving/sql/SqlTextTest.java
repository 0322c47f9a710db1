package dev.recount.serving.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.gateway.Plans;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {
  private static final String SELECT = "SELECT MEASURE(requests) FROM traffic WHERE ";

  private static BoundQuery bind(String sql) {
    return Binder.bind(SqlText.parse(sql), Plans.traffic("traffic"));
  }

  @Test
  void literalOfThousandsOfQuotes_isRead() {
    String quotes = "'".repeat(4_000);
    assertThat(bind(SELECT + "method = '" + quotes + "'").where())
        .contains(Quoted.text("'".repeat(2_000)));
  }

  @ParameterizedTest
  @MethodSource("chains")
  void longFlatConditions_areOneLevel(String condition) {
    assertThat(bind(SELECT + condition).where()).isNotEmpty();
    assertThat(bind("SELECT MEASURE(requests) FROM traffic WHERE NOT (" + condition + ")").where())
        .isNotEmpty();
  }

  static List<String> chains() {
    String or =
        IntStream.range(0, 2_000)
            .mapToObj(i -> "status = " + i)
            .collect(Collectors.joining(" OR "));
    String mixed = or.replace("OR status = 1 ", "AND status = 1 ");
    String list =
        IntStream.range(0, 9_000).mapToObj(String::valueOf).collect(Collectors.joining(","));
    return List.of(or, mixed, or.replace(" OR ", " AND "), "status IN (" + list + ")");
  }

  @Test
  void longFlatConditionOfHaving_isEvaluated() {
    String or =
        IntStream.range(0, 2_000)
            .mapToObj(i -> "MEASURE(requests)=" + i)
            .collect(Collectors.joining(" OR "));
    BoundQuery query = bind("SELECT MEASURE(requests) FROM traffic HAVING " + or);
    assertThat(query.having().value(new Object[0], new Object[] {1_999L})).isEqualTo(true);
    assertThat(query.having().value(new Object[0], new Object[] {2_000L})).isEqualTo(false);
  }

  /** Each would take minutes, or the whole stack, where a step costs more than a character. */
  @ParameterizedTest
  @MethodSource("hostile")
  void hostileTexts_areAnsweredOrRefusedSoon(String sql) {
    assertThat(computed(sql)).isLessThan(Duration.ofSeconds(20));
  }

  /** The time of a processor: what else the machine does is not counted. */
  private static Duration computed(String sql) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    Throwable problem = catchThrowable(() -> bind(sql));
    if (problem != null) {
      assertThat(problem).isInstanceOf(RecountException.class);
      assertThat(problem.getMessage()).hasSizeLessThan(1_000);
    }
    return Duration.ofNanos(threads.getCurrentThreadCpuTime() - before);
  }

  static List<String> hostile() {
    int most = SqlText.MOST_BYTES - 100;
    return List.of(
        " ".repeat(most) + "SELECT 1",
        SELECT + "status = 1" + " ".repeat(most),
        SELECT + "status = 1 option" + " ".repeat(most - 20) + "(",
        SELECT + "method = '" + "'".repeat(most),
        SELECT + "option(".repeat(most / 8),
        SELECT + "/*".repeat(most / 2),
        SELECT + "(".repeat(45) + "status = 1" + ")".repeat(45),
        SELECT + "(".repeat(most),
        SELECT + "NOT ".repeat(most / 16) + "status = 1",
        SELECT + "status = " + "- ".repeat(most / 8) + "1",
        SELECT + "status = 1" + " + 1".repeat(most / 16),
        SELECT + "CASE WHEN ".repeat(most / 40),
        SELECT + "abs(".repeat(45) + "status" + ")".repeat(45) + " = 1",
        SELECT + "status = 1" + " OR status = 1".repeat(most / 14),
        "SELECT " + "method,".repeat(most / 28) + "method FROM traffic",
        "SELECT MEASURE(requests) FROM traffic GROUP BY " + "status,".repeat(most / 7) + "status",
        "x".repeat(most),
        "SELECT '" + "\u00fc".repeat(most / 2 - 10) + "' FROM traffic");
  }

  /** Such a text is read on the thread of a request, which has 1 MiB. */
  @ParameterizedTest
  @ValueSource(
      strings = {"case when ", "case a when 1 then ", "not ", "- ", "a-", "a=", "map[1,", "a["})
  void shortText_isReadOnASmallStack_howeverItNests(String piece) throws InterruptedException {
    String open = "SELECT " + "(".repeat(Nesting.MOST_PARENTHESES);
    String nested = piece.repeat((Nesting.SHALLOW - open.length() - 1) / piece.length());
    AtomicReference<Throwable> problem = new AtomicReference<>();
    Thread request =
        new Thread(
            null,
            () -> problem.set(catchThrowable(() -> SqlText.parse(open + nested + "1"))),
            "request",
            768 * 1024);
    request.start();
    request.join();
    assertThat(problem.get()).isInstanceOf(RecountException.class);
    assertThat(Stream.iterate(problem.get(), Objects::nonNull, Throwable::getCause))
        .noneMatch(e -> e instanceof StackOverflowError);
  }

  @Test
  void textBeyondTheCap_isRefusedWithTheCap() {
    for (String filling : List.of(" ", "\u00fc", "(")) {
      String sql = SELECT + "status = 1" + filling.repeat(SqlText.MOST_BYTES);
      assertThatThrownBy(() -> SqlText.parse(sql))
          .isInstanceOfSatisfying(
              RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_SYNTAX))
          .hasMessageContaining("65536 bytes");
    }
  }

  @Test
  void halfOfASurrogatePair_isRefused() {
    for (String half : new String[] {"\uD800", "\uDC00", "\uDC00\uD800"}) {
      assertThatThrownBy(() -> SqlText.parse("SELECT * FROM v WHERE a = '" + half + "'"))
          .isInstanceOfSatisfying(
              RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_SYNTAX))
          .hasMessageContaining("its character 28 is half of a surrogate pair");
    }
    assertThat(SqlText.parse("SELECT * FROM v WHERE a = '\uD83D\uDE00'").view()).isEqualTo("v");
  }

  @Test
  void nestingBeyondTheCap_isRefusedWithTheCap() {
    requireRefused("(".repeat(51) + "status" + ")".repeat(51) + " = 1", "more than 50 paren");
    requireRefused("abs(".repeat(51) + "status" + ")".repeat(51) + " = 1", "more than 50 paren");
    requireRefused("1" + " + 1".repeat(250) + " = status", "more than 200 operators");
    requireRefused(
        "CASE WHEN status = 1 THEN ".repeat(250) + "status" + " END".repeat(250) + " = 1",
        "more than 200 operators");
  }

  private static void requireRefused(String condition, String reason) {
    assertThatThrownBy(() -> bind(SELECT + condition))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_SYNTAX))
        .hasMessageContaining(reason);
  }

  @Test
  void measure_isRenamedOnlyWhereItIsCalled() {
    assertThat(
            SqlScan.of("SELECT measure (x), 'MEASURE(y)', \"MEASURE(z)\" -- MEASURE(a)")
                .forParser())
        .isEqualTo("SELECT MEASUR_ (x), 'MEASURE(y)', \"MEASURE(z)\" -- MEASURE(a)");
  }

  @Test
  void option_isFoundOnlyAtTheEnd() {
    assertThat(SqlScan.of("SELECT 1 OPTION (timeoutMs=(1)) ; ").hasOption()).isTrue();
    assertThat(SqlScan.of("SELECT option(1) FROM v").hasOption()).isFalse();
    assertThat(SqlScan.of("SELECT 'option(1)'").hasOption()).isFalse();
    assertThat(SqlScan.of("SELECT 1 option(a) option(b)").forParser())
        .isEqualTo("SELECT 1 option(a) ");
  }

  @Test
  void statementsOfOtherKinds_areNamedByTheirOwnWord() {
    for (String word :
        List.of("VALUES (1)", "EXPLAIN PLAN FOR SELECT 1", "DESCRIBE traffic", "SHOW TABLES")) {
      assertThatThrownBy(() -> SqlText.parse(word))
          .isInstanceOfSatisfying(
              RecountException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_NOT_SELECT))
          .hasMessageContaining("'" + word.substring(0, word.indexOf(' ')) + "'");
    }
  }
}
