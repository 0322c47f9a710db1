package dev.recount.contract.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordLayoutTest {
  @Test
  void text_isUtf8_orACharacterForEachByte() {
    String replaced = "caf\u00E9 \uFFFD";
    assertThat(RecordLayout.text(replaced.getBytes(StandardCharsets.UTF_8))).isEqualTo(replaced);
    String latin = "caf\u00E9";
    assertThat(RecordLayout.text(latin.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo(latin);
  }
}
