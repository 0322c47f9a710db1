package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.pinot.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where a part of an answer is missing (design, 2.7), there is no answer. */
@ExtendWith(PinotExtension.class)
class MissingPartsIT {
  private static final String OWN_SUM = "SELECT SUM(requests) FROM parts_v1";
  private static final long EXPECTED = 107;

  private static TestingPinot pinot;
  private static ViewPlan parts;
  private static Gateway gateway;

  /** A batch of two segments, and deltas. */
  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    gateway = running.gateway();
    parts = pinot.view("parts");
    List<List<Map<String, Object>>> segments = new ArrayList<>();
    for (int s = 0; s < 2; s++) {
      segments.add(new ArrayList<>());
      for (int i = 0; i < 10; i++) {
        segments.get(s).add(TestingPinot.row(parts, "hour", (long) i, "status", s, "requests", 5));
      }
    }
    pinot.publish(
        parts, "r1", new Cut(TestingPinot.BASE + 20_000, TestingPinot.GRAIN), 1, segments);
    pinot.delta(
        parts,
        TestingPinot.BASE + 30_000,
        1,
        List.of(TestingPinot.row(parts, "hour", 1L, "requests", 7)));
    pinot.awaitRequests("parts", EXPECTED);
  }

  @Test
  void swapUnderLoad_isNeverTorn() throws Exception {
    ViewPlan plan = pinot.view("swapped");
    List<Map<String, Object>> tens = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      tens.add(
          TestingPinot.row(plan, "hour", (long) i, "method", "m", "status", i, "requests", 100));
    }
    for (int bucket = 1; bucket <= 6; bucket++) {
      pinot.delta(plan, TestingPinot.BASE + bucket * 10_000L, bucket, tens);
    }
    pinot.awaitRequests("swapped", 6_000);
    AtomicBoolean isOver = new AtomicBoolean();
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    Queue<String> runs = new ConcurrentLinkedQueue<>();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    for (int t = 0; t < 2; t++) {
      threads.execute(
          () -> {
            while (!isOver.get()) {
              try {
                Answer answer =
                    gateway.answer("SELECT MEASURE(requests) FROM swapped", Mode.MERGED);
                Object value = answer.rows().get(0).get(0);
                Provenance.BatchPart batch = answer.provenance().batch();
                String run = batch == null ? "none" : pinot.label(batch.runId());
                // Run k covers k buckets and says 2 more for each than speed did.
                long wanted =
                    6_000 + (batch == null ? 0 : 20L * Integer.parseInt(run.substring(1)));
                runs.add(run);
                if (!value.equals(wanted)) {
                  wrong.add(run + ": " + value);
                }
              } catch (RecountException e) {
                wrong.add(e.getMessage());
              }
            }
          });
    }
    try {
      awaitAnswers(runs, "none", 1);
      for (int run = 1; run <= 5; run++) {
        publishRun(plan, run);
        awaitAnswers(runs, "s" + run, 11 * run);
      }
    } finally {
      isOver.set(true);
      threads.shutdown();
    }
    assertThat(threads.awaitTermination(3, TimeUnit.MINUTES)).isTrue();
    assertThat(wrong).isEmpty();
    assertThat(runs).hasSizeGreaterThan(50).contains("none", "s1", "s4");
  }

  /** Counts so many buckets. */
  private static void publishRun(ViewPlan plan, int run) throws Exception {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      rows.add(
          TestingPinot.row(
              plan, "hour", (long) i, "method", "m", "status", i, "requests", 102 * run));
    }
    pinot.publish(
        plan,
        "s" + run,
        new Cut(TestingPinot.BASE + (run + 1) * 10_000L, TestingPinot.GRAIN),
        1 + run % 2,
        List.of(rows));
  }

  /** Waits until there are so many answers, and one of the run. */
  private static void awaitAnswers(Queue<String> runs, String run, int most) {
    Deadline.after(Duration.ofSeconds(90))
        .require(
            "answers of " + run,
            Duration.ofMillis(20),
            () -> runs.size() >= most && runs.contains(run));
  }

  @Test
  void segmentOffline_makesNoShortAnswer() throws Exception {
    String segment = parts.table() + "_r1_1";
    pinot.rest().setState(parts, segment, "OFFLINE");
    try {
      await()
          .atMost(60, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(ownSum()).as("Pinot's own sum").contains(57.0));
      assertThat(pinot.rest().broker(OWN_SUM).path("exceptions"))
          .as("and what it says of it")
          .isEmpty();
      assertIncomplete();
    } finally {
      pinot.rest().setState(parts, segment, "ONLINE");
    }
    pinot.awaitRequests("parts", EXPECTED);
  }

  @Test
  void segmentInError_makesNoShortAnswer() throws Exception {
    String segment = parts.table() + "_r1_0";
    Path deepStore = find(pinot.config().home().pinot().resolve("controller"), segment);
    byte[] packed = Files.readAllBytes(deepStore);
    pinot.stack().kill("pinot-server");
    delete(find(pinot.config().home().pinot().resolve("server").resolve("data"), segment));
    Files.write(deepStore, new byte[] {1, 2, 3});
    pinot.stack().start("pinot-server");
    try {
      await()
          .atMost(90, TimeUnit.SECONDS)
          .until(() -> pinot.rest().stateOf(parts, segment), "ERROR"::equals);
      await()
          .atMost(60, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(ownSum()).as("Pinot's own sum").contains(57.0));
      assertIncomplete();
    } finally {
      Files.write(deepStore, packed);
      pinot.restartServer(Map.of());
    }
    pinot.awaitRequests("parts", EXPECTED);
  }

  /** What the broker says by itself; nothing while no server answers it. */
  private static Optional<Double> ownSum() throws Exception {
    return pinot.rest().ownRows(OWN_SUM).stream()
        .findFirst()
        .map(row -> ((Number) row.get(0)).doubleValue());
  }

  private static void assertIncomplete() {
    assertThatThrownBy(() -> pinot.value("SELECT MEASURE(requests) FROM parts"))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ANSWER_INCOMPLETE))
        .hasMessageContaining("Cannot answer in full");
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static Path find(Path folder, String name) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths
          .filter(p -> p.getFileName().toString().startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  private void assertNeverShort() {
    try {
      Answer answer = gateway.answer("SELECT MEASURE(requests) FROM parts", Mode.MERGED);
      assertThat(answer.rows().get(0).get(0)).isEqualTo(EXPECTED);
    } catch (RecountException e) {
      assertThat(e.code()).isIn(ErrorCode.ANSWER_INCOMPLETE, ErrorCode.PINOT_UNAVAILABLE);
      assertThat(e.getMessage()).doesNotContain("\tat ", "java.");
    }
  }

  @Test
  void killedServer_neverMakesAnAnswerShort() throws Exception {
    pinot.stack().kill("pinot-server");
    assertNeverShort();
    endSession();
    await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () -> {
              JsonNode own = pinot.rest().broker("SELECT SUM(requests) FROM parts_v1");
              return own.path("exceptions").isEmpty() && own.path("resultTable").isMissingNode()
                  || own.path("exceptions").toString().contains("305");
            });
    assertThatThrownBy(() -> pinot.value("SELECT MEASURE(requests) FROM parts"))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ANSWER_INCOMPLETE));
    pinot.stack().start("pinot-server");
    await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () -> {
              assertNeverShort();
              try {
                return pinot.value("SELECT MEASURE(requests) FROM parts").equals(EXPECTED);
              } catch (RecountException e) {
                return false;
              }
            });
  }

  /** As ZooKeeper does when it has heard nothing of the server for long. */
  private static void endSession() throws Exception {
    int port = pinot.config().ports().pinotServer();
    pinot.rest().delete("/zk/delete?path=/recount/LIVEINSTANCES/Server_localhost_" + port);
  }

  /**
   * A server that was started again reads the newest deltas anew, and a new gateway knows nothing.
   */
  @Test
  void deltasReadAnew_neverMakeAnAnswerOfANewGatewayShort() throws Exception {
    ViewPlan plan = Plans.counts("anew");
    pinot.create(plan);
    Cut cut = new Cut(TestingPinot.BASE + 20_000, TestingPinot.GRAIN);
    pinot.publish(
        plan, "r1", cut, 1, List.of(List.of(TestingPinot.row(plan, "method", "m", "requests", 7))));
    List<Map<String, Object>> deltas = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      deltas.add(TestingPinot.row(plan, "method", "m" + i, "requests", 1));
    }
    pinot.delta(plan, TestingPinot.BASE + 40_000, 2, deltas);
    long expected = 7 + deltas.size();
    pinot.awaitRequests("anew", expected);

    pinot.stack().kill("pinot-server");
    CompletableFuture<?> start =
        CompletableFuture.runAsync(() -> pinot.stack().start("pinot-server"));
    Set<Object> answers = new HashSet<>();
    await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () -> {
              answers.addAll(answerOfANewGateway());
              return !answers.isEmpty() && start.isDone();
            });
    assertThat(answers).containsExactly(expected);
  }

  /** Empty if it refuses. */
  private static List<Object> answerOfANewGateway() {
    try (Gateway fresh = new Gateway(pinot.config(), pinot.catalog(), Clock.systemUTC())) {
      return fresh.answer("SELECT MEASURE(requests) FROM anew", Mode.MERGED).rows().get(0);
    } catch (RecountException e) {
      return List.of();
    }
  }
}
