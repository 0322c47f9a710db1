package dev.recount.batch.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.cut.Pace;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.RunReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How long a backfill would take. */
class BackfillForecastTest {
  private static RunReport run(String status, Long events, Map<String, Double> seconds) {
    return new RunReport(
        "r",
        "full",
        status,
        "hand",
        0,
        "h",
        1L,
        Instant.EPOCH,
        null,
        null,
        events,
        null,
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null,
        seconds,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  @Test
  void time_isThatOfTheRunThatHasReadMost() {
    List<RunReport> runs =
        List.of(
            run(BatchRun.FAILED, 10L, Map.of("compute", 100.0)),
            run(BatchRun.SUCCEEDED, 0L, Map.of("compute", 1.0)),
            run(BatchRun.SUCCEEDED, 7L, Map.of("compute", 1.0)),
            run(BatchRun.SUCCEEDED, 1_000L, Map.of("compute", 10.0, "start", 2.0, "publish", 3.0)),
            run(BatchRun.SUCCEEDED, 1L, Map.of("compute", 1.0)));
    assertThat(BackfillForecast.seconds(runs, 400, null)).contains(4.0 + 5.0);
    assertThat(BackfillForecast.seconds(runs, 400, new Pace(10))).contains(40.0 + 5.0);
    assertThat(BackfillForecast.seconds(runs, 400, new Pace(1_000))).contains(4.0 + 5.0);
  }

  @Test
  void time_isNotKnown_ifNoRunTells() {
    assertThat(BackfillForecast.seconds(List.of(), 400, null)).isEmpty();
  }
}
