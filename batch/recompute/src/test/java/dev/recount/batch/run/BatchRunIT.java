package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.CutPicker;
import dev.recount.core.Json;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.Progress;
import dev.recount.core.view.StoredText;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.datasketches.theta.UpdateSketch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on a real catalog, Kafka, archive writer and Pinot; one story, told in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BatchRunIT {
  private static final int PORT_BASE = 14_000;

  /** More of them: -Psoak. */
  private static final int FACTOR = Integer.getInteger("recount.test.factor", 1);

  private static final String LARGEST = "max.message.bytes";
  private static final Instant NOON = Instant.parse("2024-05-01T12:00:00Z");

  @TempDir private static Path home;
  private static BatchStack stack;
  private static RunLife life;
  private static RunIncrements increments;
  private static RunDeltas deltas;
  private static RunRollbacks rollbacks;
  private static RunBackfills backfills;

  @BeforeAll
  static void startStack() throws Exception {
    stack = BatchStack.start(home, PORT_BASE);
    life = new RunLife(stack);
    increments = new RunIncrements(stack);
    deltas = new RunDeltas(stack);
    rollbacks = new RunRollbacks(stack);
    backfills = new RunBackfills(stack);
  }

  @AfterAll
  static void stopStack() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  @Order(0)
  void applied_isWhatIsShipped_andApplyingAgainMendsTopics() throws Exception {
    assertThat(stack.catalog().events().names()).containsExactly("page_view");
    assertThat(stack.catalog().views().all())
        .extracting(v -> v.plan().table())
        .containsExactly("page_views_v1", "traffic_v1", "visitors_v1");
    setLargest(Topics.DEAD_LETTERS, "1048588");
    setLargest(Topics.raw("page_view"), "1000");
    assertThat(BatchStack.apply(home)).isZero();
    // A broker may answer with what it had before for a moment.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              assertThat(largest(Topics.DEAD_LETTERS))
                  .as("a topic that is older than a setting takes what the setting allows")
                  .isEqualTo(stack.config().events().largestLetterBytes());
              assertThat(largest(Topics.raw("page_view")))
                  .isGreaterThan(stack.config().events().maxSizeBytes());
            });
  }

  private static void setLargest(String topic, String bytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.config().kafkaBootstrap()))) {
      AlterConfigOp set =
          new AlterConfigOp(new ConfigEntry(LARGEST, bytes), AlterConfigOp.OpType.SET);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
    }
  }

  private static int largest(String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.config().kafkaBootstrap()))) {
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      return Integer.parseInt(
          admin.describeConfigs(List.of(resource)).all().get().get(resource).get(LARGEST).value());
    }
  }

  /** Before any batch run: the deltas are older than any cut. */
  @Test
  @Order(1)
  void deltaThatComesTwice_isCountedOnce() {
    long unknown = Long.MIN_VALUE;
    String longUrl = "/" + "x".repeat(2000);
    for (int i = 0; i < 2; i++) {
      sendDelta(unknown, longUrl + "a", "u1", "u2");
    }
    sendDelta(1_700_000_000_000L, longUrl + "b", "u2", "u3", "u4");
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(
                      stack.rows(
                          "SELECT SUM(views), DISTINCTCOUNTTHETASKETCH(visitors) FROM"
                              + " page_views_v1"))
                  .hasToString("[[7.0,4]]");
              assertThat(
                      stack.rows(
                          "SELECT \"minute\", page_url, browser, SUM(views) FROM page_views_v1"
                              + " GROUP BY \"minute\", page_url, browser ORDER BY page_url"))
                  .hasToString(
                      Json.write(
                          List.of(
                              List.of(unknown, longUrl + "a", StoredText.NULL, 3.0),
                              List.of(1_700_000_000_000L, longUrl + "b", StoredText.NULL, 4.0))));
            });
    assertThat(stack.rows("SELECT SUM(views) FROM page_views_v1 WHERE \"minute\" = " + unknown))
        .hasToString("[[3.0]]");
  }

  private static void sendDelta(long minute, String url, String... visitors) {
    UpdateSketch sketch = UpdateSketch.builder().build();
    for (String visitor : visitors) {
      sketch.update(visitor);
    }
    Map<String, Object> delta = new LinkedHashMap<>();
    delta.put("minute", minute);
    delta.put("page_url", url);
    delta.put("browser", StoredText.NULL);
    delta.put("views", visitors.length + 1);
    delta.put("visitors", HexFormat.of().formatHex(sketch.compact().toByteArray()));
    delta.put("_arrived", 1_700_000_010_000L);
    delta.put("_chunk", 0);
    stack.sendDelta("page_views_v1", url, delta);
  }

  @Test
  @Order(1)
  void unknownView_isRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> stack.run("trafic"))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("page_views, traffic, visitors")
        .extracting("code")
        .hasToString("VIEW_UNKNOWN");
  }

  @Test
  @Order(2)
  void emptyArchive_givesABatchOfASentinelOnly() {
    RunSummary summary = stack.add();

    assertThat(summary.events()).isZero();
    assertThat(summary.views())
        .hasSize(3)
        .allSatisfy(v -> assertThat(v.mode()).as("nothing to add to").isEqualTo(RunRequest.FULL))
        .allSatisfy(v -> assertThat(v.rows()).isZero())
        .allSatisfy(v -> assertThat(v.segments()).isEqualTo(1));
    assertThat(stack.merged()).isZero();
    assertThat(rowsSeen()).isZero();
  }

  @Test
  @Order(3)
  void run_coversAllThatHadArrived_andChangesNoAnswer() {
    stack.send(200, NOON);
    stack.awaitMerged(200);

    RunSummary summary = stack.run();

    assertThat(summary.events()).isEqualTo(200);
    assertThat(stack.merged()).isEqualTo(200);
    assertThat(increments.batchRequests()).isEqualTo(200);
    JsonNode row =
        stack.ask(
            "SELECT SUM(requests), SUM(bytes), MIN(min_bytes), MAX(max_bytes),"
                + " SUM(avg_bytes__sum), SUM(avg_bytes__count) FROM traffic_v1"
                + " WHERE status = 404");
    assertThat(row)
        .extracting(JsonNode::asLong)
        .containsExactly(67L, 67_000L, 1000L, 1000L, 67_000L, 67L);
    assertThat(
            stack
                .ask("SELECT DISTINCTCOUNTTHETASKETCH(ip_addresses) FROM visitors_v1")
                .path(0)
                .asLong())
        .isEqualTo(200);
  }

  @Test
  @Order(4)
  void lateEvents_andANextRun_neitherLoseNorDouble() {
    stack.send(30, NOON.minus(Duration.ofDays(400)));
    stack.awaitMerged(230);
    stack.run("traffic");
    assertThat(stack.merged()).isEqualTo(230);
    assertThat(increments.batchRequests()).isEqualTo(230);

    stack.send(20, NOON.minus(Duration.ofDays(800)));
    stack.awaitMerged(250);
    assertThat(increments.batchRequests()).isEqualTo(230);
  }

  @Test
  @Order(5)
  void publicationsThatFollowEachOther_differInTheirNumberOfSegments() {
    stack.run("traffic");
    List<Publication> publications = stack.catalog().batch().publications(BatchStack.TABLE);

    for (int i = 1; i < publications.size(); i++) {
      assertThat(publications.get(i).segmentCount())
          .isNotEqualTo(publications.get(i - 1).segmentCount());
    }
    assertThat(publications.get(0).status()).isEqualTo(Publication.SERVING);
    assertThat(publications.stream().filter(p -> p.status().equals(Publication.SERVING)))
        .hasSize(1);
  }

  @Test
  @Order(6)
  void swap_isNeverTornForReaders() throws Exception {
    long expected = stack.sent();
    stack.awaitMerged(expected);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong asked = new AtomicLong();
    Set<Long> seen = ConcurrentHashMap.newKeySet();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    List<Future<?>> reading = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      reading.add(
          readers.submit(
              () -> {
                while (!stop.get()) {
                  stack
                      .settledMerged()
                      .ifPresent(
                          answer -> {
                            seen.add(answer);
                            asked.incrementAndGet();
                          });
                }
              }));
    }
    for (int runs = 0; runs < 2 || asked.get() <= 100 && runs < 10; runs++) {
      stack.run("traffic");
    }
    stop.set(true);
    for (Future<?> reader : reading) {
      reader.get(2, TimeUnit.MINUTES);
    }
    readers.shutdown();

    assertThat(asked.get()).isGreaterThan(100);
    assertThat(seen).containsExactly(expected);
  }

  @Test
  @Order(7)
  void oneViewsFailure_failsItAlone_andOnlyItIsDueAgain() throws Exception {
    life.requireThatOneViewFailsAlone();
  }

  @Test
  @Order(7)
  void cancelledRun_endsWithinABeatOrTwo_andKeepsTheOldAnswers() throws Exception {
    life.requireThatACancelledRunEnds();
  }

  static Stream<Arguments> killedStages() {
    return FACTOR > 1
        ? Stream.of(RunLife.Stage.values())
            .flatMap(
                stage ->
                    Stream.of(RunRequest.FULL, RunRequest.INCREMENTAL)
                        .map(mode -> Arguments.of(stage, mode)))
        : Stream.of(Arguments.of(RunLife.Stage.PUSHING, RunRequest.INCREMENTAL));
  }

  @ParameterizedTest
  @MethodSource("killedStages")
  @Order(8)
  void killedRun_leavesTheOldAnswer_andTheJanitorTidiesUp(RunLife.Stage stage, String mode)
      throws Exception {
    boolean wasReached = false;
    // A run may be past the stage before it is seen there.
    for (int run = 0; run < 5 && !wasReached; run++) {
      stack.send(5, NOON);
      stack.awaitMerged(stack.sent());
      wasReached = life.requireThatAKilledRunLeavesNothing(stage, mode);
    }
    assertThat(wasReached).as("one was killed while %s", stage).isTrue();
  }

  @Test
  @Order(9)
  void assertions_blockTheirViewAlone_orAreWarnings_andTheRunAfterThatWorks() {
    life.requireThatAssertionsBlockOrWarn();
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(
            stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().segments());
  }

  @Test
  @Order(98)
  @EnabledIfSystemProperty(named = "recount.test.factor", matches = "\\d\\d+")
  void runWhoseProcessIsToldToEnd_endsCleanly() throws Exception {
    life.requireThatARunWhoseProcessIsToldToEndEndsCleanly();
  }

  /** Minutes long. */
  @ParameterizedTest
  @ValueSource(strings = {"catalog", "pinot"})
  @Order(99)
  @EnabledIfSystemProperty(named = "recount.test.factor", matches = "\\d\\d+")
  void runWaits_whileWhatItNeedsIsAway(String process) throws Exception {
    life.requireThatARunWaitsFor(process);
  }

  @Test
  @Order(9)
  void cut_isOfTheBrokersTime_whateverTheHostsClockShows() throws Exception {
    CutPicker.Pick ahead = pickWithClockOff(Duration.ofSeconds(15));
    assertThat(ahead.cut().boundaryMs()).isLessThanOrEqualTo(Clock.systemUTC().millis());

    // The archive comes by a record whose lengths are not there, or no cut would cover the next.
    stack.sendHostile();
    long sentMs = Clock.systemUTC().millis();
    stack.send(1, NOON);
    CutPicker.Pick behind = pickWithClockOff(Duration.ofSeconds(-15));
    assertThat(behind.cut().boundaryMs()).isGreaterThan(sentMs);
  }

  private static CutPicker.Pick pickWithClockOff(Duration by) {
    return new ArchiveCuts(
            stack.config(),
            stack.catalog(),
            Clock.offset(Clock.systemUTC(), by),
            new Progress(System.out::println, false))
        .pick(List.of("page_view"));
  }

  @Test
  @Order(10)
  void increments_betweenFullRuns_giveWhatAFullRunGives() throws Exception {
    increments.requireThatTheyGiveWhatAFullRunGives();
  }

  @Test
  @Order(11)
  void killedAfterTheSwap_isServed_andTheNextRunGoesOnFromIt() throws Exception {
    increments.requireThatTheNextRunContinuesFromAKilledOne();
  }

  @Test
  @Order(12)
  void viewThatCannotBeAddedTo_isRecomputedInFull() throws Exception {
    increments.requireThatWhatCannotBeAddedToIsFull();
  }

  @Test
  @Order(13)
  void rolledBackView_servesAnEarlierRun_andAllThatArrivedSince() throws Exception {
    rollbacks.requireThatItServesAnEarlierRunAndWhatCameSince();
  }

  @Test
  @Order(14)
  void rollBackThatWasKilled_isFinishedBeforeWhatIsDue() {
    rollbacks.requireThatAKilledOneIsFinishedBeforeWhatIsDue();
  }

  @Test
  @Order(15)
  void backfill_replacesItsRangeAlone_whileEventsArrive() throws Exception {
    backfills.requireThatItReplacesItsRangeAlone_underTraffic();
  }

  @Test
  @Order(16)
  void backfillOfNothing_changesNothing() {
    backfills.requireThatARangeWithoutEventsChangesNothing();
  }

  @Test
  @Order(17)
  void cancelledBackfill_isGoneOnWith_andOneAtATimePasses() throws Exception {
    backfills.requireThatACancelledOneIsResumed();
  }

  /** Minutes long. */
  @ParameterizedTest
  @EnumSource(RunRollbacks.Stage.class)
  @Order(97)
  @EnabledIfSystemProperty(named = "recount.test.factor", matches = "\\d\\d+")
  void rollBackThatWasKilled_isFinishedByTheSameCommand(RunRollbacks.Stage stage) throws Exception {
    rollbacks.requireThatAKilledOneIsFinishedByTheSameCommand(stage);
  }

  @Test
  @Order(50)
  void passedDeltas_leavePinotAndTheLog_whateverIsKilled_andNoAnswerChanges() throws Exception {
    deltas.requireThatPassedDeltasGo();
  }

  private static long rowsSeen() {
    return stack.ask("SELECT COUNT(*) FROM traffic_v1").path(0).asLong();
  }
}
