package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ProbesTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);

  @TempDir private Path home;

  /** What a process that was stopped (SIGSTOP) does: the system takes connections for it. */
  @Test
  @Timeout(300)
  void aCatalogThatTakesConnectionsAndAnswersNothing_isAway() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RecountConfig config =
          RecountConfig.load(home, Optional.of(silent.getLocalPort() - 3), Map.of());
      try (Probes probes = new Probes(config, PATIENCE)) {
        assertThat(probes.catalog()).isEmpty();
        assertThat(probes.isReady("catalog", 1)).isFalse();
        assertThat(probes.isReady("speed", 1)).as("nobody knows").isFalse();
      }
    }
  }
}
