package dev.recount.batch.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.RecountConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassedDeltasTest {
  private static final long NOW = Duration.ofDays(1_000).toMillis();

  @TempDir private Path home;

  private static long hoursAgo(long hours) {
    return NOW - Duration.ofHours(hours).toMillis();
  }

  @Test
  void deltas_waitForADailyAudit_andNoLongerThanTheHold() {
    RecountConfig config = RecountConfig.load(home, Optional.empty(), Map.of());
    long kept = hoursAgo(3);
    assertThat(PassedDeltas.notAudited(kept, NOW, hoursAgo(26), config))
        .as("the audit of yesterday got so far")
        .isEqualTo(hoursAgo(26));
    assertThat(PassedDeltas.notAudited(kept, NOW, NOW, config)).as("a kept run").isEqualTo(kept);
    assertThat(config.audit().hold()).isEqualTo(config.speed().retention());
    assertThat(PassedDeltas.notAudited(kept, NOW, 0, config)).isEqualTo(hoursAgo(7 * 24));
  }
}
