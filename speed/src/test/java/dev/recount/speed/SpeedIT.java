package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.planner.compile.DeltaSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.io.FileUtils;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The speed process as {@code recount up} starts it, on real servers. */
class SpeedIT {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** More of them: -Psoak. */
  private static final int KILLS = 2 * Integer.getInteger("recount.test.factor", 1);

  private static final Instant NOW = Instant.parse("2026-05-04T10:00:00Z");

  @TempDir private static Path home;
  private static SpeedStack stack;
  private static PageViews sent;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(
        home.resolve("recount.conf"), "speed.trigger-interval = 100ms\nspeed.view-limit = 15s\n");
    stack = SpeedStack.start(home, 15_000);
    sent = new PageViews(stack, new Random(11));
  }

  @AfterAll
  static void stop() {
    if (stack != null) {
      stack.close();
    }
  }

  @BeforeEach
  void running() {
    stack.stack().start("speed");
  }

  @Test
  void anyEventTime_undecodableBytes_sumsEqualARecount() {
    long undecodable = stack.facts().path("undecodable").asLong();
    sent.sendAt(Instant.EPOCH);
    sent.sendAt(Instant.parse("1969-12-31T23:59:59.999Z"));
    sent.sendAt(Instant.parse("2199-12-31T23:59:59Z"));
    for (int i = 0; i < 5_000; i++) {
      sent.sendAt(NOW.plusSeconds(i));
      if (i % 1_000 == 0) {
        stack.send(new byte[] {1, 2, 3}, null);
        stack.send((byte[]) null, null);
      }
    }
    stack.flush();
    awaitAllCounted();
    await()
        .atMost(PATIENCE)
        .until(() -> stack.facts().path("undecodable").asLong() >= undecodable + 10);
    assertGroupsEqualTheRecount();
  }

  @Test
  void killedAtRandomMomentsUnderLoad_neitherLosesNorDoubles() throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    Thread load = new Thread(() -> sendUntil(done), "load");
    load.start();
    Random random = new Random(23);
    for (int i = 0; i < KILLS; i++) {
      stack.stack().start("speed");
      long chunk = stack.facts().path("chunk").asLong();
      await().atMost(PATIENCE).until(() -> stack.facts().path("chunk").asLong() > chunk);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(2_000)));
      stack.stack().kill("speed");
    }
    stack.stack().start("speed");
    done.set(true);
    load.join();
    awaitAllCounted();
    assertGroupsEqualTheRecount();
  }

  private void sendUntil(AtomicBoolean done) {
    while (!done.get()) {
      for (int i = 0; i < 20; i++) {
        sent.sendAt(NOW.plusSeconds(i));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    stack.flush();
  }

  @Test
  void newestArrival_countsRecordsOfOpenTransactions() {
    stack.topic(Topics.raw("open"), Map.of());
    String kafka = stack.config().kafkaBootstrap();
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka, "transactional.id", "open", "acks", "all");
    ByteArraySerializer bytes = new ByteArraySerializer();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka));
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
      EventLog log = new EventLog(admin, "open");
      assertThat(log.newestArrivalMs()).isEmpty();
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(Topics.raw("open"), new byte[1]));
      producer.flush();
      assertThat(log.newestArrivalMs()).isPresent();
      producer.abortTransaction();
    }
  }

  @Test
  void idle_restart_completeUntilGoesOnAndNothingChanges() {
    sent.sendAt(NOW);
    stack.flush();
    awaitAllCounted();
    stack.stack().restart("speed");
    long before = progress().completeUntilMs();
    await().atMost(PATIENCE).until(() -> progress().completeUntilMs() > before + 1_000);
    assertGroupsEqualTheRecount();
  }

  @Test
  void deltasWrittenButNotCommitted_versionAddedBeforeTheRetry_eachIsExact() throws Exception {
    // Two micro-batches at least, so that the repeated one is not the first of all.
    for (int i = 0; i < 2; i++) {
      sent.sendAt(NOW);
      stack.flush();
      awaitAllCounted();
    }
    long chunk = stack.stopBeforeItsCommit();
    ViewPlan second = addVersion("traffic", 2);

    stack.stack().start("speed");
    await().atMost(PATIENCE).until(() -> version(second).speedSinceMs() != null);
    assertThat(version(second).speedFirstChunk()).isEqualTo(chunk);
    long sinceMs = version(second).speedSinceMs();
    assertThat(sinceMs).isGreaterThan(0);
    assertThat(Cut.bucket(sinceMs, stack.config().cut().grain())).isEqualTo(sinceMs);

    await().atMost(PATIENCE).until(() -> progress().completeUntilMs() > sinceMs);
    for (int i = 0; i < 500; i++) {
      sent.sendAt(NOW);
    }
    stack.flush();
    awaitAllCounted();
    assertGroupsEqualTheRecount();
    awaitRequestsOnTopic(second, sinceMs);
  }

  @Test
  void copies_areLeftOut_alsoWhereAMicroBatchIsKilledOrRepeated() throws Exception {
    for (int i = 0; i < 50; i++) {
      sent.sendAt(NOW, "before " + i, "first");
    }
    stack.flush();
    awaitAllCounted();
    ViewPlan view =
        stack.addView(
            "once",
            "-- @distinct event_id\n"
                + "SELECT user_agent, count(*) AS requests FROM page_view GROUP BY user_agent");
    ViewPlan all =
        stack.addView(
            "twice", "SELECT user_agent, count(*) AS requests FROM page_view GROUP BY user_agent");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              sent.sendAt(NOW);
              stack.flush();
              return version(view).speedSinceMs() != null && version(all).speedSinceMs() != null;
            });
    int kills = KILLS / 2;
    for (int i = 0; i < kills; i++) {
      sendCopies(i);
      stack.stack().kill("speed");
      sendCopies(i);
      stack.stack().start("speed");
    }
    sendCopies(0);
    awaitAllCounted();
    stack.stopBeforeItsCommit();
    stack.stack().start("speed");
    sendCopies(kills);
    awaitAllCounted();
    // Each round has 100 ids, and each time 10 events are without one; those of before are copies.
    int rounds = kills + 1;
    int times = 2 * rounds;
    String counted = " WHERE user_agent = 'copies'";
    awaitSum("once_v1_REALTIME" + counted, rounds * 100L + times * 10L);
    awaitSum("twice_v1_REALTIME" + counted, times * 250L);
    assertGroupsEqualTheRecount();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        stack.facts().path("distinct").path("event_id").path("horizon_ms").asLong())
                    .isEqualTo(stack.config().speed().distinctHorizon().toMillis()));
  }

  private void sendCopies(int round) {
    for (int i = 0; i < 100; i++) {
      sent.sendAt(NOW, "round " + round + " " + i, "copies");
      sent.sendAt(NOW, "round " + round + " " + (i * 7 % (i + 1)), "copies");
      if (i % 10 == 0) {
        sent.sendAt(NOW, null, "copies");
      }
      if (i % 5 == 0) {
        sent.sendAt(NOW, "before " + i % 50, "copies");
        sent.sendAt(NOW, "before " + i % 50, "copies");
      }
    }
    stack.flush();
  }

  /** What the process last said may be a second old. */
  private static void awaitNoError() {
    await().atMost(PATIENCE).until(() -> !stack.facts().has("error"));
  }

  private void awaitSum(String tableAndFilter, long expected) {
    String sql = "SELECT SUM(requests) FROM " + tableAndFilter;
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode row = stack.row(sql);
              assertThat(row == null ? -1 : row.get(0).asLong()).as(sql).isEqualTo(expected);
            });
  }

  /**
   * Nothing was in the log that had not been counted, so nothing is missing but until a bucket
   * ends.
   */
  @Test
  void checkpointRemoved_beginsANewGeneration_andSinceWhenItIsWholeIsKnown() throws IOException {
    sent.sendAt(NOW);
    stack.flush();
    awaitAllCounted();
    String before = stack.facts().path("generation").asText();
    stack.stack().stop("speed");
    Path checkpoint = stack.config().home().checkpoints().resolve(SpeedStack.EVENT);
    FileUtils.deleteDirectory(checkpoint.toFile());
    stack.stack().start("speed");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                stack.catalog().views().ofEvent(SpeedStack.EVENT).stream()
                    .allMatch(v -> v.speedGapMs() != null && v.speedSinceMs() != null));
    assertThat(stack.facts().path("generation").asText()).isNotEqualTo(before);
    ViewVersion view = stack.catalog().views().ofEvent(SpeedStack.EVENT).get(0);
    assertThat(view.speedGapMs()).isPositive();
    await().atMost(PATIENCE).until(() -> SpeedStack.CLOCK.millis() >= view.speedSinceMs());
    sent.sendAt(NOW);
    stack.flush();
    awaitAllCounted();
    awaitNoError();
  }

  @Test
  void textsAsLargeAsAnEvent_areCounted_andWhatComesAfterThem() {
    for (String character : List.of("x", "\"", "\u0001", "\u0002")) {
      sent.sendPage(NOW, "/" + character.repeat(600_000));
      sent.sendAt(NOW);
    }
    stack.flush();
    awaitAllCounted();
    assertGroupsEqualTheRecount();
    awaitNoError();
  }

  @Test
  void unreadableCheckpointOfOneEvent_isSaid_keepsNoOtherBack_andHeals() throws IOException {
    stack.stack().stop("speed");
    EventSchema first =
        stack.addEvent(
            "{'type': 'record', 'name': 'a_first', 'doc': 'Sorts before the other.', 'fields': [{"
                .concat("'name': 'at', 'type': {'type': 'long', 'logicalType':")
                .concat(" 'timestamp-millis'}, 'recount': 'event-time', 'doc': 'When.'}]}")
                .replace('\'', '"'),
            "a_first");
    stack.addView("firsts", "SELECT at, count(*) AS n FROM a_first GROUP BY at", first);
    Path generation = stack.config().home().checkpoints().resolve("a_first").resolve("generation");
    Files.createDirectories(generation);
    stack.stack().start("speed");
    sent.sendAt(NOW);
    stack.flush();
    awaitAllCounted();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                stack
                    .facts("a_first")
                    .path("error")
                    .path("code")
                    .asText()
                    .equals("SPEED_CHECKPOINT_LOST"));
    awaitNoError();
    Files.delete(generation);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              JsonNode facts = stack.facts("a_first");
              return facts.path("complete_until_ms").asLong() > 0
                  && facts.path("state").asText().equals("RUNNING");
            });
  }

  @Test
  void viewWhoseDeltasAreRefused_isSetAside_alsoAfterAKill_andBeginsAnew() {
    String columns = "SELECT user_agent, count(*) AS requests FROM page_view GROUP BY user_agent";
    ViewPlan view = stack.addView("refused", columns);
    sendUntil(() -> version(view).speedSinceMs() != null);
    stack.limitDeltas(view, 100);
    sendUntil(() -> version(view).speedFailure() != null);
    awaitAllCounted();
    assertThat(version(view).speedFailure()).contains("larger than the max message size");
    assertThat(version(view).speedSinceMs()).isNull();
    awaitNoError();
    assertThat(Standstill.all(stack.catalog(), stack.config()))
        .extracting(Standstill::view)
        .containsExactly("refused_v1");

    stack.stack().kill("speed");
    stack.stack().start("speed");
    sent.sendAt(NOW);
    stack.flush();
    awaitAllCounted();
    assertThat(version(view).speedFailure()).isNotNull();

    stack.limitDeltas(view, DeltaSize.LARGEST_BATCH_BYTES);
    sendUntil(() -> version(view).speedFailure() == null);
    long sinceMs = version(view).speedSinceMs();
    await().atMost(PATIENCE).until(() -> progress().completeUntilMs() > sinceMs);
    for (int i = 0; i < 100; i++) {
      sent.sendAt(NOW);
    }
    stack.flush();
    awaitAllCounted();
    assertGroupsEqualTheRecount();
    awaitRequestsOnTopic(view, sinceMs);
  }

  /** Nobody watches here, who would start the process again. */
  @Test
  void viewThatDoesNotComeToAnEnd_isSetAside_andTheOthersGoOn() {
    String endless =
        "aggregate(sequence(1, 100000), 0L, (a, x) ->"
            + " aggregate(sequence(1, 100000), a, (b, y) -> b % 7 + y))";
    ViewPlan view =
        stack.addView(
            "endless",
            "SELECT CASE WHEN user_agent = 'endless' THEN "
                + endless
                + " END AS value, count(*) AS requests FROM page_view GROUP BY ALL");
    sendUntil(() -> version(view).speedSinceMs() != null);
    sent.sendAt(NOW, null, "endless");
    stack.flush();
    await().atMost(PATIENCE).until(() -> stack.stack().pid("speed").isEmpty());
    assertThat(version(view).speedFailure()).contains("with one event within 15 s");
    assertThat(version(view).speedSinceMs()).isNull();

    stack.stack().start("speed");
    sent.sendAt(NOW);
    stack.flush();
    awaitAllCounted();
    assertGroupsEqualTheRecount();
    assertThat(version(view).speedFailure()).isNotNull();
    // For the other tests it is as if it were no more.
    stack.catalog().views().wholeSince(view.view(), view.version(), 0);
  }

  private static void sendUntil(Callable<Boolean> condition) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              sent.sendAt(NOW);
              stack.flush();
              return condition.call();
            });
  }

  private ViewPlan addVersion(String view, int number) {
    ViewPlan plan = stack.catalog().views().active(view).orElseThrow().plan().withVersion(number);
    stack.addVersion(plan);
    return plan;
  }

  private ViewVersion version(ViewPlan plan) {
    return stack.catalog().views().all().stream()
        .filter(v -> v.viewName().equals(plan.view()) && v.version() == plan.version())
        .findFirst()
        .orElseThrow();
  }

  private SpeedProgress progress() {
    return stack.catalog().services().speedProgress(SpeedStack.EVENT).orElseThrow();
  }

  private void awaitAllCounted() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () ->
                sent.count()
                    <= Math.min(
                        sum("traffic", "requests"),
                        Math.min(sum("visitors", "requests"), sum("page_views", "views"))));
    // More than was sent would show after this: the end of the log is published.
    assertThat(sum("traffic", "requests")).isEqualTo(sent.count());
    assertThat(sum("visitors", "requests")).isEqualTo(sent.count());
    assertThat(sum("page_views", "views")).isEqualTo(sent.count());
  }

  private long sum(String view, String column) {
    JsonNode row = stack.row("SELECT SUM(" + column + ") FROM " + view + "_v1_REALTIME");
    return row == null ? -1 : (long) row.get(0).asDouble();
  }

  private void assertGroupsEqualTheRecount() {
    Map<String, PageViews.Group> actual = new HashMap<>();
    JsonNode rows =
        stack
            .ask(
                "SELECT hour, status, SUM(requests), SUM(bytes) FROM traffic_v1_REALTIME"
                    + " GROUP BY hour, status LIMIT 100000")
            .path("resultTable")
            .path("rows");
    rows.forEach(
        row ->
            actual.put(
                PageViews.hourOf(row.get(0)) + " " + row.get(1).asInt(),
                new PageViews.Group((long) row.get(2).asDouble(), (long) row.get(3).asDouble())));
    assertThat(actual).isEqualTo(sent.byHourAndStatus());
    JsonNode sessions =
        stack.row("SELECT DISTINCTCOUNTTHETASKETCH(visitors) FROM page_views_v1_REALTIME");
    assertThat(sessions.get(0).asLong()).isEqualTo(sent.sessions());
  }

  /** Deltas of other views of a micro-batch may be counted before those of this one are sent. */
  private void awaitRequestsOnTopic(ViewPlan plan, long sinceMs) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(stack.requestsOnTopic(Topics.deltas(plan.table()), sinceMs))
                    .isEqualTo(sent.arrivedSince(sinceMs))
                    .isPositive());
  }
}
