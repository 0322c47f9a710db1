package dev.recount.planner.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewFile;
import dev.recount.planner.compile.TestSpark;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupsTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final long MOST_BYTES = 100_000;

  /** How many groups there is room for. */
  private static int room(String measures, int keyLength) {
    try (Groups groups = Groups.onHeap(program(measures), HeapBudget.own(MOST_BYTES).open())) {
      return fill(groups, keyLength);
    }
  }

  private static ViewProgram program(String measures) {
    String sql = "SELECT page_url, " + measures + " FROM page_view GROUP BY page_url";
    return COMPILER.program(
        COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW),
        EventRows.type(TestSpark.PAGE_VIEW),
        false);
  }

  private static int fill(Groups groups, int keyLength) {
    UnsafeProjection key =
        UnsafeProjection.create(new StructType().add("page_url", DataTypes.StringType));
    int count = 0;
    while (!groups.isFull()) {
      groups.find(key.apply(row(String.format("%0" + keyLength + "d", count))));
      count++;
    }
    return count;
  }

  private static InternalRow row(String key) {
    return new GenericInternalRow(new Object[] {UTF8String.fromString(key)});
  }

  @Test
  void keysAndSketchesBesideStrings_areCounted() {
    assertThat(room("max(session_id) AS largest", 1_000)).isBetween(50, 100);
    assertThat(room("max(session_id) AS largest, hll_agg(ip_address) AS addresses", 10))
        .isBetween(1, 50);
    assertThat(room("max(session_id) AS largest", 10)).isGreaterThan(500);
  }

  /** Whoever comes first takes what there is; those who come later still have a share. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 40})
  void passesOfAllTasksAndViewsTogether_areBounded(int passes) {
    HeapBudget budget = HeapBudget.shared(MOST_BYTES * 10);
    ViewProgram program = program("max(session_id) AS largest");
    List<Groups> all = new ArrayList<>();
    for (int i = 0; i < passes; i++) {
      all.add(Groups.onHeap(program, budget.open()));
    }
    for (Groups groups : all) {
      assertThat(fill(groups, 100)).isPositive();
    }
    assertThat(budget.usedBytes()).isBetween(MOST_BYTES * 10, MOST_BYTES * 16);
    all.forEach(Groups::close);
    all.forEach(Groups::close);
    assertThat(budget.usedBytes()).isZero();
  }

  /** Strings that grow after their group was made. */
  @Test
  void largeStringsOfFewGroups_fillThemToo() {
    ViewProgram program = program("max(session_id) AS largest");
    HeapBudget budget = HeapBudget.own(MOST_BYTES);
    UnsafeProjection key =
        UnsafeProjection.create(new StructType().add("page_url", DataTypes.StringType));
    try (Groups groups = Groups.onHeap(program, budget.open())) {
      groups.find(key.apply(row("a")));
      groups.buffer().update(0, UTF8String.fromString("x".repeat((int) MOST_BYTES)));
      groups.noteBuffer();
      assertThat(groups.isFull()).isTrue();
    }
  }
}
