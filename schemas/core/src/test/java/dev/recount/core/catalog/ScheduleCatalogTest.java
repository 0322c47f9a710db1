package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.ScheduleCatalog.Due;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.Cron;
import dev.recount.core.view.ScheduledMode;
import dev.recount.core.view.ViewPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules on a real H2; two catalogs stand for two hosts. */
class ScheduleCatalogTest {
  private static final Instant NOON = Instant.parse("2026-03-28T12:00:00Z");

  @TempDir private Path home;
  private Catalog catalog;
  private Catalog other;

  @BeforeEach
  void open() {
    String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    RecountConfig config =
        RecountConfig.load(home, Optional.empty(), Map.of("RECOUNT_CATALOG_URL", url));
    catalog = Catalog.open(config);
    other = Catalog.open(config);
  }

  @AfterEach
  void close() {
    other.close();
    catalog.close();
  }

  private static Due due(Instant at) {
    return new Due("pages", at, 0, null);
  }

  private List<RunRequest> pending() {
    return catalog.requests().pending();
  }

  @Test
  void eachTime_asksOnce_howeverOftenAndByWhomeverItIsFired() {
    long asked =
        IntStream.range(0, 20)
            .parallel()
            .filter(
                i -> (i % 2 == 0 ? catalog : other).schedules().due(due(NOON), ScheduledMode.FULL))
            .count();
    assertThat(asked).isEqualTo(1);
    assertThat(pending()).singleElement().extracting(RunRequest::origin).isEqualTo("schedule");
    catalog.requests().take("r1", pending());
    assertThat(other.schedules().due(due(NOON), ScheduledMode.FULL)).isFalse();
    assertThat(pending()).isEmpty();
    assertThat(other.schedules().due(due(NOON.plusSeconds(60)), ScheduledMode.FULL)).isTrue();
    assertThat(pending()).hasSize(1);
  }

