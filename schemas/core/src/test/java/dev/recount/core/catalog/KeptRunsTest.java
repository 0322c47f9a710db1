package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.Json;
import dev.recount.core.view.ScheduledMode;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of a view's runs, and which of them may be served again, on a real H2 server. */
class KeptRunsTest extends CatalogOnH2 {
  private static final String TABLE = "hits_v1";
  private static final Instant NOW = Instant.parse("2026-03-28T10:30:00Z");

  private KeptRuns kept;

  @BeforeEach
  void addViews() {
    for (String view : List.of("hits", "clicks")) {
      catalog
          .views()
          .add(new ViewPlan(view, 1, "hit", "SELECT 1", Map.of(), List.of(), List.of()), 0);
      catalog.views().wholeSince(view, 1, 0);
    }
    kept = new KeptRuns(catalog, config, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static long minutesAgo(int minutes) {
    return NOW.minus(Duration.ofMinutes(minutes)).toEpochMilli();
  }

  private String begin(String view, String mode) {
    RunView due = RunView.due(view, view + "_v1", mode);
    return catalog.runs().begin(1_000, mode, RunRequest.HAND, 0, "here", 1, List.of(due));
  }

  private Publication publication(String run, String status, long cutMs, String rolledBackTo) {
    BatchPart part = new BatchPart(rolledBackTo == null ? run : rolledBackTo, 0, cutMs, 5, 99, 1);
    return new Publication(
        run,
        TABLE,
        "hits",
        1,
        status,
        rolledBackTo == null ? RunRequest.FULL : Publication.ROLLBACK,
        cutMs,
        5,
        "[\"a\"]",
        1,
        Json.write(List.of(part)),
        "l",
        null,
        1L,
        rolledBackTo,
        null);
  }

  private String publish(int cutMinutesAgo) {
    String run = begin("hits", RunRequest.FULL);
    catalog.batch().put(publication(run, Publication.SERVING, minutesAgo(cutMinutesAgo), null));
    return run;
  }

  private String rollBack(String to) {
    String run = begin("hits", Publication.ROLLBACK);
    long cutMs = catalog.batch().find(to, TABLE).orElseThrow().cutMs();
    catalog.batch().put(publication(run, Publication.SERVING, cutMs, to));
    return run;
  }

  private KeptRuns.Target require(String run) {
    return kept.require(kept.view("hits"), run, p -> Optional.empty());
  }

  private void assertRefused(String run, ErrorCode code, String reason) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> require(run))
        .withMessageStartingWith("Cannot roll back view 'hits' to run '" + run + "': ")
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }

  private List<KeptRun> list() {
    return kept.list(kept.view("hits"), p -> Optional.empty());
  }

  @Test
  void rollBackAndForward_keepTheSameRuns_andTheDeltasOfThemAll() {
    String first = publish(50);
    String second = publish(40);
    String third = publish(30);
    String fourth = publish(20);
    assertThat(list()).extracting(KeptRun::run).containsExactly(fourth, third, second);
    assertThat(list()).extracting(KeptRun::canRollBack).containsExactly(false, true, true);
    assertThat(catalog.batch().keptRuns(TABLE, 3)).containsExactlyInAnyOrder(second, third, fourth);

    String back = rollBack(second);
    assertThat(list()).extracting(KeptRun::run).containsExactly(fourth, third, second);
    assertThat(list().get(2).rolledBackBy()).isEqualTo(back);
    assertThat(list()).extracting(KeptRun::serving).containsExactly(false, false, true);
    assertThat(require(second).isServing()).isTrue();
    assertThat(require(back).publication().runId()).as("what it went back to").isEqualTo(second);
    assertThat(catalog.batch().keptRuns(TABLE, 3))
        .containsExactlyInAnyOrder(second, third, fourth, back);

    String forward = rollBack(require(fourth).publication().runId());
    assertThat(list()).extracting(KeptRun::run).containsExactly(fourth, third, second);
    assertThat(catalog.batch().keptRuns(TABLE, 3))
        .containsExactlyInAnyOrder(second, third, fourth, forward);
    assertThat(catalog.batch().oldestCutMs(TABLE, 3)).contains(minutesAgo(40));
    assertRefused(first, ErrorCode.ROLLBACK_REFUSED, "one of the newest 3");

    String fifth = publish(10);
    assertThat(list()).extracting(KeptRun::run).containsExactly(fifth, fourth, third);
    assertThat(catalog.batch().keptRuns(TABLE, 3)).containsExactlyInAnyOrder(third, fourth, fifth);
    assertRefused(back, ErrorCode.ROLLBACK_REFUSED, "one of the newest 3");
  }

  @Test
  void rollBackToTheOldestRun_isServedThoughItIsNotAmongTheNewest() {
    String first = publish(50);
    publish(40);
    String back = rollBack(first);
    assertThat(catalog.batch().keptRuns(TABLE, 1)).contains(first, back);
    catalog.batch().forgetNames(TABLE, 1);
    earlier();
    catalog.runs().prune(Duration.ofMinutes(30), 1);
    assertThat(catalog.batch().serving(TABLE).orElseThrow().parts())
        .extracting(BatchPart::runId)
        .containsExactly(first);
  }

  private void earlier() {
    catalog.sql().update("UPDATE batch_run SET status = 'SUCCEEDED'", Map.of());
    catalog.sql().update("UPDATE batch_run SET noted = noted - INTERVAL '3600' SECOND", Map.of());
  }

