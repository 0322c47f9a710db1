package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.Deadline;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.text.TextQuery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Text is found by a real Pinot in what batch and what speed holds, by the same rules. */
@ExtendWith(PinotExtension.class)
class TextMatchIT {
  private static final List<String> BIOS =
      List.of(
          "The Java of old, and Apache Spark",
          "Java without the other",
          "Apache Spark; not Scala",
          "C++ and Node.js");

  /** Each person once in batch and once in speed, and one of each without a bio. */
  private static void fill(TestingPinot pinot, ViewPlan plan) throws Exception {
    pinot.create(plan);
    Cut cut = new Cut(TestingPinot.BASE, TestingPinot.GRAIN);
    pinot.publish(plan, "r1", cut, 1, List.of(rows(plan, "batch")));
    pinot.delta(plan, cut.boundaryMs(), 1, rows(plan, "speed"));
    Deadline.after(Duration.ofMinutes(3))
        .require(
            "all people of " + plan.view(),
            Duration.ofMillis(100),
            () -> count(pinot, plan, "").equals(2L * BIOS.size() + 2));
  }

  private static List<Map<String, Object>> rows(ViewPlan plan, String side) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String bio : BIOS) {
      rows.add(TestingPinot.row(plan, "name", side + rows.size(), "bio", bio, "n", 1));
    }
    rows.add(TestingPinot.row(plan, "name", side + rows.size(), "n", 1));
    return rows;
  }

  private static Long count(TestingPinot pinot, ViewPlan plan, String where) {
    try {
      return (Long) pinot.value("SELECT MEASURE(n) FROM " + plan.view() + where);
    } catch (RecountException e) {
      if (e.code() == ErrorCode.ANSWER_INCOMPLETE) {
        return -1L;
      }
      throw e;
    }
  }

  private static Long matches(TestingPinot pinot, ViewPlan plan, String text, Mode mode) {
    String sql = "SELECT MEASURE(n) FROM " + plan.view() + " WHERE TEXT_MATCH(bio, '" + text + "')";
    return (Long) pinot.gateway().answer(sql, mode).rows().get(0).get(0);
  }

  @Test
  void batchAndSpeed_findTheSame(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.people("people");
    fill(pinot, plan);
    Deadline.after(Duration.ofMinutes(3))
        .require(
            "Lucene to see the deltas",
            Duration.ofMillis(50),
            () -> matches(pinot, plan, "*:*", Mode.SPEED) == BIOS.size());
    for (String text :
        List.of(
            "java",
            "the AND java",
            "+java -spark",
            "\"apache spark\"",
            "ja* OR node.js",
            "/sp.*k/",
            "c",
            "null",
            "[m TO o]",
            "*:* -java")) {
      TextQuery query = TextQuery.parse(text);
      long expected = BIOS.stream().filter(query::matches).count();
      for (Mode side : List.of(Mode.BATCH, Mode.SPEED)) {
        assertThat(matches(pinot, plan, text, side)).as("%s in %s", text, side).isEqualTo(expected);
      }
      assertThat(matches(pinot, plan, text, Mode.MERGED)).isEqualTo(2 * expected);
      assertThat(count(pinot, plan, " WHERE NOT TEXT_MATCH(bio, '" + text + "')"))
          .as("NOT %s", text)
          .isEqualTo(2 * (BIOS.size() - expected));
    }
  }

  @Test
  void latestValue_isWhatMatches(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.skills("skills");
    pinot.create(plan);
    Cut cut = new Cut(TestingPinot.BASE, TestingPinot.GRAIN);
    pinot.publish(
        plan,
        "r1",
        cut,
        1,
        List.of(
            List.of(
                skills(plan, "forgot", "Java", 1),
                skills(plan, "learnt", "Cobol", 1),
                skills(plan, "late", "Go", 3),
                skills(plan, "always", "the Java", 1))));
    pinot.delta(
        plan,
        cut.boundaryMs(),
        1,
        List.of(
            skills(plan, "forgot", "Cobol", 2),
            skills(plan, "learnt", "Java, Go", 2),
            skills(plan, "late", "Java", 2)));
    String select = "SELECT name FROM skills GROUP BY name HAVING ";
    Deadline.after(Duration.ofMinutes(3))
        .require(
            "the users who know Java",
            Duration.ofMillis(100),
            () ->
                pinot
                    .rows(select + "TEXT_MATCH(MEASURE(skills), 'java') ORDER BY name")
                    .equals(List.of(List.of("always"), List.of("learnt"))));
    assertThat(
            pinot.rows(
                select
                    + "MEASURE(edits) > 1 AND TEXT_MATCH(MEASURE(skills), 'java') ORDER BY name"))
        .containsExactly(List.of("learnt"));
    assertThat(pinot.rows(select + "NOT TEXT_MATCH(MEASURE(skills), 'java') ORDER BY name"))
        .containsExactly(List.of("forgot"), List.of("late"));
    assertThat(pinot.rows(select + "TEXT_MATCH(MEASURE(skills), 'pascal')")).isEmpty();
  }

  private static Map<String, Object> skills(ViewPlan plan, String name, String skills, long time) {
    return TestingPinot.row(
        plan, "name", name, "skills", skills, "skills__rank", 2 * time + 1, "edits", 1);
  }

  @Test
  void queriesAtOnce_doNotReadEachOthersWords(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.people("people_at_once");
    fill(pinot, plan);
    Deadline.after(Duration.ofMinutes(3))
        .require(
            "Lucene to see the deltas",
            Duration.ofMillis(50),
            () -> matches(pinot, plan, "*:*", Mode.SPEED) == BIOS.size());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Void>> all = new ArrayList<>();
      for (String text : List.of("java", "scala", "nothing", "+apache +spark +scala")) {
        long expected = 2 * BIOS.stream().filter(TextQuery.parse(text)::matches).count();
        Callable<Void> asking =
            () -> {
              for (int i = 0; i < 15; i++) {
                assertThat(matches(pinot, plan, text, Mode.MERGED)).as(text).isEqualTo(expected);
              }
              return null;
            };
        all.add(threads.submit(asking));
      }
      for (Future<Void> asked : all) {
        asked.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void answer_saysHowLateTextIs_andWhatCannotBeSearched(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.people("people_said");
    pinot.create(plan);
    Gateway gateway = pinot.gateway();
    String ask = "SELECT MEASURE(n) FROM people_said WHERE ";
    assertThat(gateway.answer(ask + "name = 'x'", Mode.MERGED).provenance().speed().textDelayMs())
        .isNull();
    assertThat(
            gateway
                .answer(ask + "TEXT_MATCH(bio, 'java')", Mode.MERGED)
                .provenance()
                .speed()
                .textDelayMs())
        .isGreaterThanOrEqualTo(Finder.TEXT_DELAY.toMillis());
    assertThatThrownBy(() -> gateway.answer(ask + "TEXT_MATCH(name, 'java')", Mode.MERGED))
        .hasMessageContaining("-- @index name text");
    assertThatThrownBy(() -> gateway.answer(ask + "TEXT_MATCH(n, 'java')", Mode.MERGED))
        .hasMessageContaining("HAVING TEXT_MATCH(MEASURE(n)");
    assertThatThrownBy(() -> gateway.answer(ask + "TEXT_MATCH(bio, name)", Mode.MERGED))
        .hasMessageContaining("write TEXT_MATCH(column, 'query')");
    assertThatThrownBy(() -> gateway.answer(ask + "TEXT_MATCH(bio, '(java')", Mode.MERGED))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_SYNTAX));
  }
}