  @Test
  void dueTimes_shareThePendingRequest_andFullWins() {
    catalog.requests().add("pages", RunRequest.INCREMENTAL, RunRequest.HAND);
    catalog.schedules().due(due(NOON), ScheduledMode.FULL);
    assertThat(pending())
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.mode()).isEqualTo(RunRequest.FULL);
              assertThat(r.origin()).isEqualTo(RunRequest.HAND);
            });
  }

  @Test
  void missedTimes_areInTheHistory_andMadeUpForOnce() {
    Instant first = NOON.minusSeconds(240);
    Due due = new Due("pages", NOON, 4, first);
    assertThat(catalog.schedules().due(due, ScheduledMode.FULL)).isTrue();
    assertThat(other.schedules().due(due, ScheduledMode.FULL)).isFalse();
    assertThat(pending()).singleElement().extracting(RunRequest::origin).isEqualTo("missed");
    assertThat(catalog.runs().newest(9))
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.status()).isEqualTo(BatchRun.MISSED);
              assertThat(run.started()).isEqualTo(first);
              assertThat(run.error()).contains("4 runs of view 'pages' since 2026-03-28T11:56:00Z");
            });
  }

  @Test
  void aPausedView_asksForNothing_untilItGoesOn() {
    assertThat(catalog.schedules().pause("pages", true)).isTrue();
    assertThat(other.schedules().pause("pages", true)).isFalse();
    assertThat(other.schedules().due(due(NOON), ScheduledMode.FULL)).isFalse();
    assertThat(pending()).isEmpty();
    assertThat(other.schedules().pause("pages", false)).isTrue();
    assertThat(catalog.schedules().pause("pages", false)).isFalse();
    assertThat(catalog.schedules().due(due(NOON), ScheduledMode.FULL)).isTrue();
  }

  @Test
  void incrementalRuns_areFullWhenTheModeSaysSo() {
    ScheduledMode third = new ScheduledMode(true, 3, null);
    ScheduledMode atFive = new ScheduledMode(true, 0, Cron.of("0 5 12 * * ?", ZoneId.of("UTC")));
    assertThat(modes("third", third)).isEqualTo("FiiFiiFi");
    assertThat(modes("five", atFive)).isEqualTo("FiiiiFii");
  }

  private int sinceFull() {
    return catalog.schedules().find("pages").orElseThrow().sinceFull();
  }

  @Test
  void timesThatShareARun_countAsOneAmongThoseOfWhichOneIsFull() {
    ScheduledMode third = new ScheduledMode(true, 3, null);
    addView("pages");
    catalog.schedules().due(due(NOON), third);
    publish("pages");
    for (int minute = 1; minute < 10; minute++) {
      assertThat(modeAt(minute, third)).isEqualTo(RunRequest.INCREMENTAL);
    }
    assertThat(pending()).hasSize(1);
    publish("pages");
    assertThat(sinceFull()).isEqualTo(1);
  }

  @Test
  void onlyPublishedRuns_countAmongThoseOfWhichOneIsFull() {
    ScheduledMode third = new ScheduledMode(true, 3, null);
    addView("pages");
    assertThat(modeAt(0, third)).isEqualTo(RunRequest.FULL);
    publish("pages");
    for (int minute = 1; minute < 9; minute += 2) {
      assertThat(modeAt(minute, third)).isEqualTo(RunRequest.INCREMENTAL);
      catalog.requests().take("failing", pending());
      assertThat(catalog.requests().giveBack("failing", 0, Duration.ofSeconds(1))).hasSize(1);
      assertThat(modeAt(minute + 1, third)).isEqualTo(RunRequest.INCREMENTAL);
      catalog.requests().take("cancelled", pending());
      catalog.requests().giveUp("cancelled");
    }
    assertThat(modeAt(10, third)).isEqualTo(RunRequest.INCREMENTAL);
    publish("pages");
    assertThat(sinceFull()).isEqualTo(1);

    assertThat(modeAt(11, third)).isEqualTo(RunRequest.INCREMENTAL);
    catalog.requests().take("under way", pending());
    assertThat(modeAt(12, third)).as("the one under way may be published").isEqualTo("full");
    catalog.requests().take("also under way", pending());
    assertThat(modeAt(13, third)).as("that one is full").isEqualTo(RunRequest.INCREMENTAL);
  }

  @Test
  void publications_countOnce_andOnlyThoseOfTheVersionThatReadersSee() {
    addView("pages");
    catalog.schedules().due(due(NOON), ScheduledMode.FULL);
    String run = publish("pages");
    assertThat(sinceFull()).isZero();
    for (int version : new int[] {1, 1, 2}) {
      catalog.batch().put(publication(run, "pages", version, RunRequest.INCREMENTAL));
    }
    assertThat(sinceFull()).as("it was served already").isZero();
    catalog.batch().put(publication(begin("pages"), "pages", 2, RunRequest.INCREMENTAL));
    assertThat(sinceFull()).isZero();
    catalog.batch().put(publication(begin("pages"), "pages", 1, RunRequest.INCREMENTAL));
    assertThat(sinceFull()).isEqualTo(1);
  }

  private void addView(String view) {
    catalog.views().add(new ViewPlan(view, 1, "e", "SELECT 1", Map.of(), List.of(), List.of()), 0);
  }

  private String begin(String view) {
    List<RunView> views = List.of(RunView.due(view, view + "_v1", RunRequest.FULL));
    return catalog.runs().begin(1, RunRequest.FULL, RunRequest.SCHEDULE, 0, "h", 1, views);
  }

  private static Publication publication(String run, String view, int version, String mode) {
    return new Publication(
        run,
        view + "_v" + version,
        view,
        version,
        Publication.SERVING,
        mode,
        1,
        1,
        "[]",
        1,
        "[]",
        null,
        null,
        1L);
  }

  /** Does what is asked for of a view. */
  private String publish(String view) {
    String run = begin(view);
    String mode = pending().get(0).mode();
    catalog.requests().take(run, pending());
    catalog.batch().put(publication(run, view, 1, mode));
    catalog.requests().done(run, List.of(view));
    return run;
  }

  @Test
  void aFullRunThatIsGivenUpOrCancelled_isDueAtTheNextTime() {
    ScheduledMode nightly = new ScheduledMode(true, 0, Cron.of("0 0 3 * * ?", ZoneId.of("UTC")));
    catalog.schedules().due(due(NOON), nightly);
    catalog.requests().take("failing", pending());
    assertThat(catalog.requests().giveBack("failing", 0, Duration.ofSeconds(1))).hasSize(1);
    assertThat(modeAt(1, nightly)).isEqualTo(RunRequest.FULL);
    catalog.requests().take("cancelled", pending());
    catalog.requests().giveUp("cancelled");
    assertThat(catalog.requests().all()).isEmpty();
    assertThat(modeAt(2, nightly)).isEqualTo(RunRequest.FULL);
    catalog.requests().take("done", pending());
    catalog.requests().done("done", List.of("pages"));
    assertThat(modeAt(3, nightly)).isEqualTo(RunRequest.INCREMENTAL);
    catalog.requests().take("failing", pending());
    catalog.requests().giveBack("failing", 0, Duration.ofSeconds(1));
    assertThat(modeAt(4, nightly)).as("no full run was lost").isEqualTo(RunRequest.INCREMENTAL);
  }

  private String modeAt(int minute, ScheduledMode mode) {
    catalog.schedules().due(due(NOON.plusSeconds(60L * minute)), mode);
    return pending().get(0).mode();
  }

  /** Of a run each minute from noon on. */
  private String modes(String view, ScheduledMode mode) {
    StringBuilder modes = new StringBuilder();
    addView(view);
    for (int minute = 0; minute < 8; minute++) {
      Due due = new Due(view, NOON.plusSeconds(60L * minute), 0, null);
      assertThat(catalog.schedules().due(due, mode)).isTrue();
      modes.append(pending().get(0).mode().equals(RunRequest.FULL) ? "F" : "i");
      publish(view);
    }
    return modes.toString();
  }

  @Test
  void whatIsGone_isForgotten() {
    catalog.schedules().due(due(NOON), ScheduledMode.FULL);
    catalog.schedules().pause("pages", true);
    catalog.schedules().forget("pages");
    assertThat(catalog.schedules().all()).isEmpty();
    assertThat(pending()).isEmpty();
    assertThat(catalog.schedules().due(due(NOON), ScheduledMode.FULL)).isTrue();
  }
}
