package dev.recount.serving.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextQueryTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Java                         | java
          java AND Spark               | (+java +spark)
          the java                     | java
          the AND java                 | (+java)
          java NOT spark               | (java -spark)
          java AND (spark OR flink)    | (+java +(spark flink))
          "Apache Spark"               | "apache spark"
          "apache spark"~3             | "apache spark"~3
          "the java"                   | java
          jav*                         | jav*
          j?va                         | j?va
          /jav[ab]/                    | /jav[ab]/
          [a TO Java}                  | [a TO java}
          [java TO *]                  | [java TO *]
          java^3                       | java
          *:* -java                    | (*:* -java)
          text:java                    | java
          node.js                      | node.js
          c\\+\\+                      | c
          Kafka-Connect                | (kafka connect)
          """)
  void query_isWrittenInAnalysedWords(String text, String canonical) {
    assertThat(TextQuery.parse(text).pinot(false)).isEqualTo(canonical);
    assertThat(TextQuery.parse(canonical).pinot(false)).isEqualTo(canonical);
    assertThat(TextQuery.parse(text).pinot(true)).isEqualTo("*:* -" + canonical);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          java AND            | QUERY_SYNTAX      | Encountered
          (java               | QUERY_SYNTAX      | Encountered
          *va                 | QUERY_SYNTAX      | not allowed as first character
          java~               | QUERY_UNSUPPORTED | write the beginning and '*'
          the                 | QUERY_UNSUPPORTED | no word that is indexed
          "cat in the hat"    | QUERY_UNSUPPORTED | let the others be near each other
          -java               | QUERY_UNSUPPORTED | *:* -word
          java AND (NOT go)   | QUERY_UNSUPPORTED | *:* -word
          name:java           | QUERY_UNSUPPORTED | names a field
          /[a/                | QUERY_SYNTAX      | '/[a/'
          /a(/                | QUERY_SYNTAX      | '/a(/'
          /[ac]*a[ac]{50,200}/ | QUERY_SYNTAX     | more than 10000 states
          """)
  void whatCannotBeAnswered_saysWhatToWrite(String text, ErrorCode code, String advice) {
    assertThatThrownBy(() -> TextQuery.parse(text))
        .isInstanceOfSatisfying(RecountException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(advice);
  }

  @Test
  void text_matchesAsARowDoes() {
    TextQuery query = TextQuery.parse("java AND (spark OR flink) AND NOT cobol");
    assertThat(query.matches("Java and Apache Spark")).isTrue();
    assertThat(query.matches("The JAVA of Flink")).isTrue();
    assertThat(query.matches("Java, Spark, COBOL")).isFalse();
    assertThat(query.matches("Java")).isFalse();
    assertThat(query.matches("")).isFalse();
  }
}
