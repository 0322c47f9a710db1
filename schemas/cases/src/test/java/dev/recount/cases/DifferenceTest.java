package dev.recount.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.view.ColumnType;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceTest {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("hour", ColumnType.TIMESTAMP, 0),
          new Column("method", ColumnType.STRING, 0),
          new Column("requests", ColumnType.LONG, 0));

  private static List<List<JsonNode>> rows(String json) {
    return StreamSupport.stream(Json.read(json, JsonNode.class).spliterator(), false)
        .map(row -> StreamSupport.stream(row.spliterator(), false).toList())
        .toList();
  }

  private static Difference difference(String expected, String found, boolean isOrdered) {
    return Difference.of(COLUMNS, rows(expected), rows(found), isOrdered);
  }

  private static final String TWO =
      """
      [["2026-03-01T10:00:00Z", "GET", 3], ["2026-03-01T11:00:00Z", null, 1]]""";

  @Test
  void sameRows_areNoDifference_inAnyOrderIfTheQueryHasNone() {
    String turned =
        """
        [["2026-03-01T11:00:00Z", null, 1], ["2026-03-01T10:00:00Z", "GET", 3]]""";
    assertThat(difference(TWO, TWO, true).isNone()).isTrue();
    assertThat(difference(TWO, turned, false).isNone()).isTrue();
    assertThat(difference(TWO, turned, true).text())
        .last()
        .isEqualTo("(the rows are as expected, but in another order)");
  }

  @Test
  void rowsThatHaveMostInCommon_standBelowEachOther() {
    String found =
        """
        [["2026-03-01T12:00:00Z", "PUT", 9], ["2026-03-01T10:00:00Z", "GET", 2],
         ["2026-03-01T11:00:00Z", null, 1]]""";
    assertThat(difference(TWO, found, false).text())
        .containsExactly(
            "   hour                  method  requests",
            "-  2026-03-01T10:00:00Z  GET     3",
            "+  2026-03-01T10:00:00Z  GET     2",
            "+  2026-03-01T12:00:00Z  PUT     9",
            "(1 other row is as expected)");
  }

  @Test
  void aRowMoreThanOnce_isCounted() {
    String twice =
        """
        [["2026-03-01T10:00:00Z", "GET", 3], ["2026-03-01T10:00:00Z", "GET", 3]]""";
    assertThat(difference(TWO, twice, false).pairs()).hasSize(2);
    assertThat(difference(twice, twice, false).isNone()).isTrue();
    assertThat(difference("[]", "[]", false).isNone()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          LONG      | 0    | 3                      | 3                      | true
          LONG      | 0    | 3                      | 4                      | false
          LONG      | 0    | 3.0                    | 3                      | true
          LONG      | 0    | 9007199254740993       | 9007199254740992       | false
          LONG      | 0.05 | 1000                   | 1049                   | true
          LONG      | 0.05 | 1000                   | 1051                   | false
          LONG      | 0.05 | 0                      | 1                      | false
          DOUBLE    | 1e-9 | 0.3                    | 0.30000000000000004    | true
          DOUBLE    | 1e-9 | 0.3                    | 0.3001                 | false
          DOUBLE    | 1e-9 | "NaN"                  | "NaN"                  | true
          DOUBLE    | 1e-9 | 0                      | "NaN"                  | false
          LONG      | 0    | null                   | 0                      | false
          LONG      | 0    | null                   | null                   | true
          STRING    | 0    | 404                    | "404"                  | true
          STRING    | 0    | ""                     | null                   | false
          BOOLEAN   | 0    | true                   | true                   | true
          BOOLEAN   | 0    | true                   | false                  | false
          DATE      | 0    | "2026-03-01"           | "2026-03-01"           | true
          TIMESTAMP | 0    | "2026-03-01T10:00:00Z" | "2026-03-01T10:00:00Z" | true
          TIMESTAMP | 0    | "2026-03-01 11:00+01:00" | "2026-03-01T10:00:00Z" | true
          TIMESTAMP | 0    | "2026-03-01"           | "2026-03-01T00:00:00Z" | true
          TIMESTAMP | 0    | "soon"                 | "2026-03-01T00:00:00Z" | false
          """)
  void values_areTheSameByTheirType(
      ColumnType type, double tolerance, String expected, String found, boolean isSame) {
    assertThat(
            new Column("c", type, tolerance)
                .isSame(Json.read(expected, JsonNode.class), Json.read(found, JsonNode.class)))
        .isEqualTo(isSame);
  }
}
