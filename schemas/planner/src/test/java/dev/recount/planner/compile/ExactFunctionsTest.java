package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** What an audit counts in place of a t-digest. */
class ExactFunctionsTest {
  @Test
  void distribution_isThePercentilesAroundItsMedian() {
    SparkSession session = TestSpark.SESSION.newSession();
    ExactFunctions.register(session);
    Row row =
        session
            .sql(
                "SELECT tdigest_agg(id), tdigest_agg(id) FILTER (WHERE id <= 100),"
                    + " tdigest_agg(id) FILTER (WHERE id < 0) FROM range(0, 201)")
            .head();
    assertThat(row.<Double>getList(0).stream().map(Math::round)).containsExactly(90L, 110L);
    assertThat(row.<Double>getList(1).stream().map(Math::round)).containsExactly(45L, 55L);
    assertThat(row.isNullAt(2)).isTrue();
  }
}
