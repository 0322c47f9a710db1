package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftOversTest {
  private static final Instant CRASH = Instant.parse("2026-01-02T12:00:00Z");

  @TempDir Path root;
  private Instant now = CRASH;

  /** Shows what {@code now} is. */
  private final class Watch extends Clock {
    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }
  }

  private OpenFile.Target target() {
    Configuration hadoop = new Configuration();
    return new OpenFile.Target(
        ArchiveStore.of(root.toUri(), hadoop),
        new ArchiveLayout(new org.apache.hadoop.fs.Path(root.toUri()), "click"),
        hadoop,
        "the writer that starts after the crash",
        new Watch());
  }

  @Test
  void filesOfADeadWriter_goOnceNoneIsOpenForSoLong_thoughItsSuccessorStartedBefore()
      throws IOException {
    Path folder = Files.createDirectories(root.resolve("click/_writing/p=0"));
    Path left = Files.writeString(folder.resolve("_00000000000000000007.dead"), "half a file");
    Files.setLastModifiedTime(left, FileTime.from(CRASH));
    LeftOvers leftOvers = new LeftOvers(target(), Duration.ofMinutes(1));

    leftOvers.remove(0);
    assertThat(left).as("it may be open").exists();
    now = CRASH.plus(Duration.ofMinutes(59));
    leftOvers.remove(0);
    assertThat(left).exists();
    now = CRASH.plus(Duration.ofMinutes(61));
    leftOvers.remove(1);
    leftOvers.remove(0);
    assertThat(left).as("looked at two minutes ago").exists();
    now = CRASH.plus(Duration.ofMinutes(70));
    leftOvers.remove(0);
    assertThat(left).doesNotExist();
  }
}
