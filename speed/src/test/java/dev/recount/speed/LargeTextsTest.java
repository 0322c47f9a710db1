package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.DeltaSize;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.SparkSessions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Events that are as large as events can be become deltas, however many come at once. */
class LargeTextsTest {
  private static final int LARGEST_EVENT = 1 << 20;
  private static final EventSchema TWEET =
      EventSchema.read(
          Path.of(System.getProperty("recount.root"), "schemas/examples/events/tweet.avsc"));

  private record Delta(String key, int bytes, int hash, long n, long chunk) {}

  private static final List<Delta> DELTAS = Collections.synchronizedList(new ArrayList<>());
  private static SparkSession spark;

  /** Set before each job; what runs in it is in this process. */
  private static Worker worker;

  private static List<InternalRow> records;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("large texts", 1);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static byte[] tweet(String author, String text) {
    GenericRecord tweet = new GenericData.Record(TWEET.avro());
    tweet.put("event_time", 0L);
    tweet.put("tweet_id", "1");
    tweet.put("author", author);
    tweet.put("text", text);
    return new EventCodec(TWEET, f -> Optional.empty()).encode(tweet);
  }

  /** An event of the largest size whose text is one character again and again. */
  private static byte[] largest(String author, String character) {
    int around = tweet(author, "").length + 8;
    int bytes = character.getBytes(StandardCharsets.UTF_8).length;
    return tweet(author, character.repeat((LARGEST_EVENT - around) / bytes));
  }

  private static InternalRow record(byte[] value, long offset) {
    Object[] source = new Object[7];
    source[1] = value;
    source[3] = 0;
    source[4] = offset;
    source[5] = 1_000_000L;
    return new GenericInternalRow(source);
  }

  private static ViewPlan plan(String columns) {
    return new ViewCompiler(spark)
        .plan(ViewFile.parse("v", "SELECT " + columns + " FROM tweet GROUP BY ALL"), TWEET);
  }

  private static List<Delta> deltas(ViewPlan plan, List<byte[]> values) {
    StructType type = EventRows.type(TWEET).add(StoredColumn.ARRIVED, DataTypes.LongType, false);
    worker =
        new Worker(
            type,
            new EventRows(TWEET, f -> Optional.empty(), LARGEST_EVENT),
            Duration.ofSeconds(10),
            List.of(
                new ViewTarget(
                    new ViewCompiler(spark).program(plan, type, true),
                    "deltas",
                    (int) plan.dimensionColumns().count(),
                    null,
                    null)),
            new Copies("tweet", RecountConfig.load(Path.of("target", "large-texts"))));
    records = new ArrayList<>();
    values.forEach(value -> records.add(record(value, records.size())));
    DELTAS.clear();
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(1), 1)
        .foreachPartition(one -> run());
    return List.copyOf(DELTAS);
  }

  private static void run() {
    Worker.Outcome outcome =
        worker.run(
            records.iterator(),
            TaskContext.get(),
            3,
            Set.of(),
            (topic, key, value) -> {
              JsonNode json = Json.read(new String(value, StandardCharsets.UTF_8), JsonNode.class);
              DELTAS.add(
                  new Delta(
                      new String(key, StandardCharsets.ISO_8859_1),
                      key.length + value.length,
                      Arrays.hashCode(value),
                      json.path("n").asLong(),
                      json.path("_chunk").asLong()));
            });
    assertThat(outcome.failures()).isEmpty();
  }

  @Test
  void anyText_isWithinTheBoundThatThePlanIsCheckedBy() {
    ViewPlan plan = plan("text, author, count(*) AS n");
    long most = new ViewCompiler(spark).largestDelta(plan, TWEET, null, LARGEST_EVENT);
    for (String character : List.of("x", "\"", "\\", "\u0001", "\u2028", "\uD83D\uDE00")) {
      List<Delta> deltas = deltas(plan, List.of(largest("a", character)));
      assertThat(deltas).hasSize(1);
      assertThat(deltas.get(0).n()).isOne();
      assertThat((long) deltas.get(0).bytes()).isLessThan(most).isLessThan(DeltaSize.LARGEST_BYTES);
    }
    // Control characters come near to it: they are what the bound is made for.
    assertThat((long) deltas(plan, List.of(largest("a", "\u0001"))).get(0).bytes())
        .isGreaterThan(most * 9 / 10);
  }

  @Test
  void recordLargerThanEventsMayBe_isUndecodable() {
    List<Delta> deltas =
        deltas(
            plan("author, count(*) AS n"),
            List.of(tweet("a", "x".repeat(LARGEST_EVENT)), tweet("a", "x")));
    assertThat(deltas).hasSize(1);
    assertThat(deltas.get(0).n()).isOne();
  }

  /** 30 MB of texts in one micro-batch: their groups are given away part by part. */
  @Test
  void moreTextsThanMemoryIsFor_comeInPartsThatAreTheSameAgain() {
    ViewPlan plan = plan("author, max_by(text, event_time) AS latest, count(*) AS n");
    List<byte[]> values = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean isLarge = i % 2 == 0;
      values.add(isLarge ? largest("a" + i, "x") : tweet("b" + i % 5, "short " + i));
    }
    List<Delta> once = deltas(plan, values);
    assertThat(once.stream().mapToLong(Delta::n).sum()).isEqualTo(60);
    Set<Long> chunks = once.stream().map(Delta::chunk).collect(Collectors.toSet());
    assertThat(chunks).contains(Deltas.chunk(3, 0, 0), Deltas.chunk(3, 0, 1)).hasSizeBetween(2, 5);
    assertThat(once.stream().map(Delta::key).distinct()).hasSameSizeAs(once);
    List<Delta> again = deltas(plan, values);
    assertThat(again).containsExactlyInAnyOrderElementsOf(once);
  }
}
