package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.SparkSessions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A view that fails in a task keeps no other view of its event from its deltas. */
class WorkerFailuresTest {
  private static final EventSchema TWEET =
      EventSchema.read(
          Path.of(System.getProperty("recount.root"), "schemas/examples/events/tweet.avsc"));

  private static final List<String> SENT = Collections.synchronizedList(new ArrayList<>());
  private static SparkSession spark;

  private static StructType type;
  private static List<ViewTarget> targets;

  /** Set before each job; what runs in it is in this process. */
  private static Worker worker;

  private static Supplier<Throwable> failure;
  private static Set<String> without;
  private static Worker.Outcome outcome;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("worker failures", 1);
    type = EventRows.type(TWEET).add(StoredColumn.ARRIVED, DataTypes.LongType, false);
    targets = List.of(target("bad"), target("good"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void twoViews() {
    worker =
        new Worker(
            type,
            new EventRows(TWEET, f -> Optional.empty(), 1 << 20),
            Duration.ofSeconds(10),
            targets,
            new Copies("tweet", RecountConfig.load(Path.of("target", "worker-failures"))));
    without = Set.of();
    failure = () -> null;
  }

  private static ViewTarget target(String topic) {
    return new ViewTarget(
        new ViewCompiler(spark).program(plan("v"), type, true), topic, 1, null, null);
  }

  private static ViewPlan plan(String view) {
    String columns = "SELECT author, count(*) AS n FROM tweet GROUP BY ALL";
    return new ViewCompiler(spark).plan(ViewFile.parse(view, columns), TWEET);
  }

  private static InternalRow tweet(String author) {
    GenericRecord tweet = new GenericData.Record(TWEET.avro());
    tweet.put("event_time", 0L);
    tweet.put("tweet_id", "1");
    tweet.put("author", author);
    tweet.put("text", "");
    Object[] source = new Object[7];
    source[1] = new EventCodec(TWEET, f -> Optional.empty()).encode(tweet);
    source[3] = 0;
    source[5] = 1_000_000L;
    return new GenericInternalRow(source);
  }

  private static void run() {
    SENT.clear();
    outcome = null;
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(1), 1)
        .foreachPartition(one -> runTask());
  }

  private static void runTask() {
    List<InternalRow> records = List.of(tweet("a"), tweet("b"), tweet("c"));
    outcome =
        worker.run(
            records.iterator(), TaskContext.get(), 1, without, (topic, key, value) -> send(topic));
  }

  private static void send(String topic) {
    Throwable e = failure.get();
    if (topic.equals("bad") && e != null) {
      WorkerFailuresTest.<RuntimeException>raise(e);
    }
    SENT.add(topic);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void raise(Throwable e) throws T {
    throw (T) e;
  }

  static List<Throwable> failures() {
    return List.of(
        new IllegalStateException("no such thing"),
        new StackOverflowError(),
        new NoClassDefFoundError("x"),
        new AssertionError("wrong"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void othersGoOn_andItWorksAgainInTheNextMicroBatch(Throwable e) {
    failure = () -> e;
    run();
    assertThat(outcome.failures()).hasSize(1).containsEntry("bad", e);
    assertThat(SENT).containsExactly("good", "good", "good");

    failure = () -> null;
    run();
    assertThat(outcome.failures()).isEmpty();
    assertThat(SENT).hasSize(6);
  }

  /** As a plan is that another version of Recount has made, or one that Spark reads otherwise. */
  @Test
  void viewThatCannotBeCompiled_isNamed_andTheOthersAreRun() {
    ViewPlan good = plan("good");
    ViewPlan bad = new ViewPlan("bad", 1, "tweet", "SELECT no", Map.of(), List.of(), List.of());
    RecountConfig config = RecountConfig.load(Path.of("target", "worker-failures"));
    EventWorkers workers =
        new EventWorkers(
            config,
            new ViewCompiler(spark),
            new Copies("tweet", config),
            new JoinedStates(config, null, null, Clock.systemUTC()));
    Map<ViewPlan, Throwable> failures =
        workers.use(
            new Definition(TWEET, List.of(), Map.of()), f -> Optional.empty(), List.of(bad, good));
    assertThat(failures).containsOnlyKeys(bad);
    try (EventWorkers.Loan loan = workers.reference().borrow()) {
      worker = loan.worker();
      run();
    }
    assertThat(SENT).containsOnly("deltas.good_v1").hasSize(3);
    MicroBatch.Result nothing =
        new MicroBatch(
                workers.reference(),
                "tweet",
                1,
                new KafkaClients(new RecountConfig.Kafka("localhost:1", Map.of())),
                new HashSet<>(Set.of("deltas.bad_v1")),
                spark.sparkContext().longAccumulator(),
                spark.sparkContext().longAccumulator())
            .write(spark.range(0, 0, 1, 2).toDF());
    assertThat(nothing).isEqualTo(new MicroBatch.Result(Map.of(), Set.of()));
    DeltaProducers.ofProcess().closeIdle();
  }

  @Test
  void viewThatIsLongWithAnEvent_isFound_andNotWhatIsSentOrOneThatGoesOn() {
    List<Optional<String>> found = new ArrayList<>();
    EndlessViews views = EndlessViews.ofProcess();
    failure =
        () -> {
          IntStream.range(0, 5).forEach(i -> found.add(views.look(3)));
          return null;
        };
    run();
    assertThat(found).isNotEmpty().allMatch(Optional::isEmpty);

    try (EndlessViews.Call call = views.begin()) {
      for (int i = 0; i < 5; i++) {
        call.enter("busy");
        assertThat(views.look(3)).isEmpty();
        call.leave();
      }
      call.enter("endless");
      for (int i = 0; i < 3; i++) {
        assertThat(views.look(3)).isEmpty();
      }
      assertThat(views.look(3)).contains("endless");
      assertThat(views.look(3)).as("until it is dealt with").contains("endless");
      call.leave();
      assertThat(views.look(3)).isEmpty();
    }
  }

  @Test
  void viewThatIsLeftOut_isNotRun() {
    without = Set.of("bad");
    run();
    assertThat(outcome.failures()).isEmpty();
    assertThat(SENT).containsExactly("good", "good", "good");
  }

  @Test
  void endOfTheTask_isNoFailureOfTheView() {
    failure = () -> new InterruptException("stopped");
    assertThatThrownBy(WorkerFailuresTest::run).hasStackTraceContaining("stopped");
    assertThat(outcome).isNull();
  }

  @Test
  void exhaustedMemory_isNoFailureOfTheView() {
    assertThatThrownBy(() -> Failures.requireOfView(new OutOfMemoryError(), null))
        .isInstanceOf(OutOfMemoryError.class);
    Failures.requireOfView(new StackOverflowError(), null);
  }
}
