package dev.recount.ingest.letters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.event.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What other programs write to the topic of dead letters stops nobody who reads it. */
class OddLettersTest {
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "no json", "null", "7", "[]", "{}", "{\"places\": 7}"})
  void aRecordThatDoesNotSayWhatWasPutBack_isPassedOver(String value) {
    byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
    assertThat(LetterLog.places(record(bytes))).isEmpty();
  }

  @Test
  void whatWasPutBack_isRead() {
    List<LetterLog.Place> places = List.of(new LetterLog.Place(1, 2), new LetterLog.Place(0, 7));
    assertThat(LetterLog.places(record(LetterLog.putBack(places).value()))).isEqualTo(places);
  }

  private static ConsumerRecord<byte[], byte[]> record(byte[] value) {
    return new ConsumerRecord<>(Topics.DEAD_LETTERS, 0, 0, null, value);
  }

  @ParameterizedTest
  @CsvSource({"CSV, true", "COMBINED, false", "xyz, true"})
  void aMappingReplacesThatOfALetter_evenOfOneThatCannotBeRead(String format, boolean isMappable) {
    JsonNode layout = Json.MAPPER.createObjectNode().put("format", format);
    DeadLetter.Source source = DeadLetter.Source.file("f", 1, layout);
    assertThat(
            PutBackCommand.isMappable(
                new DeadLetter("e", ErrorCode.EVENT_MALFORMED, "m", source, "", 0, 0)))
        .isEqualTo(isMappable);
  }
}
