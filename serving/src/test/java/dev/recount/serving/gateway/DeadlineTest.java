package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Mode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A query has one deadline, however its parts fail; nothing of it continues after it. */
class DeadlineTest {
  private static final long CUT = 20_000;
  private static final String TABLE = "slow_v1";
  private static final String SQL = "SELECT MEASURE(requests) FROM slow";

  /** What is scanned for it does not say how many rows there are. */
  private static final String COUNTED = "SELECT method FROM slow GROUP BY method";

  private static final String NOTHING = "{\"exceptions\":[{\"errorCode\":427,\"message\":\"m\"}]}";

  /** What hangs does so until the test is over. */
  private static final Duration SOON = Duration.ofSeconds(60);

  /** The query itself, and a count beside it. */
  private static final int MOST_AT_ONCE = 2;

  @TempDir private static Path home;
  private static SlowPinot pinot;
  private static Catalog catalog;
  private static Gateway gateway;

  /** Leaves the last attempt its time, however slow the machine is. */
  private static Gateway patient;

  @BeforeAll
  static void open() throws Exception {
    pinot = new SlowPinot();
    RecountConfig config = config("1s");
    catalog = Catalog.open(config);
    ViewPlan plan = Plans.traffic("slow");
    catalog.views().add(plan, 1);
    String run = catalog.runs().begin(1, RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
    catalog
        .batch()
        .put(
            new Publication(
                run,
                plan.table(),
                plan.view(),
                plan.version(),
                Publication.SERVING,
                RunRequest.FULL,
                CUT,
                1,
                Json.write(List.of("s")),
                1,
                "[]",
                null,
                null,
                1L));
    gateway = new Gateway(config, catalog, Clock.systemUTC());
    patient = new Gateway(config("4s"), catalog, Clock.systemUTC());
    warmUp();
  }

  private static RecountConfig config(String timeout) {
    return RecountConfig.load(
        home,
        Optional.empty(),
        Map.of(
            "RECOUNT_CATALOG_URL",
            "jdbc:h2:mem:deadline",
            "RECOUNT_SERVING_TIMEOUT",
            timeout,
            "RECOUNT_PINOT_BROKER",
            pinot.url(),
            "RECOUNT_PINOT_CONTROLLER",
            pinot.url()));
  }

  /** So that the first test does not wait for classes to be loaded. */
  private static void warmUp() {
    settle();
    pinot.answer("/query/sql", body -> NOTHING.replace("427", "150"));
    assertThatThrownBy(() -> gateway.answer(SQL, Mode.BATCH)).isInstanceOf(RecountException.class);
  }

  /** A table of one segment on either side. */
  @BeforeEach
  void settleAgain() {
    settle();
  }

  private static void settle() {
    pinot.reset();
    pinot.answer("/debug/timeBoundary/" + TABLE, body -> "{\"timeValue\":" + (CUT - 1) + "}");
    pinot.answer(
        "/debug/routingTable/" + TABLE,
        body -> "{\"slow_v1_OFFLINE\":{\"a\":[\"s\"]},\"slow_v1_REALTIME\":{\"a\":[\"t\"]}}");
    pinot.answer("/query/sql", body -> NOTHING);
    pinot.answer(
        "/tables/" + TABLE + "/idealstate", body -> "{\"REALTIME\":{\"t\":{\"a\":\"CONSUMING\"}}}");
  }

  @AfterAll
  static void close() {
    gateway.close();
    patient.close();
    catalog.close();
    pinot.close();
  }

  /**
   * Has an answer fail that waits for a path which hangs: asked again, it would have more than the
   * one deadline. Where the machine is slow, that may pass before the path is asked; then there is
   * another query.
   */
  private void requireTimeout(String path) {
    Deadline soon = Deadline.after(SOON);
    ThrowingCallable ask = () -> gateway.answer(SQL, Mode.BATCH);
    int queries = 0;
    do {
      queries++;
      assertThatThrownBy(ask)
          .isInstanceOfSatisfying(
              RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_TIMEOUT));
      assertThat(soon.isExpired()).as("took much longer than serving.timeout").isFalse();
    } while (pinot.asked(path) == 0);
    assertThat(pinot.asked(path)).isLessThanOrEqualTo(queries * MOST_AT_ONCE);
  }

  private static boolean isCount(String body) {
    return body.contains("COUNT(*)");
  }

  @Test
  void callsThatHang_areInTheQuerysTime() {
    pinot.answer(
        "/debug/timeBoundary/" + TABLE,
        body -> {
          pinot.hang();
          return "{}";
        });
    requireTimeout("/debug/timeBoundary/" + TABLE);
  }

  @Test
  void answersThatBeginAndNeverEnd_areInTheQuerysTime() {
    pinot.answer("/debug/routingTable/" + TABLE, body -> null);
    requireTimeout("/debug/routingTable/" + TABLE);
  }

  @Test
  void aBrokerThatHangs_isInTheQuerysTime() {
    pinot.answer("/query/sql", body -> null);
    requireTimeout("/query/sql");
  }

  /** Each attempt asks Pinot anew, so there must be few of them. */
  @Test
  void whatDoesNotSettle_isAskedForAFewTimes() {
    pinot.answer("/query/sql", body -> NOTHING);
    assertThatThrownBy(() -> patient.answer(SQL, Mode.BATCH))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ANSWER_INCOMPLETE));
    // Each attempt looks at the routing once; that there are several is AttemptsTest's.
    assertThat(pinot.asked("/debug/routingTable/" + TABLE)).isBetween(1, 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 250, 427})
  void counts_endWithTheirAttempt(int problem) {
    CountDownLatch failed = new CountDownLatch(1);
    AtomicBoolean isCounted = new AtomicBoolean();
    pinot.answer(
        "/query/sql",
        body -> {
          if (!isCount(body)) {
            failed.countDown();
            return NOTHING.replace("427", String.valueOf(problem));
          }
          failed.await();
          Deadline.after(SOON).pause(Duration.ofMillis(200));
          isCounted.set(true);
          return NOTHING;
        });
    assertThatThrownBy(() -> patient.answer(COUNTED, Mode.BATCH))
        .isInstanceOf(RecountException.class);
    assertThat(isCounted).as("the count is over").isTrue();
  }
}
