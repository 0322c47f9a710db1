package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.pinot.Mode;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where Pinot gives too few groups or wrong numbers (design, 2.7), the gateway does not. */
@ExtendWith(PinotExtension.class)
class ExactAnswersIT {
  /** In each of the two segments of a batch, and in speed, more than Pinot keeps by itself. */
  private static final int GROUPS = 220_000;

  private static final long BIG = (1L << 53) + 1;

  private static TestingPinot pinot;
  private static Gateway gateway;
  private static ViewPlan many;
  private static long total;

  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    gateway = running.gateway();
    many = Plans.counts("many");
    pinot.create(many);
    List<Map<String, Object>> early =
        rows(GROUPS, i -> TestingPinot.row(many, "method", "m" + i, "requests", 1 + i % 7));
    List<Map<String, Object>> late =
        rows(GROUPS, i -> TestingPinot.row(many, "method", "m" + (GROUPS - 1 - i), "requests", 1));
    Cut cut = new Cut(TestingPinot.BASE + 20_000, TestingPinot.GRAIN);
    pinot.publish(
        many,
        "r1",
        cut,
        1,
        List.of(early.subList(0, GROUPS / 2), early.subList(GROUPS / 2, GROUPS)));
    pinot.delta(many, TestingPinot.BASE + 30_000, 1, late);
    total = early.stream().mapToLong(r -> ((Number) r.get("requests")).longValue()).sum() + GROUPS;
    pinot.awaitRequests("many", total);
  }

  @AfterAll
  static void drop() throws Exception {
    pinot.drop(many);
  }

  private static List<Map<String, Object>> largeRows(ViewPlan plan) {
    return List.of(
        TestingPinot.row(
            plan,
            "hour",
            0L,
            "method",
            "A",
            "requests",
            1,
            "bytes",
            BIG,
            "bytes__count",
            1,
            "min_bytes",
            BIG,
            "max_bytes",
            BIG,
            "avg_bytes__sum",
            BIG,
            "avg_bytes__count",
            1),
        TestingPinot.row(
            plan,
            "hour",
            1L,
            "method",
            "A",
            "requests",
            1,
            "bytes",
            1L,
            "bytes__count",
            1,
            "min_bytes",
            BIG + 2,
            "max_bytes",
            BIG - 2),
        TestingPinot.row(
            plan, "hour", 0L, "method", "B", "requests", 1, "bytes", 1L << 60, "bytes__count", 1),
        TestingPinot.row(
            plan, "hour", 1L, "method", "B", "requests", 1, "bytes", 1L, "bytes__count", 1),
        TestingPinot.row(
            plan,
            "hour",
            2L,
            "method",
            "B",
            "requests",
            1,
            "bytes",
            -(1L << 60),
            "bytes__count",
            1));
  }

  @Test
  void wholeNumbersBeyondDouble_areExact() throws Exception {
    ViewPlan plan = pinot.view("large");
    pinot.delta(plan, TestingPinot.BASE + 10_000, 1, largeRows(plan));
    pinot.awaitRequests("large", 5);
    assertThat(
            pinot.rows(
                "SELECT method, MEASURE(bytes), MEASURE(min_bytes), MEASURE(max_bytes) FROM large GROUP BY method ORDER BY method"))
        .containsExactly(
            List.of("A", BIG + 1, BIG, BIG), java.util.Arrays.asList("B", 1L, null, null));
    assertThat(pinot.value("SELECT MEASURE(max_bytes) FROM large")).isEqualTo(BIG);
    List<Object> own =
        pinot
            .rest()
            .ownRows("SELECT SUM(bytes), MAX(max_bytes) FROM large_v1 WHERE method = 'A'")
            .get(0);
    assertThat(((Number) own.get(0)).doubleValue())
        .as("Pinot's own sum")
        .isNotEqualTo((double) (BIG + 1));
    assertThat(((Number) own.get(1)).longValue()).as("Pinot's own maximum").isNotEqualTo(BIG);
  }

  @Test
  void manyGroups_areAllKept() {
    Answer all =
        gateway.answer(
            "SELECT method, MEASURE(requests) AS n FROM many GROUP BY method LIMIT 400000",
            Mode.MERGED);
    assertThat(all.rows()).hasSize(GROUPS);
    assertThat(all.rows().stream().mapToLong(r -> (Long) r.get(1)).sum()).isEqualTo(total);
    assertThat(pinot.label(all.provenance().batch().runId())).isEqualTo("r1");
    assertThat(all.provenance().batch().from()).isNull();
    assertThat(all.provenance().batch().rows()).isEqualTo(GROUPS);
    assertThat(all.provenance().speed().rows()).isEqualTo(GROUPS);
  }

  @Test
  void topAndHaving_seeAllGroups() {
    List<List<Object>> top =
        pinot.rows(
            "SELECT method, MEASURE(requests) AS n FROM many GROUP BY method ORDER BY n DESC LIMIT 10");
    assertThat(top).hasSize(10).allSatisfy(r -> assertThat(r.get(1)).isEqualTo(8L));

    List<List<Object>> having =
        pinot.rows(
            "SELECT method, MEASURE(requests) AS n FROM many GROUP BY method HAVING n = 2 LIMIT 10");
    assertThat(having).hasSize(10).allSatisfy(r -> assertThat(r.get(1)).isEqualTo(2L));
    assertThat(
            pinot.rows(
                "SELECT method, MEASURE(requests) FROM many GROUP BY method HAVING MEASURE(requests) = 2 LIMIT 100000"))
        .hasSize((GROUPS + 6) / 7);
  }

  @Test
  void noLimit_isCutAndSaysSo() throws Exception {
    Answer cut100k = gateway.answer("SELECT method FROM many GROUP BY method", Mode.MERGED);
    assertThat(cut100k.rows()).hasSize(pinot.config().serving().defaultLimit());
    assertThat(cut100k.provenance().truncated()).isTrue();

    assertThat(
            pinot
                .rest()
                .broker("SELECT method FROM many_v1 GROUP BY method")
                .path("resultTable")
                .path("rows"))
        .as("Pinot's own answer without LIMIT")
        .hasSize(10);
  }

  /** Group m(i) has 1 + i % 7 requests in the batch and one in the speed layer. */
  private static long requests(Object method) {
    return 2 + Long.parseLong(method.toString().substring(1)) % 7;
  }

  @Test
  void groupsWithoutOrder_haveTheirWholeSums() throws Exception {
    assertThat(
            pinot
                .rest()
                .ownRows(
                    "SET minServerGroupTrimSize = 5000; SELECT method, SUM(requests) FROM many_v1"
                        + " GROUP BY method LIMIT 10"))
        .as("Pinot's own sums, with its default")
        .anySatisfy(
            row ->
                assertThat(((Number) row.get(1)).longValue()).isNotEqualTo(requests(row.get(0))));
    assertThat(pinot.rows("SELECT method, MEASURE(requests) FROM many GROUP BY method LIMIT 10"))
        .hasSize(10)
        .allSatisfy(row -> assertThat(row.get(1)).isEqualTo(requests(row.get(0))));
  }

  /** Twenty groups that lead only in the sum of both layers, among 12,000 that lead in one. */
  @Test
  void groupsThatLeadInNeitherLayer_areFound() throws Exception {
    ViewPlan plan = Plans.counts("ranked");
    pinot.create(plan);
    List<Map<String, Object>> batch = new ArrayList<>(requests(plan, "b", 12_000, 1000));
    batch.addAll(requests(plan, "top", 20, 600));
    List<Map<String, Object>> speed = new ArrayList<>(requests(plan, "s", 12_000, 1000));
    speed.addAll(requests(plan, "top", 20, 600));
    Cut cut = new Cut(TestingPinot.BASE + 20_000, TestingPinot.GRAIN);
    pinot.publish(plan, "r1", cut, 1, List.of(batch));
    pinot.delta(plan, TestingPinot.BASE + 30_000, 1, speed);
    pinot.awaitRequests("ranked", 2 * (12_000 * 1000L + 20 * 600L));

    String select = "SELECT method, SUM(requests) AS n FROM ranked_v1 GROUP BY method ";
    assertThat(
            pinot
                .rest()
                .ownRows(
                    "SET minServerGroupTrimSize = 5000; " + select + "ORDER BY n DESC LIMIT 10"))
        .as("Pinot's own top, with its default")
        .noneSatisfy(row -> assertThat(((Number) row.get(1)).longValue()).isEqualTo(1200L));
    assertThat(pinot.rest().ownRows(select + "HAVING SUM(requests) = 1200 LIMIT 20"))
        .as("Pinot's own HAVING")
        .hasSizeLessThan(20);

    String measured = "SELECT method, MEASURE(requests) AS n FROM ranked GROUP BY method ";
    for (String options : List.of("", "SET minServerGroupTrimSize = 5000; ")) {
      assertThat(pinot.rows(options + measured + "ORDER BY n DESC LIMIT 20"))
          .hasSize(20)
          .allSatisfy(row -> assertThat(row.get(1)).isEqualTo(1200L));
    }
    assertThat(pinot.rows(measured + "HAVING n = 1200 LIMIT 20")).hasSize(20);
  }

  /** The same among so many groups that a broker drops some unless it is told not to. */
  @Test
  void groupsThatLeadInNeitherLayer_areFoundAmongMoreThanAMillion() throws Exception {
    ViewPlan plan = Plans.counts("million");
    pinot.create(plan);
    int parts = 10;
    int decoys = 100_000;
    List<List<Map<String, Object>>> batch = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      batch.add(requests(plan, "b" + part + "_", decoys, 1000));
    }
    batch.add(requests(plan, "top", 20, 600));
    Cut cut = new Cut(TestingPinot.BASE + 20_000, TestingPinot.GRAIN);
    pinot.publish(plan, "r1", cut, 1, batch);
    List<Map<String, Object>> speed = new ArrayList<>(requests(plan, "s", decoys / 5, 1000));
    speed.addAll(requests(plan, "top", 20, 600));
    pinot.delta(plan, TestingPinot.BASE + 30_000, 1, speed);
    pinot.awaitRequests("million", (parts * decoys + decoys / 5) * 1000L + 2 * 20 * 600L);

    assertThat(
            pinot.rows(
                "SELECT method, MEASURE(requests) AS n FROM million GROUP BY method"
                    + " ORDER BY n DESC LIMIT 20"))
        .hasSize(20)
        .allSatisfy(row -> assertThat(row.get(1)).isEqualTo(1200L));
    pinot.drop(plan);
  }

  private static List<Map<String, Object>> requests(
      ViewPlan plan, String name, int groups, int requests) {
    return rows(groups, i -> TestingPinot.row(plan, "method", name + i, "requests", requests));
  }

  /** Made when they are asked for: all of them would take some gigabytes. */
  private static List<Map<String, Object>> rows(int count, IntFunction<Map<String, Object>> row) {
    return new AbstractList<>() {
      @Override
      public Map<String, Object> get(int index) {
        return row.apply(index);
      }

      @Override
      public int size() {
        return count;
      }
    };
  }

  @Test
  void modes_splitAtTheCut() {
    long all = (Long) pinot.value("SELECT MEASURE(requests) FROM many");
    long batch =
        (Long)
            gateway.answer("SELECT MEASURE(requests) FROM many", Mode.BATCH).rows().get(0).get(0);
    long speed =
        (Long)
            gateway.answer("SELECT MEASURE(requests) FROM many", Mode.SPEED).rows().get(0).get(0);
    assertThat(batch + speed).isEqualTo(all);
    assertThat(
            pinot.value(
                "SELECT MEASURE(requests) FROM many WHERE _arrived < "
                    + (TestingPinot.BASE + 20_000)))
        .isEqualTo(batch);
    assertThat(
            pinot.value(
                "SELECT MEASURE(requests) FROM many WHERE _arrived >= "
                    + (TestingPinot.BASE + 20_000)))
        .isEqualTo(speed);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM many WHERE _arrived < 5")).isEqualTo(0L);
  }

  @Test
  void moreGroupsThanAServerKeeps_isAnError() throws Exception {
    String all = "SELECT method, MEASURE(requests) FROM many GROUP BY method LIMIT 400000";
    assertThat(pinot.rows(all)).hasSize(GROUPS);
    pinot.restartServer(Map.of("RECOUNT_PINOT_GROUPS_LIMIT", "60000"));
    try {
      awaitServed("many");
      JsonNode own =
          pinot
              .rest()
              .broker("SELECT method, SUM(requests) FROM many_v1 GROUP BY method LIMIT 400000");
      assertThat(own.path("exceptions")).as("what Pinot itself says").isEmpty();
      assertThat(own.path("resultTable").path("rows").size()).isLessThan(GROUPS);
      assertThatThrownBy(() -> pinot.rows(all))
          .isInstanceOfSatisfying(
              RecountException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_GROUPS))
          .hasMessageContaining("pinot.groups-limit");
    } finally {
      pinot.restartServer(Map.of());
    }
    awaitServed("many");
    assertThat(pinot.rows(all)).hasSize(GROUPS);
  }

  private static void awaitServed(String view) {
    await()
        .atMost(90, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> pinot.value("SELECT MEASURE(requests) FROM " + view) != null);
  }
}
