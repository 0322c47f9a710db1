package dev.recount.batch.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SegmentBuilderTest {
  private static List<Integer> sizes(int maxRows, long maxBytes) {
    Iterator<Object[]> rows =
        Stream.of("aaaa", "b", "c", "dddddddd", "e")
            .map(text -> new Object[] {text, 7L, new byte[1]})
            .iterator();
    return Stream.generate(() -> SegmentBuilder.next(rows, maxRows, maxBytes).size())
        .takeWhile(size -> size > 0)
        .toList();
  }

  @Test
  void rows_areCutWhereTheyAreManyOrLong() {
    assertThat(sizes(5, 100)).containsExactly(5);
    assertThat(sizes(2, 100)).containsExactly(2, 2, 1);
    assertThat(sizes(5, 7)).containsExactly(2, 2, 1);
    assertThat(sizes(5, 1)).containsExactly(1, 1, 1, 1, 1);
  }
}
