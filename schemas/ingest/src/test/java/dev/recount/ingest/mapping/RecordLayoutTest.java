package dev.recount.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.text.Utf8Text;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordLayoutTest {
  @Test
  void text_isUtf8_orACharacterForEachByte() {
    String replaced = "caf\u00E9 \uFFFD";
    assertThat(Utf8Text.readOrLatin1(replaced.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(replaced);
    String latin = "caf\u00E9";
    assertThat(Utf8Text.readOrLatin1(latin.getBytes(StandardCharsets.ISO_8859_1))).isEqualTo(latin);
  }
}
