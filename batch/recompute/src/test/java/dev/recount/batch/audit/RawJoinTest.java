package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewJoin;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.state.StateJoin;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the audit takes for the state of a key, on an example that can be followed by hand. */
class RawJoinTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("raw join", 2);
    StructType tweet = places(new StructType().add("author", "string").add("id", "string"));
    // Partition and offset differ; that of a tweet says nothing of a follow's.
    spark
        .createDataFrame(
            List.of(
                row("a", "at 10", 10, 1, 0),
                row("a", "at 20", 20, 0, 1),
                row("a", "at 30", 30, 0, 2),
                row("b", "at 30 too", 30, 0, 3)),
            tweet)
        .createOrReplaceTempView("tweet");
    StructType follow =
        places(
            new StructType()
                .add("follower", "string")
                .add("followee", "string")
                .add("following", "boolean"));
    spark
        .createDataFrame(
            List.of(
                row("x", "a", true, 10, 0, 0),
                row("x", "a", false, 25, 1, 0),
                row("y", "a", true, 5, 0, 1),
                row("y", "a", false, 15, 0, 2),
                row("y", "a", true, 15, 1, 1),
                row("z", "b", true, 40, 0, 3)),
            follow)
        .createOrReplaceTempView("follow");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static StructType places(StructType type) {
    return type.add(StateJoin.ARRIVED_AT, DataTypes.TimestampType)
        .add(StateJoin.PARTITION, DataTypes.IntegerType)
        .add(StateJoin.OFFSET, DataTypes.LongType);
  }

  /** The last three are arrival, partition and offset. */
  private static Row row(Object... values) {
    int last = values.length;
    values[last - 3] = Instant.ofEpochMilli((Integer) values[last - 3]);
    values[last - 1] = Long.valueOf((Integer) values[last - 1]);
    return RowFactory.create(values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          JOIN follow f ON t.author = f.followee | x at 20 true, x at 30 false, y at 10 true, y at 20 true, y at 30 true
          JOIN follow f ON t.author = f.followee AND f.following | x at 20 true, y at 10 true, y at 20 true, y at 30 true
          JOIN follow f ON t.author = f.followee WHERE NOT f.following | x at 30 false
          LEFT JOIN follow f ON t.author = f.followee | null at 30 too null, x at 20 true, x at 30 false, y at 10 true, y at 20 true, y at 30 true
          """)
  void theLatestBeforeTheEvent_isItsState(String from, String expected) {
    ViewJoin join =
        new ViewJoin(
            "follow",
            List.of("follower", "followee"),
            List.of(new ViewJoin.Match("followee", "t.author")),
            from.startsWith("LEFT"));
    List<Row> rows =
        new RawJoin(spark, join)
            .rows(
                "SELECT f.follower AS f, t.id AS t, f.following AS g, count(*) AS n FROM tweet t "
                    + from
                    + " GROUP BY ALL")
            .collectAsList();
    assertThat(rows.stream().map(r -> r.get(0) + " " + r.get(1) + " " + r.get(2)).sorted())
        .containsExactly(expected.split(", "));
    assertThat(rows).allMatch(r -> r.getLong(3) == 1);
  }
}
