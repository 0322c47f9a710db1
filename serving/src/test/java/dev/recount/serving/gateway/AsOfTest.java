package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Consumption.Served;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.PinotRouting;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AsOfTest {
  private static final long CUT = Instant.parse("2026-01-01T00:00:20Z").toEpochMilli();
  private static final Served SERVED = new Served(CUT + 60_000, CUT + 61_000, 0);
  private static final Sources WITH_BATCH = sources(publication());

  private static Sources sources(Publication publication) {
    return new Sources(
        new PinotRouting.Snapshot(CUT - 1, Set.of(), Set.of()), publication, CUT - 30_000, null);
  }

  private static Publication publication() {
    return new Publication(
        "r",
        "v_v1",
        "v",
        1,
        Publication.SERVING,
        RunRequest.FULL,
        CUT,
        1,
        "[]",
        0,
        "[]",
        null,
        null,
        0L);
  }

  private static Sources of(Sources sources, long asOfMs, Mode mode, Served served)
      throws Unsettled {
    return AsOf.of(sources, Instant.ofEpochMilli(asOfMs), Duration.ofSeconds(10), mode, served);
  }

  @Test
  void moment_isTheBoundaryAtOrBeforeIt() throws Unsettled {
    assertThat(of(WITH_BATCH, CUT + 29_999, Mode.MERGED, SERVED).arrival(Mode.MERGED))
        .isEqualTo("\"_arrived\" < " + (CUT + 20_000));
    assertThat(of(WITH_BATCH, CUT + 30_000, Mode.SPEED, SERVED).arrival(Mode.SPEED))
        .isEqualTo("\"_arrived\" >= " + CUT + " AND \"_arrived\" < " + (CUT + 30_000));
    assertThat(of(WITH_BATCH, CUT + 30_000, Mode.BATCH, null).arrival(Mode.BATCH))
        .isEqualTo("\"_arrived\" <= " + (CUT - 1));
    assertThat(of(WITH_BATCH, CUT, Mode.DELTAS, SERVED).arrival(Mode.DELTAS))
        .isEqualTo("\"_arrived\" >= " + (CUT - 30_000) + " AND \"_arrived\" < " + CUT);
  }

  @Test
  void momentBeforeTheCut_isRefused_withTheEarliest() {
    for (Mode mode : new Mode[] {Mode.MERGED, Mode.SPEED, Mode.BATCH}) {
      assertThatThrownBy(() -> of(WITH_BATCH, CUT - 1, mode, SERVED))
          .isInstanceOfSatisfying(
              RecountException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.AS_OF_TOO_EARLY);
                assertThat(e.details()).isEqualTo(Map.of("earliest", Instant.ofEpochMilli(CUT)));
              })
          .hasMessageContaining("2026-01-01T00:00:20Z");
    }
    assertThatThrownBy(() -> of(WITH_BATCH, CUT - 31_000, Mode.DELTAS, SERVED))
        .hasMessageContaining("deltas of before 2025-12-31T23:59:50Z are gone");
  }

  @Test
  void momentToCome_isRefused_withTheLatest() {
    assertThatThrownBy(() -> of(WITH_BATCH, CUT + 70_000, Mode.MERGED, SERVED))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.AS_OF_TOO_LATE);
              assertThat(e.details())
                  .isEqualTo(Map.of("latest", Instant.ofEpochMilli(CUT + 60_000)));
            });
  }

  @Test
  void whatSpeedHasNotCountedYet_isWaitedFor() throws Unsettled {
    Served behind = new Served(CUT + 10_000, CUT + 61_000, 0);
    assertThatThrownBy(() -> of(WITH_BATCH, CUT + 20_000, Mode.MERGED, behind))
        .isInstanceOf(Unsettled.class)
        .hasMessageContaining("2026-01-01T00:00:40Z");
    assertThatThrownBy(() -> of(WITH_BATCH, CUT + 20_000, Mode.MERGED, new Served(0, 0, 0)))
        .isInstanceOf(Unsettled.class);
    assertThat(of(WITH_BATCH, CUT, Mode.MERGED, new Served(0, 0, 0)).beforeMs()).isEqualTo(CUT);
  }

  @Test
  void withoutABatchRun_allThatArrivedCanBeAskedFor() throws Unsettled {
    assertThat(of(sources(null), CUT - 60_000, Mode.MERGED, SERVED).arrival(Mode.MERGED))
        .isEqualTo("\"_arrived\" < " + (CUT - 60_000));
  }
}
