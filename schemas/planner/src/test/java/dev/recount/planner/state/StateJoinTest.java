package dev.recount.planner.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.planner.compile.TestSpark;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.HeapBudget;
import dev.recount.planner.row.EventRows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random states and events with arrivals that often coincide, over several partitions: batch's
 * join, speed's table and a plain program agree on every joined row.
 */
class StateJoinTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final StructType TWEET = EventRows.type(Timelines.TWEET);
  private static final StructType FOLLOW = EventRows.type(Timelines.FOLLOW);
  private static final int USERS = 5;
  private static final long LAST_MS = 60;

  private static final ViewJoin JOIN =
      new ViewJoin(
          "follow",
          List.of("follower", "followee"),
          List.of(new ViewJoin.Match("followee", "t.author")),
          false);

  private record Tweet(String author, String id, long arrivalMs) {
    Row row() {
      return RowFactory.create(Instant.EPOCH, id, author, "text");
    }
  }

  private record Follow(
      String follower,
      String followee,
      boolean following,
      long arrivalMs,
      int partition,
      long offset) {
    static final Comparator<Follow> ORDER =
        Comparator.comparingLong(Follow::arrivalMs)
            .thenComparingInt(Follow::partition)
            .thenComparingLong(Follow::offset);

    Row row() {
      return RowFactory.create(Instant.EPOCH, follower, followee, following);
    }
  }

  private final List<Tweet> tweets = new ArrayList<>();
  private final List<Follow> follows = new ArrayList<>();

  private void draw(Random random) {
    for (int i = random.nextInt(40); i >= 0; i--) {
      tweets.add(
          new Tweet("u" + random.nextInt(USERS), "t" + i, (long) (random.nextDouble() * LAST_MS)));
    }
    for (int partition = 0; partition < 3; partition++) {
      long arrivalMs = 0;
      for (long offset = 0; arrivalMs < LAST_MS; offset += 1 + random.nextInt(2)) {
        follows.add(
            new Follow(
                "u" + random.nextInt(USERS),
                "u" + random.nextInt(USERS),
                random.nextBoolean(),
                arrivalMs,
                partition,
                offset));
        arrivalMs += random.nextInt(4);
      }
    }
  }

  /** Goes through all records in the order of their arrival. */
  private List<String> plainly(boolean keepsUnmatched) {
    List<String> joined = new ArrayList<>();
    for (Tweet tweet : tweets) {
      Map<String, Follow> states = new HashMap<>();
      follows.stream()
          .sorted(Follow.ORDER)
          .filter(f -> f.arrivalMs() < tweet.arrivalMs())
          .forEach(f -> states.put(f.follower() + " " + f.followee(), f));
      List<Follow> matching =
          states.values().stream().filter(f -> f.followee().equals(tweet.author())).toList();
      matching.forEach(f -> joined.add(tweet.id() + " " + f.follower() + " " + f.following()));
      if (matching.isEmpty() && keepsUnmatched) {
        joined.add(tweet.id() + " null null");
      }
    }
    Collections.sort(joined);
    return joined;
  }

  private List<String> byBatch(StateJoin join) {
    Dataset<Row> events =
        TestSpark.SESSION.createDataFrame(
            tweets.stream().map(t -> with(t.row(), Instant.ofEpochMilli(t.arrivalMs()))).toList(),
            TWEET.add(StateJoin.ARRIVED_AT, DataTypes.TimestampType));
    Dataset<Row> records =
        TestSpark.SESSION.createDataFrame(
            follows.stream()
                .map(
                    f ->
                        with(
                            f.row(),
                            Instant.ofEpochMilli(f.arrivalMs()),
                            f.partition(),
                            f.offset()))
                .toList(),
            FOLLOW
                .add(StateJoin.ARRIVED_AT, DataTypes.TimestampType)
                .add(StateJoin.PARTITION, DataTypes.IntegerType)
                .add(StateJoin.OFFSET, DataTypes.LongType));
    return join.over(events, records).collectAsList().stream()
        .map(
            r ->
                r.getAs("tweet_id")
                    + " "
                    + r.getAs("follow$follower")
                    + " "
                    + r.getAs("follow$following"))
        .sorted()
        .toList();
  }

  private static Row with(Row row, Object... more) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.length(); i++) {
      values.add(row.get(i));
    }
    values.addAll(List.of(more));
    return RowFactory.create(values.toArray());
  }

  private static UnsafeRow internal(Row row, StructType type) {
    return UnsafeProjection.create(type)
        .apply(
            ExpressionEncoder.apply(RowEncoder.encoderFor(type, true))
                .createSerializer()
                .apply(row))
        .copy();
  }

  /** Micro-batches of events in the order of arrival, each repeated at times. */
  private List<String> bySpeed(ViewJoin how, StateJoin join, Random random) {
    StateTable table = table(how, HeapBudget.shared(Long.MAX_VALUE).open());
    UnsafeProjection matching = join.matching();
    List<Follow> waiting = new ArrayList<>(follows);
    Collections.shuffle(waiting, random);
    List<String> joined = new ArrayList<>();
    for (long fromMs = 0; fromMs <= LAST_MS; ) {
      long toMs = fromMs + 1 + random.nextInt(20);
      table.keepFrom(fromMs);
      waiting.stream().filter(f -> f.arrivalMs() < toMs).forEach(f -> add(table, f));
      waiting.removeIf(f -> f.arrivalMs() < toMs);
      List<String> first = microBatch(table, matching, fromMs, toMs, how.keepsUnmatched());
      assertThat(microBatch(table, matching, fromMs, toMs, how.keepsUnmatched())).isEqualTo(first);
      joined.addAll(first);
      fromMs = toMs;
    }
    Collections.sort(joined);
    return joined;
  }

  private List<String> microBatch(
      StateTable table, UnsafeProjection matching, long fromMs, long toMs, boolean keepsUnmatched) {
    List<String> joined = new ArrayList<>();
    for (Tweet tweet : tweets) {
      if (tweet.arrivalMs() < fromMs || tweet.arrivalMs() >= toMs) {
        continue;
      }
      int before = joined.size();
      table.forEachBefore(
          matching.apply(internal(tweet.row(), TWEET)),
          tweet.arrivalMs(),
          table.newRow(),
          state ->
              joined.add(tweet.id() + " " + state.getUTF8String(1) + " " + state.getBoolean(3)));
      if (joined.size() == before && keepsUnmatched) {
        joined.add(tweet.id() + " null null");
      }
    }
    return joined;
  }

  private static StateTable table(ViewJoin join, HeapBudget.Share memory) {
    return new StateTable(join, FOLLOW, Set.of("follow$follower", "follow$following"), memory);
  }

  private static void add(StateTable table, Follow f) {
    table.add(internal(f.row(), FOLLOW), f.arrivalMs(), f.partition(), f.offset());
  }

  private static UnsafeRow followee(String name) {
    return internal(
        RowFactory.create(name), new StructType().add("name", DataTypes.StringType, false));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void batchAndSpeed_joinAsAPlainProgram(long seed) {
    Random random = new Random(seed);
    draw(random);
    boolean keepsUnmatched = seed % 2 == 0;
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v",
                "SELECT f.follower AS user_name, count(*) AS n FROM tweet t "
                    + (keepsUnmatched ? "LEFT " : "")
                    + "JOIN follow f ON t.author = f.followee GROUP BY ALL"),
            Timelines.TWEET,
            Timelines.FOLLOW);
    StateJoin join = COMPILER.join(plan, TWEET, FOLLOW);
    List<String> expected = plainly(keepsUnmatched);
    assertThat(expected).isNotEmpty();
    assertThat(byBatch(join)).isEqualTo(expected);
    assertThat(bySpeed(plan.join(), join, random)).isEqualTo(expected);
  }

  @Test
  void whatIsDropped_isRefusedAndNeverWrong() {
    StateTable table = table(JOIN, HeapBudget.shared(Long.MAX_VALUE).open());
    UnsafeRow match = followee("b");
    for (int i = 0; i < 10; i++) {
      table.keepFrom(i);
      add(table, new Follow("a", "b", true, i, 0, i));
    }
    List<Boolean> found = new ArrayList<>();
    table.forEachBefore(match, 9, table.newRow(), r -> found.add(r.getBoolean(3)));
    assertThat(found).containsExactly(true);
    assertThat(table.refusedMs()).isEqualTo(Long.MAX_VALUE);
    assertThatThrownBy(() -> table.forEachBefore(match, 8, table.newRow(), r -> {}))
        .hasMessageContaining("at arrival 8");
    assertThat(table.refusedMs()).isEqualTo(8);
  }

  @Test
  void fullTable_isAnError() {
    StateTable table = table(JOIN, HeapBudget.shared(4_000).open());
    assertThatThrownBy(() -> fill(table, 100))
        .hasFieldOrPropertyWithValue("code", ErrorCode.MEMORY_EXHAUSTED)
        .hasMessageContaining("give the process more memory");
  }

  /** Tables of several views share what their event may take, and give it back. */
  @Test
  void fullTogether_isAnErrorUntilOneIsClosed() {
    HeapBudget memory = HeapBudget.shared(20_000);
    HeapBudget.Share share = memory.open();
    StateTable first = table(JOIN, share);
    StateTable second = table(JOIN, share);
    fill(first, 45);
    assertThatThrownBy(() -> fill(second, 45))
        .hasFieldOrPropertyWithValue("code", ErrorCode.MEMORY_EXHAUSTED);
    first.close();
    assertThat(memory.usedBytes()).isEqualTo(second.bytes());
    add(second, new Follow("more", "b", true, 0, 0, 99));
    second.close();
    assertThat(memory.usedBytes()).isZero();
  }

  @Test
  void fullTableOfOneEvent_leavesAnotherEventItsShare() {
    HeapBudget memory = HeapBudget.shared(40_000);
    StateTable large = table(JOIN, memory.open());
    StateTable small = table(JOIN, memory.open());
    assertThatThrownBy(() -> fill(large, 1_000))
        .hasFieldOrPropertyWithValue("code", ErrorCode.MEMORY_EXHAUSTED);
    fill(small, 10);
    assertThat(small.keys()).isEqualTo(10);
    assertThatThrownBy(() -> fill(small, 1_000))
        .hasFieldOrPropertyWithValue("code", ErrorCode.MEMORY_EXHAUSTED);
    assertThat(memory.usedBytes()).isLessThan(60_000);
  }

  private static void fill(StateTable table, int keys) {
    for (int i = 0; i < keys; i++) {
      add(table, new Follow("f" + i, "b", true, 0, 0, i));
    }
  }
}
