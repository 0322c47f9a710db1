package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.Home;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLogsTest {
  @TempDir private Path home;
  private ProcessLogs logs;
  private Path previous;

  @BeforeEach
  void make() throws IOException {
    logs = new ProcessLogs(new Home(home), "speed");
    previous = home.resolve("logs/speed.previous.out");
    logs.begin();
  }

  @Test
  void begin_keepsTheOutputOfTheStartBefore_andLeavesTheLog() throws IOException {
    Files.writeString(logs.log(), "logged\n");
    Files.writeString(logs.output(), "first\n");
    logs.begin();
    assertThat(logs.output()).doesNotExist();
    assertThat(previous).hasContent("first");
    logs.begin();
    assertThat(previous).as("an empty output is not kept instead").hasContent("first");
    assertThat(logs.log()).hasContent("logged");
  }

  @Test
  void outputThatBecameTooLong_isMoved_whileItsProcessWritesOn() throws IOException {
    byte[] line = "a line of a hundred bytes ".repeat(4).getBytes(StandardCharsets.UTF_8);
    line[line.length - 1] = '\n';
    try (OutputStream process =
        Files.newOutputStream(
            logs.output(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      long written = 0;
      while (written <= ProcessLogs.MOST_OUTPUT_BYTES) {
        logs.keepSmall();
        process.write(line);
        written += line.length;
      }
      assertThat(logs.output()).hasSize(written);
      logs.keepSmall();
      assertThat(logs.output()).hasSize(0);
      assertThat(previous).hasSize(ProcessLogs.MOST_OUTPUT_BYTES);
      process.write(line);
      assertThat(logs.output()).hasBinaryContent(line);
    }
  }

  @Test
  void lastLines_areThoseOfTheLogAndOfWhatWasPrintedBesideIt() throws IOException {
    assertThat(logs.lastLines(2)).isEqualTo("(no log)");
    assertThat(logs.lastLine()).isEmpty();
    Files.writeString(logs.log(), "x".repeat(100_000) + "\none\ntwo\nthree\n");
    assertThat(logs.lastLines(2)).isEqualTo("two\nthree");
    Files.writeString(logs.output(), "Aborted\n\n");
    assertThat(logs.lastLines(2)).isEqualTo("two\nthree\nAborted");
  }

  @Test
  void lastLine_isOfWhatWasWrittenLast() throws IOException {
    Files.writeString(logs.log(), "before\nlogged\n\tat a.B.c(B.java:1)\n\t... 14 more\n");
    Files.writeString(logs.output(), "printed\n");
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    Files.setLastModifiedTime(logs.log(), FileTime.from(now));
    Files.setLastModifiedTime(logs.output(), FileTime.from(now.plusSeconds(1)));
    assertThat(logs.lastLine()).isEqualTo("printed");
    Files.setLastModifiedTime(logs.log(), FileTime.from(now.plusSeconds(1)));
    assertThat(logs.lastLine()).as("at the same moment").isEqualTo("printed");
    Files.setLastModifiedTime(logs.log(), FileTime.from(now.plusSeconds(2)));
    assertThat(logs.lastLine()).isEqualTo("logged");
    Files.delete(logs.log());
    assertThat(logs.lastLine()).isEqualTo("printed");
  }
}
