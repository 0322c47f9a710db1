package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.batch.clean.CleanReport;
import dev.recount.batch.clean.Janitor;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RequestCatalog;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

  @BeforeAll
  static void startStack() throws Exception {
    stack = BatchStack.start(home, PORT_BASE);
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
    assertThat(largest(Topics.DEAD_LETTERS))
        .as("a topic that is older than a setting takes what the setting allows")
        .isEqualTo(stack.config().events().largestLetterBytes());
    assertThat(largest(Topics.raw("page_view")))
        .isGreaterThan(stack.config().events().maxSizeBytes());
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
    RunSummary summary = stack.run();

    assertThat(summary.events()).isZero();
    assertThat(summary.views())
        .hasSize(3)
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
    assertThat(batchRequests()).isEqualTo(200);
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
    assertThat(batchRequests()).isEqualTo(230);

    stack.send(20, NOON.minus(Duration.ofDays(800)));
    stack.awaitMerged(250);
    assertThat(batchRequests()).isEqualTo(230);
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
    stack.run("traffic");
    stack.run("traffic");
    stop.set(true);
    for (Future<?> reader : reading) {
      reader.get(30, TimeUnit.SECONDS);
    }
    readers.shutdown();

    assertThat(asked.get()).isGreaterThan(100);
    assertThat(seen).containsExactly(expected);
  }

  @Test
  @Order(7)
  void oneViewsFailure_failsItAlone_andOnlyItIsDueAgain() throws Exception {
    ViewPlan sound = stack.catalog().views().find("traffic", 1).orElseThrow().plan();
    stack
        .catalog()
        .views()
        .add(
            new ViewPlan(
                "tableless",
                1,
                sound.event(),
                sound.sql(),
                sound.header(),
                sound.indexes(),
                sound.dimensions(),
                sound.measures(),
                sound.join()),
            1);
    RequestCatalog requests = stack.catalog().requests();
    requests.add("traffic", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.add("tableless", RunRequest.FULL, RunRequest.SCHEDULE);

    assertThatThrownBy(() -> stack.runDue())
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("Cannot publish 1 of 2 views: tableless")
        .hasMessageContaining("run 'recount apply'");

    RunReport run = stack.catalog().runs().newest(1).get(0);
    assertThat(run.status()).isEqualTo(BatchRun.FAILED);
    assertThat(run.origin()).isEqualTo(RunRequest.SCHEDULE);
    assertThat(run.error()).contains("tableless");
    assertThat(run.views())
        .extracting(RunView::view, RunView::status)
        .containsExactlyInAnyOrder(
            tuple("tableless", RunView.FAILED), tuple("traffic", RunView.PUBLISHED));
    assertThat(stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId())
        .isEqualTo(run.runId());
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertThat(requests.all()).hasSize(1);
    assertThat(requests.pending().get(0).viewName()).isEqualTo("tableless");
    assertThat(requests.pending().get(0).attempt()).isEqualTo(1);

    assertThat(run.seconds()).containsKeys("wait", "list", "compute", "segments", "publish");
    assertThat(run.eventsRead()).isEqualTo(stack.sent());
    assertThat(run.rowsWritten()).isPositive();
    assertThat(run.cpuSeconds()).isPositive();
    assertThat(run.bytesRead()).isPositive();
    assertThat(run.bytesWritten()).isPositive();
    assertThat(run.peakMemoryBytes()).isGreaterThan(1 << 20);
    assertThat(Files.readString(home.resolve("logs/runs/" + run.runId() + ".log")))
        .contains("compute: ", "tableless_v1_OFFLINE");

    assertThat(stack.runDue()).as("its retry is not due yet").isEmpty();
    assertThat(stack.catalog().runs().newest(1).get(0).runId()).isEqualTo(run.runId());
    requests.drop("tableless");
  }

  @Test
  @Order(7)
  void cancelledRun_endsWithinABeatOrTwo_andKeepsTheOldAnswers() throws Exception {
    String before = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId();
    ExecutorService other = Executors.newSingleThreadExecutor();
    Future<RunSummary> run = other.submit(() -> stack.run("traffic"));
    await().until(() -> !stack.catalog().runs().running().isEmpty());
    String id = stack.catalog().runs().running().get(0).runId();
    assertThat(stack.catalog().runs().cancel(id, "not needed")).isTrue();

    assertThatThrownBy(() -> run.get(30, TimeUnit.SECONDS))
        .cause()
        .hasMessage("Cannot finish the run: not needed; the old answers stay");
    other.shutdown();
    RunReport cancelled = stack.catalog().runs().find(id).orElseThrow();
    assertThat(cancelled.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(cancelled.error()).isEqualTo("not needed");
    assertThat(Duration.between(cancelled.started(), cancelled.finished()))
        .isLessThan(Duration.ofSeconds(15));
    assertThat(stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId())
        .isEqualTo(before);
    assertThat(stack.merged()).isEqualTo(stack.sent());
  }

  /** What a process has just done when it is killed. */
  private enum Stage {
    LISTING,
    AGGREGATING,
    BUILDING,
    PUSHING,
    CLEANING;

    private boolean isReached(String run) {
      return switch (this) {
        case LISTING -> true;
        case AGGREGATING -> Files.exists(lake("views", run));
        case BUILDING -> Files.exists(lake("segments", run));
        case PUSHING -> !stack.controller().unfinishedSwaps(BatchStack.TABLE).isEmpty();
        case CLEANING ->
            stack
                .catalog()
                .batch()
                .serving(BatchStack.TABLE)
                .filter(p -> p.runId().equals(run))
                .isPresent();
      };
    }

    private static Path lake(String kind, String run) {
      return Path.of(stack.config().lakeUri())
          .resolve(kind + "/" + BatchStack.TABLE + "/run=" + run);
    }
  }

  static Stream<Stage> killedStages() {
    return FACTOR > 1 ? Stream.of(Stage.values()) : Stream.of(Stage.PUSHING);
  }

  @ParameterizedTest
  @MethodSource("killedStages")
  @Order(8)
  void killedRun_leavesTheOldAnswer_andTheJanitorTidiesUp(Stage stage) throws Exception {
    long expected = stack.sent();
    Process run = stack.batchRun().start();
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                stack.catalog().runs().running().stream()
                    .anyMatch(running -> stage.isReached(running.runId())));
    run.destroyForcibly().waitFor();
    String id = stack.catalog().runs().running().get(0).runId();

    assertThat(stack.merged()).isEqualTo(expected);
    Janitor janitor = new Janitor(stack.config(), stack.catalog(), Clock.systemUTC());
    assertThat(janitor.clean(true).orElseThrow().isDryRun()).isTrue();
    assertThat(stack.catalog().runs().running()).hasSize(1);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              janitor.clean(false);
              return stack.catalog().runs().running().isEmpty();
            });
    CleanReport again = janitor.clean(false).orElseThrow();
    assertThat(again.removed()).as("all was removed before").isEmpty();
    assertThat(again.left()).isEmpty();

    RunReport dead = stack.catalog().runs().find(id).orElseThrow();
    assertThat(dead.status()).isEqualTo(BatchRun.FAILED);
    assertThat(dead.error()).contains("ended before the run did");
    Publication serving = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
    assertThat(serving.runId().equals(id)).isEqualTo(stage == Stage.CLEANING);
    assertThat(stack.catalog().batch().publications(BatchStack.TABLE))
        .noneMatch(p -> p.status().equals(Publication.PUBLISHING));
    assertThat(stack.controller().unfinishedSwaps(BatchStack.TABLE)).isEmpty();
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(serving.segments());
    if (stage != Stage.CLEANING) {
      assertThat(stack.controller().allSegments(BatchStack.TABLE))
          .noneMatch(segment -> segment.contains(id));
      assertThat(Stage.lake("views", id)).doesNotExist();
    }
    assertThat(Stage.lake("segments", id)).doesNotExist();
    assertThat(WorkFolder.all(stack.config().home()).resolve(id)).doesNotExist();
    assertThat(stack.merged()).isEqualTo(expected);
  }

  @Test
  @Order(9)
  void runAfterThat_works() {
    stack.run("traffic");
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(
            stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().segments());
  }

  /** Minutes long. */
  @ParameterizedTest
  @ValueSource(strings = {"catalog", "pinot"})
  @Order(99)
  @EnabledIfSystemProperty(named = "recount.test.factor", matches = "\\d\\d+")
  void runWaits_whileWhatItNeedsIsAway(String process) throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    Future<RunSummary> run = other.submit(() -> stack.run("traffic"));
    await().until(() -> !stack.catalog().runs().running().isEmpty());
    stack.local().kill(process);
    Deadline.after(Duration.ofSeconds(20)).pause(Duration.ofSeconds(20));
    stack.local().start(process);

    run.get(5, TimeUnit.MINUTES);
    other.shutdown();
    assertThat(stack.catalog().runs().newest(1).get(0).status()).isEqualTo(BatchRun.SUCCEEDED);
    stack.awaitMerged(stack.sent());
  }

  @Test
  @Order(9)
  void results_ofTheLastThreeRuns_areKept() throws Exception {
    Path views = Path.of(stack.config().lakeUri()).resolve("views/" + BatchStack.TABLE);
    try (Stream<Path> runs = Files.list(views)) {
      assertThat(runs.map(p -> p.getFileName().toString()))
          .hasSize(RunFolders.KEPT)
          .contains("run=" + stack.catalog().batch().runs().get(0).runId());
    }
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
  void increments_betweenFullRuns_giveWhatAFullRunGives() {
    Random random = new Random(26);
    stack.run("traffic");
    for (int i = 0; i < 8; i++) {
      int count = random.nextInt(40);
      stack.send(count, NOON.minus(Duration.ofHours(random.nextInt(100_000))));
      long before = batchRequests();
      RunSummary summary = i == 4 ? stack.run("traffic") : stack.add("traffic");

      assertThat(summary.events()).isEqualTo(i == 4 ? stack.sent() : stack.sent() - before);
      assertThat(summary.views())
          .extracting(RunSummary.ViewPart::mode)
          .containsExactly(i == 4 ? RunRequest.FULL : RunRequest.INCREMENTAL);
      assertThat(batchRequests()).isEqualTo(stack.sent());
      assertThat(stack.merged()).isEqualTo(stack.sent());
    }
    Publication added = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
    List<String> shown = groups();
    assertThat(added.parts()).hasSizeBetween(2, 7);
    assertThat(stack.controller().allSegments(BatchStack.TABLE))
        .hasSizeLessThan(2 * added.segmentCount() + 5);
    stack.run("traffic");
    assertThat(groups()).isEqualTo(shown);
  }

  private static List<String> groups() {
    List<String> groups = new ArrayList<>();
    stack
        .rows(
            "SELECT \"hour\", method, status, SUM(requests), SUM(bytes), MIN(min_bytes),"
                + " MAX(max_bytes), SUM(avg_bytes__count) FROM traffic_v1_OFFLINE WHERE _arrived < "
                + stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().cutMs()
                + " GROUP BY \"hour\", method, status ORDER BY \"hour\", method, status LIMIT 100000")
        .forEach(row -> groups.add(row.toString()));
    return groups;
  }

  private static long batchRequests() {
    return stack
        .ask(
            "SELECT SUM(requests) FROM traffic_v1_OFFLINE WHERE _arrived < "
                + stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().cutMs())
        .path(0)
        .asLong();
  }

  private static long rowsSeen() {
    return stack.ask("SELECT COUNT(*) FROM traffic_v1").path(0).asLong();
  }
}
