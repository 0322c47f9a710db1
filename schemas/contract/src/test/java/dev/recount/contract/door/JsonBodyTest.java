package dev.recount.contract.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.contract.error.RecountException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonBodyTest {
  @Test
  void body_isObjectArrayOrLines() {
    assertThat(split("{\"a\":\n1}")).containsExactly("{\"a\":\n1}");
    assertThat(split(" [ {\"a\":1} , 7,[\"x\"],{\"b\":{\"c\":[2]}}] "))
        .containsExactly("{\"a\":1}", "7", "[\"x\"]", "{\"b\":{\"c\":[2]}}");
    assertThat(split("{\"a\":1}\n\n broken\r\n{\"b\":2}"))
        .containsExactly("{\"a\":1}", " broken\r", "{\"b\":2}");
    for (String body : List.of("", " \n", "[]", "[1,", "[1] 2")) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> split(body))
          .withMessageContaining("Cannot read the events");
    }
  }

  @Test
  void anArrayOfAnotherEncoding_isMalformed() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> JsonBody.split("[{\"a\": 1}]".getBytes(StandardCharsets.UTF_16BE)))
        .withMessageContaining("Cannot read the events");
  }

  private static List<String> split(String body) {
    return JsonBody.split(body.getBytes(StandardCharsets.UTF_8)).stream()
        .map(b -> new String(b, StandardCharsets.UTF_8))
        .toList();
  }
}
