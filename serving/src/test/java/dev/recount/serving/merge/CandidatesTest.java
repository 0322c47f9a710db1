package dev.recount.serving.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.StoredText;
import dev.recount.serving.scalar.Scalar;
import dev.recount.serving.sql.Quoted;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static GroupKey key(String name, ColumnType type) {
    Dimension dimension = new Dimension(name, type, true);
    return new GroupKey(new Scalar(Quoted.name(name), type, Set.of(dimension), dimension));
  }

  @Test
  void groupOfNull_isNamedByWhatIsStored() {
    GroupKey seen = key("seen", ColumnType.TIMESTAMP);
    String none = String.valueOf(Dimension.NULL_LONG);
    assertThat(
            Candidates.condition(List.of(seen), List.of(List.of(none), List.of("1431856800000"))))
        .isEqualTo("\"seen\" IN ('-9223372036854775808', 1431856800000)");
    assertThat(
            Candidates.condition(
                List.of(seen, key("name", ColumnType.STRING)),
                List.of(List.of(none, "a"), List.of(none, StoredText.NULL))))
        .isEqualTo(
            "((\"seen\" = '-9223372036854775808' AND \"name\" = 'a') OR"
                + " (\"seen\" = '-9223372036854775808' AND \"name\" = '\u0001'))");
    assertThat(
            Candidates.condition(
                List.of(key("num", ColumnType.LONG)),
                List.of(List.of(none, "1"), List.of("7", "0"))))
        .isEqualTo(
            "((\"num\" = '-9223372036854775808' AND \"num__null\" = 1) OR"
                + " (\"num\" = 7 AND \"num__null\" = 0))");
  }

  @Test
  void groupsOfAnAnswer_areNamedKeyByKey() {
    List<GroupKey> keys =
        List.of(
            key("name", ColumnType.STRING),
            new GroupKey(new Scalar("(1 / 2)", ColumnType.DOUBLE, Set.of(), null)),
            key("status", ColumnType.INT));
    assertThat(
            Candidates.around(
                keys, List.of(List.of("a", "0.5", "200"), List.of("it's", "0.5", "200"))))
        .isEqualTo("\"name\" IN ('a', 'it''s') AND \"status\" IN (200)");
    assertThat(Candidates.around(keys, List.of())).isEmpty();
    assertThat(
            Candidates.around(
                List.of(key("_arrived", ColumnType.TIMESTAMP)), List.of(List.of("1000"))))
        .isEmpty();
    assertThat(
            Candidates.around(
                keys, Collections.nCopies(Candidates.MOST + 1, List.of("a", "0.5", "200"))))
        .isEmpty();
    assertThat(Candidates.around(List.of(), List.of(List.of()))).isEmpty();
  }
}
