package dev.recount.core.letter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterTest {
  private static ConsumerRecord<byte[], byte[]> record(byte[] value) {
    return new ConsumerRecord<>("dead_letters", 0, 7, null, value);
  }

  @Test
  void letters_areReadAsTheyWereWritten() {
    DeadLetter letter =
        DeadLetter.of(
            "e",
            new RecountException(ErrorCode.EVENT_MALFORMED, "Cannot"),
            DeadLetter.Source.topic(1, 2),
            new byte[] {1, 2},
            2,
            10,
            Clock.systemUTC());
    assertThat(DeadLetter.read(record(letter.toRecord().value()))).contains(letter);
  }

  /** Whatever another program writes to the topic must not hide the letters behind it. */
  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "no json",
        "null",
        "7",
        "[]",
        "{}",
        "{\"event\": \"e\"}",
        "{\"event\": \"e\", \"code\": \"NEVER_HEARD\"}",
        "{\"event\": \"e\", \"code\": \"EVENT_MALFORMED\", \"message\": \"m\","
            + " \"source\": {\"kind\": \"http\"}, \"payload_base64\": \"no Base64!\"}",
      })
  void whatIsNoLetter_isNone(String value) {
    byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
    assertThat(DeadLetter.read(record(bytes))).isEmpty();
  }
}