  @Test
  void whatNobodyPublished_isRefusedWithTheReason() {
    String served = publish(30);
    assertRefused("20240501T120000000", ErrorCode.NOT_FOUND, "the history has none of that name");
    assertRefused(
        begin("clicks", RunRequest.FULL), ErrorCode.ROLLBACK_REFUSED, "of other views: clicks");
    assertRefused(begin("hits", RunRequest.FULL), ErrorCode.ROLLBACK_REFUSED, "it is under way");
    String failed = begin("hits", RunRequest.FULL);
    catalog.batch().put(publication(failed, Publication.FAILED, minutesAgo(20), null));
    assertRefused(failed, ErrorCode.ROLLBACK_REFUSED, "were never served");
    String publishing = begin("hits", RunRequest.FULL);
    catalog.batch().put(publication(publishing, Publication.PUBLISHING, minutesAgo(20), null));
    assertRefused(publishing, ErrorCode.ROLLBACK_REFUSED, "it is being published");
    assertThat(require(served).isServing()).isTrue();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> kept.view("hit"))
        .withMessageContaining("did you mean 'hits'?");
    assertThat(kept.view("hits@1").plan().table()).isEqualTo(TABLE);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> kept.view("hits@2"))
        .withMessageContaining("did you mean 'hits@1'?");
  }

  @Test
  void whatIsNotThereAnyMore_isRefused_andListedWithTheReason() {
    String old = publish(30);
    publish(20);
    assertThat(require(old).isServing()).isFalse();

    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> kept.require(kept.view("hits"), old, p -> Optional.of("no rows")))
        .withMessageContaining("no rows");

    catalog.audits().dropping(TABLE, minutesAgo(30));
    assertThat(require(old).isServing()).as("what it needs is there").isFalse();
    catalog.audits().dropping(TABLE, minutesAgo(29));
    assertRefused(old, ErrorCode.ROLLBACK_REFUSED, "are gone up to 2026-03-28T10:01:00Z");
    assertThat(list().get(1).canRollBack()).isFalse();
    assertThat(list().get(1).reason()).contains("are gone up to");
  }

  @Test
  void speedThatDoesNotReachBack_refuses() {
    String old = publish(30);
    publish(20);
    catalog.views().setAside("hits", 1, "it divides by zero", 1);
    assertRefused(old, ErrorCode.ROLLBACK_REFUSED, "does not hold the view now");
    catalog.views().wholeSince("hits", 1, minutesAgo(25));
    assertRefused(old, ErrorCode.ROLLBACK_REFUSED, "only since 2026-03-28T10:05:00Z");

    Clock later = Clock.fixed(NOW.plus(Duration.ofDays(7)), ZoneOffset.UTC);
    catalog.views().setAside("hits", 1, "again", 1);
    catalog.views().wholeSince("hits", 1, 0);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () ->
                new KeptRuns(catalog, config, later)
                    .require(kept.view("hits"), old, p -> Optional.empty()))
        .withMessageContaining("deltas are kept: 7 days (speed.retention)");
  }

  /** Events that were erased must not come back. */
  @Test
  void runFromBeforeAnErasure_isRefused_untilAndAfterTheFullRun() {
    String before = publish(40);
    String between = publish(30);
    catalog.batch().requireFull(TABLE, "2 events of 'hit' were erased");
    assertRefused(before, ErrorCode.ROLLBACK_REFUSED, "the full run that this asks for is pending");

    FullRunDue due = catalog.batch().fullRunDue(TABLE).orElseThrow();
    String after = publish(20);
    catalog.batch().fullRunDone(due, after);
    assertRefused(before, ErrorCode.ROLLBACK_REFUSED, "since then 2 events of 'hit' were erased");
    assertRefused(between, ErrorCode.ROLLBACK_REFUSED, "since then 2 events of 'hit' were erased");
    publish(10);
    assertThat(require(after).isServing()).isFalse();
  }

  @Test
  void rollBack_pausesTheSchedule_andDropsWhatItHadAskedFor() {
    String old = publish(30);
    publish(20);
    ScheduleCatalog.Due due = new ScheduleCatalog.Due("hits", NOW, 0, null);
    assertThat(catalog.schedules().due(due, ScheduledMode.FULL)).isTrue();
    catalog.requests().add("clicks", RunRequest.FULL, RunRequest.SCHEDULE);

    String failing = begin("hits", Publication.ROLLBACK);
    catalog.batch().put(publication(failing, Publication.PUBLISHING, minutesAgo(30), old));
    catalog.batch().put(publication(failing, Publication.FAILED, minutesAgo(30), old));
    assertThat(catalog.schedules().find("hits").orElseThrow().paused()).isFalse();
    assertThat(catalog.requests().pending()).hasSize(2);

    rollBack(old);
    assertThat(catalog.schedules().find("hits").orElseThrow().paused()).isTrue();
    assertThat(catalog.requests().pending())
        .extracting(RunRequest::viewName)
        .containsExactly("clicks");

    catalog.requests().add("hits", RunRequest.FULL, RunRequest.HAND);
    catalog.schedules().pause("hits", false);
    rollBack(old);
    assertThat(catalog.requests().pending())
        .as("what a person asked for is done")
        .extracting(RunRequest::viewName)
        .containsExactlyInAnyOrder("clicks", "hits");
  }

  @Test
  void rollBackOfAViewThatWasNeverDue_pausesIt_andCountsAsNoRunThatCounts() {
    String old = publish(30);
    publish(20);
    String back = rollBack(old);
    assertThat(catalog.schedules().find("hits").orElseThrow().paused()).isTrue();
    catalog
        .sql()
        .update(
            "UPDATE batch_run SET status = 'SUCCEEDED', finished_ms = started_ms + 7 WHERE run_id = :run",
            Map.of("run", back));
    assertThat(catalog.batch().newestTookMs(9)).isEmpty();
  }
}
