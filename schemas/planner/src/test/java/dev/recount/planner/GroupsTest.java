package dev.recount.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.contract.view.ViewFile;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class GroupsTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final long MOST_BYTES = 100_000;

  /** How many groups there is room for. */
  private static int room(String measures, int keyLength) {
    String sql = "SELECT page_url, " + measures + " FROM page_view GROUP BY page_url";
    ViewProgram program =
        COMPILER.program(
            COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW),
            EventRows.type(TestSpark.PAGE_VIEW),
            false);
    UnsafeProjection key =
        UnsafeProjection.create(new StructType().add("page_url", DataTypes.StringType));
    try (Groups groups = Groups.onHeap(program, MOST_BYTES)) {
      int count = 0;
      while (groups.find(key.apply(row(String.format("%0" + keyLength + "d", count))))) {
        count++;
      }
      return count;
    }
  }

  private static InternalRow row(String key) {
    return new GenericInternalRow(new Object[] {UTF8String.fromString(key)});
  }

  @Test
  void keysAndSketchesBesideStrings_areCounted() {
    assertThat(room("max(session_id) AS largest", 1_000)).isBetween(50, 100);
    assertThat(room("max(session_id) AS largest, hll_agg(ip_address) AS addresses", 10))
        .isBetween(1, 50);
    assertThat(room("max(session_id) AS largest", 10)).isGreaterThan(1_000);
  }
}
