package dev.recount.core.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewScheduleTest {
  private static final Instant NOW = Instant.parse("2026-03-28T10:00:00Z");

  private static ViewSchedule schedule(String header) {
    ViewFile file = ViewFile.parse("pages", header + "\nSELECT 1");
    ViewSchedule schedule =
        ViewSchedule.of(
            new ViewPlan("pages", 1, "e", file.sql(), file.header(), List.of(), List.of()));
    schedule.requireFires("pages", NOW);
    return schedule;
  }

  @Test
  void schedule_isFullAndInUtc_unlessItSaysSo() {
    ViewSchedule schedule = schedule("-- @schedule 0 30 9 * * ?");
    assertThat(schedule.next(NOW)).contains(Instant.parse("2026-03-29T09:30:00Z"));
    assertThat(schedule.mode()).isEqualTo(ScheduledMode.FULL);
    assertThat(schedule("-- @time hour").next(NOW)).isEmpty();
  }

  @Test
  void times_areThoseOfTheZone_alsoWhenItsClocksChange() {
    ViewSchedule schedule = schedule("-- @schedule 0 0 12 * * ?\n-- @zone Europe/Berlin");
    assertThat(schedule.cron().next(NOW, 2))
        .containsExactly(
            Instant.parse("2026-03-28T11:00:00Z"), Instant.parse("2026-03-29T10:00:00Z"));
  }

  @Test
  void mode_saysWhichRunsAreFull() {
    assertThat(mode("full").isIncremental()).isFalse();
    assertThat(mode("Incremental").text()).isEqualTo("incremental");
    assertThat(mode("incremental, full every 24 runs").fullEvery()).isEqualTo(24);
    ScheduledMode daily = mode("incremental , full at 0 0 3 * * ?");
    assertThat(daily.fullAt().next(NOW)).contains(Instant.parse("2026-03-29T03:00:00Z"));
    assertThat(daily.text()).isEqualTo("incremental, full at 0 0 3 * * ?");
  }

  @Test
  void fullRuns_areTheFirst_thenThoseThatTheModeSays() {
    Instant night = Instant.parse("2026-03-28T02:00:00Z");
    assertThat(mode("full").isFull(night, 0, NOW)).isTrue();
    assertThat(mode("incremental").isFull(null, 0, NOW)).isTrue();
    assertThat(mode("incremental").isFull(night, 1_000, NOW)).isFalse();
    ScheduledMode third = mode("incremental, full every 3 runs");
    assertThat(third.isFull(night, 1, NOW)).isFalse();
    assertThat(third.isFull(night, 2, NOW)).isTrue();
    ScheduledMode atThree = mode("incremental, full at 0 0 3 * * ?");
    Instant three = Instant.parse("2026-03-28T03:00:00Z");
    assertThat(atThree.isFull(night, 1, three.minusMillis(1))).isFalse();
    assertThat(atThree.isFull(night, 1, three)).isTrue();
    assertThat(atThree.isFull(three, 0, NOW)).isFalse();
  }

  private static ScheduledMode mode(String mode) {
    return schedule("-- @schedule 0 0 * * * ?\n-- @mode " + mode).mode();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-- @schedule 0 * * * *                                        | @schedule | '0 * * * *' is not a Quartz cron",
        "-- @schedule 0 0 * * * *                                      | @schedule | of day and weekday one is '?'",
        "-- @schedule                                                  | @schedule | is not a Quartz cron",
        "-- @schedule 0 0 25 * * ?                                     | @schedule | is not a Quartz cron",
        "-- @schedule every hour                                       | @schedule | is not a Quartz cron",
        "-- @schedule 0 0 0 30 2 ?                                     | @schedule | never fires again",
        "-- @schedule 0 0 0 1 1 ? 2025                                 | @schedule | never fires again",
        "-- @audit 0 0 0 1 1 ? 2025                                    | @audit    | never fires again",
        "-- @schedule 0 0 * * * ?; -- @zone Europe/Berlln              | @zone     | did you mean 'Europe/Berlin'?",
        "-- @zone UTC                                                  | @zone     | there is no '@schedule' and no '@audit'",
        "-- @mode incremental                                          | @mode     | there is no '@schedule'",
        "-- @schedule 0 0 * * * ?; -- @mode partial                    | @mode     | 'partial' is not a mode",
        "-- @schedule 0 0 * * * ?; -- @mode full, full every 3 runs    | @mode     | is not a mode",
        "-- @schedule 0 0 * * * ?; -- @mode incremental, full every 0 runs | @mode | one run in 0 cannot be full",
        "-- @schedule 0 0 * * * ?; -- @mode incremental, full at noon  | @mode     | 'noon' is not a Quartz cron",
        "-- @schedule 0 0 * * * ?; -- @mode incremental, full at 0 0 0 31 6 ? | @mode | never fires again"
      })
  void whatCannotBeMeant_isRefusedWithTheLineAndTheReason(
      String header, String line, String reason) {
    assertThatThrownBy(() -> schedule(header.replace("; ", "\n")))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VIEW_INVALID))
        .hasMessageContaining("'" + line + "' of the view 'pages'")
        .hasMessageContaining(reason);
  }

  @Test
  void cron_countsTheTimesBetweenTwoMoments_andKnowsItsShortestGap() {
    Cron cron = schedule("-- @schedule 0 0/15 8-9 * * ?").cron();
    Instant eight = Instant.parse("2026-03-28T08:00:00Z");
    assertThat(cron.count(eight, Instant.parse("2026-03-28T08:45:00Z"), 100)).isEqualTo(2);
    assertThat(cron.count(eight, NOW.plus(Duration.ofDays(1)), 100)).isEqualTo(15);
    assertThat(cron.count(eight, NOW.plus(Duration.ofDays(1)), 3)).isEqualTo(3);
    assertThat(cron.shortestGap(NOW)).contains(Duration.ofMinutes(15));
    assertThat(schedule("-- @schedule 0 0 0 1 1 ? 2027").cron().shortestGap(NOW)).isEmpty();
  }
}
