package dev.recount.serving.letters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LetterCountsTest {
  private final LetterCounts.Tally tally = new LetterCounts.Tally();

  private static DeadLetter letter(String event, DeadLetter.Source source) {
    return DeadLetter.of(
        event,
        new RecountException(ErrorCode.EVENT_UNDECODABLE, "no"),
        source,
        new byte[] {1},
        1,
        10,
        Clock.systemUTC());
  }

  @Test
  void letters_areCountedByEvent_fromTheCutOn() {
    tally.add(letter("a", DeadLetter.Source.http()), 10_000);
    tally.add(letter("a", DeadLetter.Source.http()), 20_000);
    tally.add(letter("a", DeadLetter.Source.http()), 20_000);
    tally.add(letter("b", DeadLetter.Source.http()), 20_000);
    assertThat(tally.since("a", 10_000)).isEqualTo(3);
    assertThat(tally.since("a", 20_000)).isEqualTo(2);
    assertThat(tally.since("b", 10_000)).isEqualTo(1);
    assertThat(tally.since("c", 10_000)).isZero();
    tally.forgetBefore(20_000);
    assertThat(tally.since("a", 0)).isEqualTo(2);
  }

  @Test
  void letterThatIsWrittenAgain_isCountedOnce() {
    tally.add(letter("a", DeadLetter.Source.topic(0, 7)), 10_000);
    tally.add(letter("a", DeadLetter.Source.topic(0, 9)), 10_000);
    tally.add(letter("a", DeadLetter.Source.topic(0, 7)), 20_000);
    tally.add(letter("a", DeadLetter.Source.topic(1, 7)), 20_000);
    assertThat(tally.since("a", 0)).isEqualTo(3);
  }

  @Test
  void withoutKafka_nothingIsKnown_andNothingFails(@TempDir Path home) {
    RecountConfig config = RecountConfig.load(home, Optional.of(31_000), Map.of());
    try (LetterCounts counts =
        new LetterCounts(config, () -> OptionalLong.of(10_000), Clock.systemUTC())) {
      assertThat(counts.since("a", 10_000)).isNull();
      assertThat(counts.since("a", 0)).isNull();
    }
  }
}
