package dev.recount.core.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredTextTest {
  private static final List<String> PIECES =
      List.of(
          "", "\u0000", "\u0001", "\u0002", "a", "\u00e4", "\uE000null", "\uFFFD", "\uD83D\uDE00");

  private static List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (String first : PIECES) {
      for (String second : PIECES) {
        PIECES.forEach(third -> texts.add(first + second + third));
      }
    }
    return texts.stream().distinct().toList();
  }

  @Test
  void storedTexts_haveNoZero_keepTheirOrder_andAreTheTextsAgain() {
    List<String> texts = texts();
    assertThat(texts).hasSizeGreaterThan(500);
    for (String one : texts) {
      String stored = StoredText.of(one);
      assertThat(stored).doesNotContain("\u0000").isNotEqualTo(StoredText.NULL);
      assertThat(StoredText.text(stored)).isEqualTo(one);
      assertThat(Integer.signum(StoredText.NULL.compareTo(stored)))
          .isEqualTo(one.isEmpty() ? 1 : -1);
      for (String other : texts) {
        assertThat(Integer.signum(stored.compareTo(StoredText.of(other))))
            .isEqualTo(Integer.signum(one.compareTo(other)));
      }
    }
  }
}
