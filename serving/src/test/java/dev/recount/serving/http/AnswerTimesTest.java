package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.answer.Answer;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTimesTest {
  private static final Answer ANSWER =
      new Answer(
          List.of(
              new Answer.Column("hour", ColumnType.TIMESTAMP),
              new Answer.Column("day", ColumnType.DATE)),
          List.of(
              List.of(Instant.parse("2015-10-25T00:30:00.250Z"), "2015-10-25"),
              Arrays.asList(null, null)),
          null);

  private static Answer in(String format, String zone) {
    return AnswerTimes.of(format, zone == null ? null : ZoneId.of(zone)).in(ANSWER);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      delimiter = '|',
      value = {
        "null | null | 2015-10-25T00:30:00.250Z | TIMESTAMP",
        "iso | Europe/Berlin | 2015-10-25T02:30:00.25+02:00 | TIMESTAMP",
        "iso | UTC | 2015-10-25T00:30:00.25Z | TIMESTAMP",
        "ms | Europe/Berlin | 1445733000250 | LONG",
        "s | null | 1445733000 | LONG",
        "yyyy-MM-dd HH:mm | null | 2015-10-25 00:30 | STRING",
        "EEE H:mm xxx | America/New_York | Sat 20:30 -04:00 | STRING",
      })
  void moments_areWrittenAsAsked(String format, String zone, String written, ColumnType type) {
    Answer answer = in(format, zone);
    assertThat(answer.columns().get(0).type()).isEqualTo(type);
    assertThat(answer.rows().get(0).get(0)).hasToString(written);
    assertThat(answer.rows().get(0).get(1)).isEqualTo("2015-10-25");
    assertThat(answer.rows().get(1)).containsExactly(null, null);
  }

  @Test
  void aTimeThatClocksShowTwice_isToldApartByItsOffset() {
    AnswerTimes times = AnswerTimes.of(null, ZoneId.of("Europe/Berlin"));
    assertThat(times.form().apply(Instant.parse("2015-10-25T00:30:00Z")))
        .isEqualTo("2015-10-25T02:30:00+02:00");
    assertThat(times.form().apply(Instant.parse("2015-10-25T01:30:00Z")))
        .isEqualTo("2015-10-25T02:30:00+01:00");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bogus",
        "{",
        "'",
        "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
      })
  void patternThatIsNone_isRefused(String format) {
    assertThatThrownBy(() -> in(format, null)).hasMessageContaining("time_format");
  }
}
