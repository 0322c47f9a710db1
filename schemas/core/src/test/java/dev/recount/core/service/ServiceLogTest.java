package dev.recount.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of a process of the local stack, as {@code service-log.xml} has it rotated. */
class ServiceLogTest {
  private static final int LINES = 4_000;
  private static final long MOST_BYTES = 61_000_000;

  @TempDir private Path home;

  /** Logs lines with the numbers from one to the other. */
  static final class Talker {
    public static void main(String[] range) {
      Logger log = LoggerFactory.getLogger(ServiceLogTest.class);
      String words = "x".repeat(10_000);
      LongStream.range(Long.parseLong(range[0]), Long.parseLong(range[1]))
          .forEach(number -> log.info("{} {}", words, number));
    }
  }

  @Test
  void log_staysBounded_andLosesNothingOfWhatItKeeps_alsoAcrossRestarts() throws Exception {
    talk(0, LINES);
    talk(LINES, 2 * LINES);
    assertThat(files().mapToLong(file -> file.toFile().length()).sum()).isLessThan(MOST_BYTES);
    assertThat(home.resolve("logs/talker.log")).exists();
    long[] numbers = numbers();
    assertThat(numbers).hasSizeGreaterThan(LINES);
    assertThat(numbers)
        .as("each line that is kept, once, up to the last")
        .containsExactly(LongStream.range(numbers[0], 2 * LINES).toArray());
  }

  private void talk(long from, long to) throws IOException, InterruptedException {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process talker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=service-log.xml",
                "-Drecount.log=talker",
                "-cp",
                classes,
                Talker.class.getName(),
                String.valueOf(from),
                String.valueOf(to))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(talker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(talker.waitFor()).as(said).isZero();
    assertThat(said).isEmpty();
  }

  private Stream<Path> files() throws IOException {
    return Files.list(home.resolve("logs"));
  }

  private long[] numbers() throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (Path file : files().toList()) {
      for (String line : Files.readAllLines(file)) {
        numbers.add(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)));
      }
    }
    return numbers.stream().mapToLong(Long::longValue).sorted().toArray();
  }
}
