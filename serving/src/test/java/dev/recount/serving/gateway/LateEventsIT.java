package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.core.cut.Cut;
import dev.recount.core.letter.DeadLetter;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.pinot.Mode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** What answers say of late events and of rejected ones, on a real Pinot and Kafka. */
@ExtendWith(PinotExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LateEventsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long STEP = TestingPinot.GRAIN.toMillis();
  private static final long HOUR = Duration.ofHours(1).toMillis();

  /** In the middle of an hour, which has not ended then. */
  private static final long CUT = TestingPinot.BASE + HOUR / 2;

  private TestingPinot pinot;
  private ViewPlan late;

  @BeforeAll
  void fill(TestingPinot running) throws Exception {
    pinot = running;
    late = withTime(Plans.traffic("late"));
    pinot.create(late);
    pinot.publish(
        late,
        "l1",
        new Cut(CUT, TestingPinot.GRAIN),
        1,
        List.of(List.of(row(TestingPinot.BASE - HOUR, "GET", 100))));
    pinot.delta(late, CUT - STEP, 1, List.of(row(TestingPinot.BASE - HOUR, "GET", 50)));
    pinot.delta(
        late,
        CUT + STEP,
        2,
        List.of(
            row(TestingPinot.BASE - 2 * HOUR, "GET", 3),
            row(TestingPinot.BASE - HOUR, "POST", 4),
            row(TestingPinot.BASE, "GET", 20),
            row(TestingPinot.BASE + HOUR, "GET", 30)));
    pinot.awaitRequests("late", 157);
  }

  /** As the planner makes it: by the hour, and with one measure that counts every event. */
  private static ViewPlan withTime(ViewPlan plan) {
    return new ViewPlan(
        plan.view(),
        1,
        "rejected_view",
        "SELECT date_trunc('HOUR', event_time) AS hour, method FROM rejected_view",
        Map.of("time", "hour"),
        List.of(),
        plan.dimensions(),
        plan.measures(),
        null,
        List.of("requests"));
  }

  private Map<String, Object> row(long hour, String method, int requests) {
    return TestingPinot.row(late, "hour", hour, "method", method, "requests", requests);
  }

  private Provenance ask(String where, Mode mode, Options options) {
    String sql = "SELECT MEASURE(requests) FROM late" + where;
    return pinot.gateway().answer(Question.sql(sql, mode).with(options)).provenance();
  }

  private Long lateEvents(String where, Mode mode) {
    return ask(where, mode, Options.NONE).speed().lateEvents();
  }

  @Test
  void lateEvents_areThoseThatTheAnswerCounts_ofHoursThatHadEnded() {
    assertThat(lateEvents("", Mode.MERGED)).isEqualTo(7);
    assertThat(lateEvents("", Mode.SPEED)).isEqualTo(7);
    assertThat(lateEvents(" WHERE method = 'POST'", Mode.MERGED)).isEqualTo(4);
    assertThat(lateEvents(" WHERE hour >= '2025-12-31T23:00:00Z'", Mode.MERGED)).isEqualTo(4);
    assertThat(lateEvents(" WHERE hour >= '2026-01-01T00:00:00Z'", Mode.MERGED)).isZero();
    assertThat(lateEvents(" WHERE method = 'PUT'", Mode.MERGED)).isZero();
    assertThat(lateEvents("", Mode.DELTAS)).as("of deltas there is no cut").isNull();
    assertThat(ask("", Mode.BATCH, Options.NONE).speed()).isNull();
    Options asOf = Options.NONE.asOf(Instant.ofEpochMilli(CUT + STEP));
    assertThat(ask("", Mode.MERGED, asOf).speed().lateEvents()).as("before they came").isZero();
  }

  @Test
  void batch_saysWhenItWasPublished() {
    assertThat(ask("", Mode.MERGED, Options.NONE).batch().finished())
        .isEqualTo(
            Instant.ofEpochMilli(
                pinot.catalog().batch().serving(late.table()).orElseThrow().publishedMs()));
  }

  @Test
  void viewWithoutATime_cannotSay() throws Exception {
    ViewPlan plan = pinot.view("timeless");
    pinot.publish(
        plan,
        "t1",
        new Cut(CUT, TestingPinot.GRAIN),
        1,
        List.of(List.of(TestingPinot.row(plan, "hour", 1L, "requests", 1))));
    pinot.awaitRequests("timeless", 1);
    Provenance provenance =
        pinot.gateway().answer("SELECT MEASURE(requests) FROM timeless", Mode.MERGED).provenance();
    assertThat(provenance.speed().lateEvents()).isNull();
  }

  /** A run that covers what came late, and what was rejected, leaves none of either. */
  @Test
  void afterABatchRun_thereAreNone() throws Exception {
    ViewPlan plan =
        new ViewPlan(
            "late_once",
            1,
            "rejected_once",
            late.sql(),
            late.header(),
            List.of(),
            late.dimensions(),
            late.measures(),
            null,
            late.rowCounts());
    pinot.create(plan);
    Map<String, Object> row =
        TestingPinot.row(plan, "hour", TestingPinot.BASE - HOUR, "method", "GET", "requests", 6);
    pinot.publish(plan, "o1", new Cut(CUT, TestingPinot.GRAIN), 1, List.of());
    pinot.delta(plan, CUT + STEP, 1, List.of(row));
    pinot.awaitRequests("late_once", 6);
    reject("rejected_once", 5);
    reject("rejected_other", 2);
    await(plan, 6L, 5L);
    long now = Clock.systemUTC().millis() + STEP;
    pinot.publish(
        plan, "o2", new Cut(now - now % STEP, TestingPinot.GRAIN), 2, List.of(List.of(row)));
    await(plan, 0L, 0L);
  }

  private void await(ViewPlan plan, long lateEvents, long letters) {
    Deadline.after(PATIENCE)
        .require(
            lateEvents + " late events and " + letters + " dead letters",
            POLL,
            () -> {
              try {
                Provenance found =
                    pinot
                        .gateway()
                        .answer("SELECT MEASURE(requests) FROM " + plan.view(), Mode.MERGED)
                        .provenance();
                return Optional.of(lateEvents)
                        .equals(Optional.ofNullable(found.speed().lateEvents()))
                    && Optional.of(letters)
                        .equals(Optional.ofNullable(found.deadLettersSinceCut()));
              } catch (RecountException e) {
                return false;
              }
            });
  }

  private void reject(String event, int count) throws Exception {
    KafkaClients kafka = KafkaClients.of(pinot.config());
    try (Admin admin = kafka.admin(PATIENCE);
        KafkaProducer<byte[], byte[]> producer = kafka.producer(Map.of())) {
      if (!admin.listTopics().names().get().contains(Topics.DEAD_LETTERS)) {
        NewTopic topic = new NewTopic(Topics.DEAD_LETTERS, 1, (short) 1);
        admin
            .createTopics(List.of(topic.configs(Map.of("message.timestamp.type", "LogAppendTime"))))
            .all()
            .get();
      }
      for (int i = 0; i < count; i++) {
        RecountException reason = new RecountException(ErrorCode.EVENT_UNDECODABLE, "no");
        DeadLetter letter =
            DeadLetter.of(
                event,
                reason,
                DeadLetter.Source.topic(0, i),
                new byte[] {1},
                1,
                100,
                Clock.systemUTC());
        producer.send(letter.toRecord()).get();
      }
      // The archive writer writes a letter again if it was stopped before its file was whole.
      producer
          .send(
              DeadLetter.of(
                      event,
                      new RecountException(ErrorCode.EVENT_UNDECODABLE, "no"),
                      DeadLetter.Source.topic(0, count - 1),
                      new byte[] {1},
                      1,
                      100,
                      Clock.systemUTC())
                  .toRecord())
          .get();
    }
  }
}
