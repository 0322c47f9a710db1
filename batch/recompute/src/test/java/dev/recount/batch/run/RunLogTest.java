package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.cli.CommandLogProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

class RunLogTest {
  /** What a command logs by. */
  private static final Logger LOG =
      new CommandLogProvider().getLoggerFactory().getLogger("dev.recount.Worried");

  @TempDir private Path logs;

  @Test
  void runsLog_hasWhatItSays_andTheWarningsOfItsProcess() throws Exception {
    try (RunLog log = RunLog.open(logs, "r1", Clock.systemUTC())) {
      log.say("wait: 1.0 s");
      LOG.warn("a library is worried");
      log.failed("The run ends early", new IllegalStateException("broken"));
    }
    LOG.warn("after the run");
    try (RunLog log = RunLog.open(logs, "r2", Clock.systemUTC())) {
      log.say("another");
    }
    assertThat(Files.readString(logs.resolve("runs/r1.log")))
        .contains("wait: 1.0 s", "a library is worried", "IllegalStateException: broken")
        .doesNotContain("after the run", "another");
    assertThat(Files.readString(logs.resolve("runs/r2.log"))).contains("another");
  }

  @Test
  void runGoesOn_ifNoFileCanBeWritten() throws Exception {
    Files.writeString(logs.resolve("runs"), "in the way");
    try (RunLog log = RunLog.open(logs, "r1", Clock.systemUTC())) {
      log.say("wait: 1.0 s");
    }
    assertThat(logs.resolve("runs")).hasContent("in the way");
  }
}
