package dev.recount.core.cases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.error.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseFileTest {
  private static final CaseSource SOURCE = new CaseSource("traffic", "tests/traffic.yaml");

  private static CaseFile parse(String text) {
    return CaseFile.parse(SOURCE, text);
  }

  @Test
  void aCase_isReadWithItsLines() {
    CaseFile file =
        parse(
            """
            # Comment
            cases:
              - name: first
                events:
                  - {a: 1, b: x}
                  - a: 2
                    b: null
                query: >
                  SELECT a
                  FROM traffic
                expect:
                  - {requests: 3}
                tolerance: 0.1
            """);
    assertThat(file.problems()).isEmpty();
    ViewCase only = file.cases().get(0);
    assertThat(only.name()).isEqualTo("first");
    assertThat(only.line()).isEqualTo(3);
    assertThat(only.events()).extracting(ViewCase.Event::line).containsExactly(5, 6);
    assertThat(only.events().get(1).fields()).hasToString("{\"a\":2,\"b\":null}");
    assertThat(only.query().text()).isEqualTo("SELECT a FROM traffic\n");
    assertThat(only.query().line()).isEqualTo(9);
    assertThat(only.expected().get(0).values()).hasToString("{requests=3}");
    assertThat(only.tolerance()).isEqualTo(0.1);
  }

  /** YAML 1.1 takes the country Norway for false, and 0777 and 12:30 for numbers. */
  @Test
  void plainWords_areWhatTheyAreInJson() {
    String event =
        "{a: no, b: on, c: true, d: 0777, e: 12:30, f: 1e3, g: 12345678901234567890, h: '1', i: ~,"
            + " j: 2026-03-01, k: 1.50, l: [1, {m: x}], n: .inf}";
    CaseFile file = parse("cases: [{name: n, events: [" + event + "], query: SELECT, expect: []}]");
    assertThat(file.problems()).isEmpty();
    assertThat(file.cases().get(0).events().get(0).fields())
        .hasToString(
            "{\"a\":\"no\",\"b\":\"on\",\"c\":true,\"d\":\"0777\",\"e\":\"12:30\",\"f\":1E+3,"
                + "\"g\":12345678901234567890,\"h\":\"1\",\"i\":null,\"j\":\"2026-03-01\","
                + "\"k\":1.50,\"l\":[1,{\"m\":\"x\"}],\"n\":\".inf\"}");
  }

  @Test
  void whatEventsHaveInCommon_isWrittenOnce() {
    CaseFile file =
        parse(
            """
            cases:
              - name: n
                events:
                  - &base {a: 1, b: 2}
                  - {<<: *base, b: 3}
                query: SELECT
                expect: []
            """);
    assertThat(file.problems()).isEmpty();
    assertThat(file.cases().get(0).events().get(1).fields()).hasToString("{\"b\":3,\"a\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cases:#  - {name: n                               | line 2 | it is not YAML
          casez: []                                         | line 1 | the file has no 'casez'; did you mean 'cases'?
          ''                                                | line 1 | it is empty
          cases: 3                                          | line 1 | cases is a list
          cases:#  - 3                                      | line 2 | a case is a map
          cases:#  - {events: [], query: q, expect: []}     | line 2 | a case has no 'name'
          cases:#  - {name: n, query: q, expect: []}        | line 2 | the case 'n' has no 'events'
          cases:#  - {name: n, events: [], expect: []}      | line 2 | the case 'n' has no 'query'
          cases:#  - {name: n, events: [], query: q}        | line 2 | the case 'n' has no 'expect'
          cases:#  - name: n#    quary: q                   | line 3 | the case 'n' has no 'quary'; did you mean 'query'?
          cases:#  - {name: n, events: [1], query: q, expect: []} | line 2 | an event is a map
          cases:#  - {name: n, events: [{a: 1, a: 2}], query: q, expect: []} | line 2 | an event has 'a' twice
          cases:#  - {name: n, events: [{a: &x [*x]}], query: q, expect: []} | line 2 | nested more than 50 deep
          cases:#  - {name: n, events: [], query: q, expect: [], tolerance: 2} | line 2 | 'tolerance' is a part
          cases:#  - {name: n, events: [], query: [], expect: []} | line 2 | 'query' of the case 'n' is a text
          """)
  void whatIsWrong_isSaidWithItsLine(String text, String line, String reason) {
    CaseFile file = parse(text.replace('#', '\n'));
    assertThat(file.cases()).isEmpty();
    assertThat(file.problems()).hasSize(1);
    assertThat(file.problems().get(0).code()).isEqualTo(ErrorCode.CASE_INVALID);
    assertThat(file.problems().get(0))
        .hasMessageStartingWith(
            "Cannot use the tests of the view 'traffic': tests/traffic.yaml, " + line + ": ")
        .hasMessageContaining(reason);
  }

  @Test
  void aWrongCase_hidesNoOther() {
    CaseFile file =
        parse(
            """
            cases:
              - {name: wrong, events: [], query: q}
              - {name: right, events: [], query: q, expect: []}
              - {name: right, events: [], query: q, expect: []}
              - {name: right too, events: null, query: q, expect: null}
            """);
    assertThat(file.cases()).extracting(ViewCase::name).containsExactly("right", "right too");
    assertThat(file.problems())
        .extracting(Throwable::getMessage)
        .satisfiesExactly(
            m -> assertThat(m).contains("line 2: the case 'wrong' has no 'expect'"),
            m -> assertThat(m).contains("line 4: there are two cases 'right'"));
  }

  @Test
  void assertions_areReadWithHowTheyAreMeant() {
    CaseFile file =
        parse(
            """
            assertions:
              - not_null: hour
              - {unique: [hour, method], block: true}
              - accepted_values: {method: [GET, 7]}
              - row_count: {min: 1}
              - no_rows: >
                  SELECT *
                  FROM traffic
                name: none
            """);
    assertThat(file.problems()).isEmpty();
    assertThat(file.assertions())
        .extracting(Assertion::name)
        .containsExactly(
            "not_null hour",
            "unique hour, method",
            "accepted_values of method",
            "row_count",
            "none");
    assertThat(file.assertions())
        .extracting(Assertion::blocks)
        .containsExactly(false, true, false, false, false);
    assertThat(file.assertions().get(3).check()).isEqualTo(new Assertion.RowCount(1L, null));
    assertThat(file.assertions().get(4).check())
        .isEqualTo(new Assertion.NoRows("SELECT * FROM traffic"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {not_nul: [hour]}               | an assertion has no 'not_nul'; did you mean 'not_null'?
          {block: true}                   | an assertion has one of not_null
          {not_null: a, unique: a}        | this one has not_null, unique
          {not_null: []}                  | 'not_null' takes columns
          {not_null: {a: b}}              | 'not_null' takes columns
          {unique: a, block: yes}         | 'block' is true or false
          {accepted_values: {a: 1}}       | 'accepted_values' is a list
          {accepted_values: {a: [], b: []}} | takes one column
          {row_count: {min: 2, max: 1}}   | takes a min, a max or both
          {row_count: {}}                 | takes a min, a max or both
          {row_count: {min: x}}           | a limit of 'row_count' is a whole number
          {row_count: {most: 1}}          | 'row_count' has no 'most'
          {no_rows: DROP TABLE traffic}   | 'no_rows' takes a query
          """)
  void whatIsWrongInAnAssertion_isSaid(String assertion, String reason) {
    CaseFile file = parse("cases: []\nassertions:\n  - " + assertion);
    assertThat(file.assertions()).isEmpty();
    assertThat(file.problems()).hasSize(1);
    assertThat(file.problems().get(0))
        .hasMessageContaining("line 3: ")
        .hasMessageContaining(reason);
  }
}
