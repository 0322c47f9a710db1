package dev.recount.serving.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.serving.pinot.Consumption;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProvenanceWriterTest {
  private static final Duration RETENTION = Duration.ofDays(7);
  private static final long DAY = Duration.ofDays(1).toMillis();

  /** The brokers' time, years from that of any host that runs this. */
  private static final long NOW = 1_000 * DAY;

  private static Optional<String> dropped(Long cutMs, long ageMs, Consumption.Served served) {
    Publication publication =
        cutMs == null
            ? null
            : new Publication(
                "r1",
                "v_v1",
                "v",
                1,
                Publication.SERVING,
                "full",
                cutMs,
                1,
                "[]",
                0,
                "[]",
                null,
                null,
                1L);
    ViewVersion version =
        new ViewVersion(
            "v", 1, "e", "{}", ViewVersion.LIVE, 0, ageMs, 1L, 0L, null, null, null, null);
    return ProvenanceWriter.dropped(publication, version, served, RETENTION);
  }

  @Test
  void whatSpeedKeeps_isCountedFromTheCut_byTheBrokersTimeAlone() {
    Consumption.Served served = new Consumption.Served(NOW - 500, NOW, 0);
    assertThat(dropped(NOW - 6 * DAY, 900 * DAY, served)).isEmpty();
    assertThat(dropped(NOW - 8 * DAY, 0, served))
        .hasValueSatisfying(
            gap -> assertThat(gap).contains("keeps 7 days", "the batch ended before that"));
    assertThat(dropped(NOW - 8 * DAY, 0, new Consumption.Served(0, NOW, 0)))
        .as("speed has not reported, which is a gap of its own")
        .isEmpty();
  }

  @Test
  void withoutABatchRun_theViewsAgeCounts() {
    Consumption.Served served = new Consumption.Served(NOW - 500, NOW, 0);
    assertThat(dropped(null, 6 * DAY, served)).isEmpty();
    assertThat(dropped(null, 8 * DAY, served))
        .hasValueSatisfying(gap -> assertThat(gap).contains("there is no batch run"));
  }

  private static long deltasFrom(long droppedMs, long ageMs, Consumption.Served served) {
    ViewVersion version =
        new ViewVersion(
            "v", 1, "e", "{}", ViewVersion.LIVE, 0, ageMs, 1L, 0L, null, null, null, null);
    return ProvenanceWriter.deltasFromMs(droppedMs, version, served, RETENTION);
  }

  @Test
  void deltas_areThereFromWhereRecountOrPinotDroppedThem() {
    Consumption.Served served = new Consumption.Served(NOW - 500, NOW, 0);
    assertThat(deltasFrom(0, 8 * DAY, served)).as("Pinot's retention").isEqualTo(NOW - 7 * DAY);
    assertThat(deltasFrom(NOW - 9 * DAY, 20 * DAY, served)).isEqualTo(NOW - 7 * DAY);
    assertThat(deltasFrom(NOW - DAY, 20 * DAY, served)).isEqualTo(NOW - DAY);
    assertThat(deltasFrom(0, 6 * DAY, served)).as("none is so old").isZero();
  }
}
