package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.WideSum;
import dev.recount.planner.pass.Passes;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** See also the property of {@link AnyViewTest}. */
class StoredMergeTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final StructType TYPE = EventRows.type(TestSpark.PAGE_VIEW);
  private static final int PARTS = 5;

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, -1, 1L << 32})
  void sumBeyondALong_staysExactHoweverOftenItIsMerged(long number) {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse("wide", "SELECT sum(bytes) AS total FROM page_view"),
            TestSpark.PAGE_VIEW);
    ViewProgram view = COMPILER.program(plan, TYPE, false);
    ViewProgram merge = COMPILER.merge(plan, view.type());
    List<Row> rows =
        Passes.inTask(
            () -> {
              try (Passes counting = new Passes(view, TYPE);
                  Passes merging = new Passes(merge, view.type())) {
                List<Row> folded = List.of();
                for (int part = 1; part <= PARTS; part++) {
                  List<Row> both = new ArrayList<>(folded);
                  both.addAll(counting.rows(List.of(event(number), event(number - 1))));
                  both.addAll(counting.rows(List.of(event(3))));
                  folded = merging.rows(both);
                }
                return folded;
              }
            });
    assertThat(rows).hasSize(1);
    Row row = rows.get(0);
    BigInteger expected =
        BigInteger.valueOf(number)
            .add(BigInteger.valueOf(number - 1))
            .add(BigInteger.valueOf(3))
            .multiply(BigInteger.valueOf(PARTS));
    assertThat(
            WideSum.of(
                BigInteger.valueOf(row.getAs("total")),
                BigInteger.valueOf(row.getAs("total__carry"))))
        .isEqualTo(expected);
    assertThat(row.<Long>getAs("total__count")).isEqualTo(3L * PARTS);
    boolean fits = expected.bitLength() < Long.SIZE;
    assertThat(row.<Long>getAs("total__carry") == 0L).isEqualTo(fits);
  }

  private static Row event(long bytes) {
    return RowFactory.create(
        Instant.EPOCH, null, "a", null, "/", null, null, null, null, 200, bytes, false);
  }
}
