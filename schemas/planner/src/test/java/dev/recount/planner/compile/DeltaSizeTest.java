package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeltaSizeTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final int MIB = 1 << 20;

  private static long mebibytes(String columns, int largestEvent) {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse("v", "SELECT " + columns + " FROM page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    return COMPILER.largestDelta(plan, TestSpark.PAGE_VIEW, null, largestEvent) / MIB;
  }

  @Test
  void fieldsShareTheEvent_othersCountEach() {
    assertThat(mebibytes("page_url, browser, method, count(*) AS n", MIB)).isEqualTo(12);
    assertThat(mebibytes("page_url || browser AS both, count(*) AS n", MIB)).isEqualTo(14);
    assertThat(mebibytes("page_url, max(browser) AS m, max_by(method, bytes) AS b", MIB))
        .isEqualTo(16);
    assertThat(mebibytes("coalesce(page_url, browser) AS either, count(*) AS n", MIB))
        .isEqualTo(24);
    assertThat(mebibytes("page_url, count(*) AS n", 3 * MIB)).isEqualTo(36);
  }

  @Test
  void moreThanKafkaTakes_isRefusedWithWhatToDo() {
    String many =
        IntStream.range(0, 43)
            .mapToObj(i -> "max(browser) AS m" + i)
            .collect(Collectors.joining(", "));
    assertThatThrownBy(() -> mebibytes("status, " + many, MIB))
        .hasFieldOrPropertyWithValue("code", ErrorCode.VIEW_INVALID)
        .hasMessageContainingAll("99 MiB", "96", "events.max-size", "several views");
    assertThatThrownBy(() -> mebibytes("page_url, count(*) AS n", 9 * MIB))
        .hasFieldOrPropertyWithValue("code", ErrorCode.VIEW_INVALID);
  }
}
