package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.Cron;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DueAuditsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T10:30:00Z");

  @ParameterizedTest
  @CsvSource({
    "0 0 * * * ?,  PT29M, false",
    "0 0 * * * ?,  PT31M, true",
    "0 0 * * * ?,  PT99H, true",
    "0 30 10 * * ?, PT1S, true",
    "0 31 10 * * ?, PT1H, false",
    "0 0 3 1 1 ? 2025, PT1H, false"
  })
  void anAudit_isDue_onceItsScheduleHasFiredSinceTheLast(
      String cron, Duration lastAge, boolean isDue) {
    assertThat(DueAudits.isDue(Cron.of(cron, ZoneOffset.UTC), NOW, lastAge.toMillis()))
        .isEqualTo(isDue);
  }
}
