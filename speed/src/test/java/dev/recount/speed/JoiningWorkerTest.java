package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.HeapBudget;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.state.JoinedRows;
import dev.recount.planner.state.StateTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The deltas of a view that joins, from records as they are in the topics. */
class JoiningWorkerTest {
  private static final EventSchema TWEET = event("tweet");
  private static final EventSchema FOLLOW = event("follow");
  private static final List<String> DELTAS = Collections.synchronizedList(new ArrayList<>());
  private static SparkSession spark;

  /** Set before each job; what runs in it is in this process. */
  private static Worker worker;

  private static List<InternalRow> records;

  private static EventSchema event(String name) {
    return EventSchema.read(
        Path.of(System.getProperty("recount.root"), "schemas/examples/events", name + ".avsc"));
  }

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("joining worker", 1);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static InternalRow tweet(String author, String id, long arrivalMs) {
    GenericRecord tweet = new GenericData.Record(TWEET.avro());
    tweet.put("event_time", 0L);
    tweet.put("tweet_id", id);
    tweet.put("author", author);
    tweet.put("text", "text of " + id);
    Object[] source = new Object[7];
    source[1] = new EventCodec(TWEET, f -> Optional.empty()).encode(tweet);
    source[3] = 0;
    source[5] = arrivalMs * 1000;
    return new GenericInternalRow(source);
  }

  private static void follow(StateTable table, String pair, boolean following, long arrivalMs) {
    Row row = RowFactory.create(Instant.EPOCH, pair.split(">")[0], pair.split(">")[1], following);
    table.add(
        ExpressionEncoder.apply(RowEncoder.encoderFor(EventRows.type(FOLLOW), true))
            .createSerializer()
            .apply(row),
        arrivalMs,
        0,
        arrivalMs);
  }

  private static void fewFollows(StateTable table) {
    follow(table, "x>a", true, 10);
    follow(table, "x>a", false, 20);
    follow(table, "y>a", true, 20);
  }

  private static ViewPlan plan(String from) {
    return new ViewCompiler(spark)
        .plan(
            ViewFile.parse(
                "v",
                "SELECT f.follower AS w, t.tweet_id AS id, count(*) AS n FROM tweet t "
                    + from
                    + " GROUP BY ALL"),
            TWEET,
            FOLLOW);
  }

  private static Worker worker(ViewPlan plan, Consumer<StateTable> follows) {
    StructType type = EventRows.type(TWEET).add(StoredColumn.ARRIVED, DataTypes.LongType, false);
    StructType joined = type;
    for (StructField field : JoinedRows.columns(plan.join(), EventRows.type(FOLLOW)).fields()) {
      joined = joined.add(field);
    }
    ViewCompiler compiler = new ViewCompiler(spark);
    ViewProgram program = compiler.program(plan, joined, true);
    StateTable table =
        new StateTable(
            plan.join(),
            EventRows.type(FOLLOW),
            program.columns(),
            HeapBudget.shared(Long.MAX_VALUE).open());
    follows.accept(table);
    ViewTarget.Lookup lookup =
        new ViewTarget.Lookup(
            compiler.join(plan, EventRows.type(TWEET), EventRows.type(FOLLOW)),
            table,
            plan.join().keepsUnmatched());
    return new Worker(
        type,
        new EventRows(TWEET, f -> Optional.empty(), 1 << 20),
        Duration.ofSeconds(10),
        List.of(
            new ViewTarget(program, "deltas", (int) plan.dimensionColumns().count(), null, lookup)),
        new Copies("tweet", RecountConfig.load(Path.of("target", "joining-worker"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          JOIN follow f ON t.author = f.followee WHERE f.following | x 10, y 30
          JOIN follow f ON t.author = f.followee | x 10, x 30, y 30
          LEFT JOIN follow f ON t.author = f.followee | null 5, null 30 of b, x 10, x 30, y 30
          """)
  void deltas_areThoseOfTheJoinedRows(String from, String expected) {
    worker = worker(plan(from), JoiningWorkerTest::fewFollows);
    // The one of 10 comes after 10, and the one of 30 sees what came in 20.
    records =
        List.of(
            tweet("a", "5", 5),
            tweet("a", "10", 11),
            tweet("a", "30", 30),
            tweet("b", "30 of b", 30));
    assertThat(deltas()).containsExactlyInAnyOrder(expected.split(", "));
  }

  /** The states come from several partitions, and so in another order after each start. */
  @Test
  void whatOneEventFinds_isInOnePart_inWhateverOrderItIsFound() {
    List<String> followers = IntStream.range(0, 30).mapToObj(i -> "x".repeat(1 << 20) + i).toList();
    records = List.of(tweet("a", "1", 11), tweet("a", "2", 12));
    List<String> once = deltasOfFollowers(followers);
    assertThat(once).hasSize(60);
    assertThat(once.stream().map(delta -> delta.split(" of ")[1]).distinct())
        .containsExactlyInAnyOrder(
            "1 in " + Deltas.chunk(1, 0, 0), "2 in " + Deltas.chunk(1, 0, 1));
    List<String> reversed = new ArrayList<>(followers);
    Collections.reverse(reversed);
    assertThat(deltasOfFollowers(reversed)).containsExactlyInAnyOrderElementsOf(once);
  }

  private static List<String> deltasOfFollowers(List<String> followers) {
    worker =
        worker(
            plan("JOIN follow f ON t.author = f.followee"),
            table -> followers.forEach(follower -> follow(table, follower + ">a", true, 10)));
    DELTAS.clear();
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(1), 1)
        .foreachPartition(one -> run(JoiningWorkerTest::inPart));
    return List.copyOf(DELTAS);
  }

  private static List<String> deltas() {
    DELTAS.clear();
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(1), 1)
        .foreachPartition(one -> run(JoiningWorkerTest::ofOne));
    return List.copyOf(DELTAS);
  }

  private static String inPart(JsonNode delta) {
    return delta.path("w").asText().replace("x", "")
        + " of "
        + delta.path("id").asText()
        + " in "
        + delta.path("_chunk").asLong();
  }

  private static String ofOne(JsonNode delta) {
    assertThat(delta.path("n").asLong()).isOne();
    return (delta.path("w").asText() + " " + delta.path("id").asText())
        .replace(StoredText.NULL, "null");
  }

  private static void run(Function<JsonNode, String> text) {
    Worker.Outcome outcome =
        worker.run(
            records.iterator(),
            TaskContext.get(),
            1,
            Set.of(),
            (topic, key, value) ->
                DELTAS.add(
                    text.apply(
                        Json.read(new String(value, StandardCharsets.UTF_8), JsonNode.class))));
    assertThat(outcome.failures()).isEmpty();
  }
}
