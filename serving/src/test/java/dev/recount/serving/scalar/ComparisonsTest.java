package dev.recount.serving.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.OrderedDouble;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.PinotQuery;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.sql.SqlText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComparisonsTest {
  private static final ViewPlan PLAN =
      new ViewPlan(
          "all",
          1,
          "event",
          "",
          Map.of(),
          List.of(
              new Dimension("txt", ColumnType.STRING, false),
              new Dimension("flag", ColumnType.BOOLEAN, false),
              new Dimension("small", ColumnType.INT, false),
              new Dimension("num", ColumnType.LONG, false),
              new Dimension("num2", ColumnType.LONG, false),
              new Dimension("dbl", ColumnType.DOUBLE, false),
              new Dimension("day", ColumnType.DATE, false),
              new Dimension("ts", ColumnType.TIMESTAMP, false)),
          List.of(
              new Measure(
                  "n",
                  MeasureKind.COUNT,
                  ColumnType.LONG,
                  List.of(new StoredColumn("n", ColumnType.LONG, Merge.SUM)))));

  private static final String NEVER = "\"_chunk\" < -1";

  private static BoundQuery bind(String sql) {
    return Binder.bind(SqlText.parse(sql), PLAN);
  }

  private static String where(String condition) {
    return bind("SELECT MEASURE(n) FROM all_rows WHERE " + condition).where();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "small = 200.0|\"small\" = 200",
        "small IN (200.0, 404, 0.5)|\"small\" IN (200, 404)",
        "small NOT IN (0.5)|``",
        "small = 0.5|NEVER",
        "small <> 0.5|``",
        "small < 0.5|\"small\" <= 0",
        "small >= 0.5|\"small\" >= 1",
        "small > -0.5|\"small\" >= 0",
        "small < 1e22|``",
        "small = 2147483649|NEVER",
        "small >= 2147483649|NEVER",
        "small > 2147483648|NEVER",
        "num < 9223372036854775808|``",
        "num > 9223372036854775807|NEVER",
        "num = 9007199254740993|\"num\" = '9007199254740993'",
        "num = -5|\"num\" = '-5'",
        "ts >= 1431820800000.0|\"ts\" >= 1431820800000",
        "ts > '2015-05-17 00:00:00.0005'|\"ts\" >= 1431820800001",
        "ts = '2015-05-17 00:00:00.0005'|NEVER",
        "ts >= DATE '2015-05-17'|\"ts\" >= 1431820800000",
        "day >= '2024-01-05 00:00:00'|\"day\" >= 19727",
        "day >= TIMESTAMP '2024-01-05 00:00:00'|\"day\" >= 19727",
        "day > TIMESTAMP '2024-01-05 10:00:00'|\"day\" >= 19728",
        "day = TIMESTAMP '2024-01-05 10:00:00'|NEVER",
        "day = '2024-1-5'|\"day\" = 19727",
        "flag = 1|\"flag\" = 'true'",
        "flag = 'TRUE'|\"flag\" = 'true'",
        "flag = 0|\"flag\" = 'false'",
        "flag < 1|\"flag\" = 'false'",
        "flag = 2|NEVER",
        "flag <= TRUE|``",
        "1 = 1|``",
        "1 > 2|NEVER",
        "NOT (NULL = 1)|NEVER",
        "ts >= 1431820800000 + 5|\"ts\" >= 1431820800005",
        "(1 = 1 AND small = 2) OR 1 > 2|\"small\" = 2",
        "small BETWEEN 0.5 AND 1e22|\"small\" >= 1",
        "5 BETWEEN small AND 7|\"small\" <= 5",
        "num = num2|CASE WHEN \"num\" = \"num2\" THEN 1 ELSE 0 END = 1",
        "day < DATE '2024-01-05' + 0|REFUSED"
      })
  void values_areMadeThoseOfTheOtherSide(String condition, String expected) {
    if (expected.equals("REFUSED")) {
      assertThatThrownBy(() -> where(condition)).isInstanceOf(RecountException.class);
      return;
    }
    assertThat(where(condition)).isEqualTo(expected.equals("NEVER") ? NEVER : expected);
  }

  @Test
  void doubles_areFoundByTheirOrder() {
    assertThat(where("dbl = 1e22")).isEqualTo("\"dbl__order\" = '" + OrderedDouble.of(1e22) + "'");
    assertThat(where("dbl = 1e308")).contains(String.valueOf(OrderedDouble.of(1e308)));
    assertThat(where("dbl = 9007199254740993")).isEqualTo(where("dbl = 9007199254740992"));
    assertThat(where("dbl = -0.0")).isEqualTo(where("dbl = 0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "day = '01/05/2024'",
        "day = 19727",
        "day = '2024-02-30'",
        "day = '2024-01-05 10:00:00'",
        "flag = 'maybe'",
        "small = '5'",
        "num = TRUE",
        "txt = 5",
        "txt = TRUE",
        "txt > DATE '2024-01-05'",
        "txt < lower(txt)",
        "txt = num",
        "day = ts",
        "flag = txt",
        "num = 1e17",
        "dbl > 1e400",
        "num + 0.5 = 1",
        "mod(num, 100000000000) = 1",
        "mod(num, num2) = 1",
        "num / 0 = 1",
        "small LIKE '2%'",
        "day LIKE '2024%'",
        "txt LIKE 'a\\b'",
        "abs('x') = 1",
        "abs(abs(abs(abs(abs(abs(abs(abs(abs(abs(num)))))))))) = 1",
        "1",
        "abs(1, 2) = 1",
        "lower('X') = 'x'"
      })
  void whatCannotBeComparedExactly_isRefused(String condition) {
    assertThatThrownBy(() -> where(condition))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_UNSUPPORTED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "day = 5",
        "day > '01/05/2024'",
        "ts = 'noon'",
        "flag = 'maybe'",
        "txt > 5",
        "MEASURE(n) = TRUE",
        "MEASURE(n) = 'x'",
        "MEASURE(n) AND TRUE",
        "abs(MEASURE(n), 2) = 1"
      })
  void whatCannotBeComparedInHaving_isRefusedBeforeARowIsRead(String condition) {
    assertThatThrownBy(
            () -> bind("SELECT day FROM all_rows GROUP BY day, ts, flag, txt HAVING " + condition))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_UNSUPPORTED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "(a|a)*b",
        "(a*)*",
        "(?:a{1,50})*",
        "(a?){30}a",
        "a.*b.*c.*d.*e.*f",
        "(a)\\1",
        "(?<x>a)\\k<x>",
        "((a|b)+c){20}",
        "[a-z]+[a-z]+[a-z]+[a-z]+[a-z]+",
        "(\\p{L}+)+$",
        "(?x)a # )",
        "[\\Q]\\E)]"
      })
  void regularExpressionThatCanTakeForEver_isRefused(String pattern) {
    assertThatThrownBy(() -> where("regexp_like(txt, '" + pattern + "')"))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_UNSUPPORTED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "^/api/v[0-9]+/.*$",
        "(?i)firefox|chrome",
        "^([0-9]{1,3}\\.){3}[0-9]{1,3}$",
        "[]a\\]]+x",
        "\\Q(a+)+\\E",
        "(abc)*d",
        "^\\p{L}+\\P{Alpha}\\x{41}\\p{Lu}\\p{Alpha}\\p{Alpha}\\p{Alpha}$",
        "[\\p{L}-]{2,}",
        "^(GET|POST) /"
      })
  void regularExpressionOfFewWays_isTaken(String pattern) {
    assertThat(where("regexp_like(txt, '" + pattern + "')")).contains("(?-i)" + pattern);
  }

  @Test
  void regularExpressionThatIsNone_isASyntaxError() {
    assertThatThrownBy(() -> where("regexp_like(txt, '[a')"))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_SYNTAX));
  }

  /** Each piece of it is looked for once: a search that went back would take for ever. */
  @Test
  void likeOfManyPercents_isFoundOrNotSoon() {
    String like = "%a".repeat(60) + "%b";
    String regular = Patterns.like(null, like, "\\", false).orElseThrow().regular();
    var pattern = java.util.regex.Pattern.compile(regular);
    assertThat(pattern.matcher("a".repeat(5_000)).find()).isFalse();
    assertThat(pattern.matcher("a".repeat(5_000) + "b").find()).isTrue();
    assertThat(pattern.matcher("a".repeat(59) + "b").find()).isFalse();
  }

  @Test
  void wholeNumbersThatADoubleMayNotHold_areComputedAsBigOnes() {
    assertThat(
            new PinotQuery(bind("SELECT num + 1, MEASURE(n) FROM all_rows GROUP BY 1"), "t", "")
                .groups(false, false, 1))
        .contains("CAST((CAST(\"num\" AS BIG_DECIMAL) + 1) AS STRING)");
    assertThat(where("small + 1 = 2")).isEqualTo("((\"small\" + 1) + 0) = 2");
  }
}
