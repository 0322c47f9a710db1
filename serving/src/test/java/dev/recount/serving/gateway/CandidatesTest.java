package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static GroupKey key(String name, ColumnType type) {
    Dimension dimension = new Dimension(name, type, true);
    return new GroupKey(new Scalar(ScalarRenderer.quote(name), type, Set.of(dimension), dimension));
  }

  @Test
  void groupOfNull_isNamedByWhatIsStored() {
    GroupKey seen = key("seen", ColumnType.TIMESTAMP);
    String asText = Times.pinotText(Long.MIN_VALUE);
    assertThat(
            Candidates.condition(
                List.of(seen),
                List.of(
                    List.of(asText),
                    List.of(String.valueOf(Long.MIN_VALUE)),
                    List.of(Times.pinotText(1_431_856_800_000L)))))
        .isEqualTo("\"seen\" IN ('-9223372036854775808', 1431856800000)");
    assertThat(
            Candidates.condition(
                List.of(seen, key("name", ColumnType.STRING)),
                List.of(List.of(asText, "a"), List.of(asText, Dimension.NULL_STRING))))
        .isEqualTo(
            "((\"seen\" = '-9223372036854775808' AND \"name\" = 'a') OR"
                + " (\"seen\" = '-9223372036854775808' AND \"name\" = '\uE000null'))");
  }

  @Test
  void groupsOfAnAnswer_areNamedKeyByKey() {
    List<GroupKey> keys =
        List.of(
            key("name", ColumnType.STRING),
            key("ratio", ColumnType.DOUBLE),
            key("status", ColumnType.INT));
    assertThat(
            Candidates.around(
                keys, List.of(List.of("a", "0.5", "200"), List.of("it's", "0.5", "200"))))
        .isEqualTo("\"name\" IN ('a', 'it''s') AND \"status\" IN (200)");
    assertThat(Candidates.around(keys, List.of())).isEmpty();
    assertThat(
            Candidates.around(List.of(key("_arrived", ColumnType.LONG)), List.of(List.of("1000"))))
        .isEmpty();
    assertThat(
            Candidates.around(
                keys, Collections.nCopies(Candidates.MOST + 1, List.of("a", "0.5", "200"))))
        .isEmpty();
    assertThat(Candidates.around(List.of(), List.of(List.of()))).isEmpty();
  }
}
