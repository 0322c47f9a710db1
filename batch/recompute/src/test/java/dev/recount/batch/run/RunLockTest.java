package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.error.RecountException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir private Path folder;

  @Test
  void secondRun_isRefused_andPassesOnceTheFirstIsDone() {
    Path file = folder.resolve("run/batch.lock");
    RunLock first = RunLock.take(file);
    assertThatThrownBy(() -> RunLock.take(file))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("another run holds")
        .extracting("code")
        .hasToString("BATCH_ALREADY_RUNNING");
    first.close();

    RunLock.take(file).close();
  }
}
