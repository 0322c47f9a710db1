package dev.recount.core.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
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
import org.slf4j.MDC;

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

  /** Says what a log must not take for something else. */
  static final class Tempter {
    public static void main(String[] none) {
      Logger log = LoggerFactory.getLogger(ServiceLogTest.class);
      MDC.put("request_id", "r1");
      log.warn("first\n2026-01-01T00:00:00.000Z INFO  Forged: \"line\"", new IOException("a\tb"));
      MDC.clear();
      log.info("second");
      LoggerFactory.getLogger("requests").info("{\"request_id\":\"r1\"}");
    }
  }

  @Test
  void lines_areOneObjectEach_ifAskedFor() throws Exception {
    start(Tempter.class, "-Drecount.log.format=json");
    List<JsonNode> lines =
        Files.readAllLines(home.resolve("logs/talker.log")).stream()
            .map(line -> Json.read(line, JsonNode.class))
            .toList();
    assertThat(lines).hasSize(2);
    JsonNode first = lines.get(0);
    assertThat(first.path("message").asText())
        .isEqualTo("first\n2026-01-01T00:00:00.000Z INFO  Forged: \"line\"");
    assertThat(first.path("request_id").asText()).isEqualTo("r1");
    assertThat(first.path("level").asText()).isEqualTo("WARN");
    assertThat(first.path("logger").asText()).isEqualTo("ServiceLogTest");
    assertThat(first.path("at").asText()).endsWith("Z");
    assertThat(first.path("trace").asText()).contains("IOException: a\tb", "\tat ");
    assertThat(lines.get(1).has("request_id")).isFalse();
    assertThat(lines.get(1).has("trace")).isFalse();
    assertThat(home.resolve("logs/talker-requests.log")).hasContent("{\"request_id\":\"r1\"}");
  }

  @Test
  void lines_canOnlyBeWrittenByUs() throws Exception {
    start(Tempter.class);
    assertThat(Files.readAllLines(home.resolve("logs/talker.log")))
        .filteredOn(line -> line.matches("\\d{4}-.*"))
        .hasSize(2)
        .first()
        .asString()
        .contains("WARN  ServiceLogTest: [r1] first\\n2026-");
  }

  private void talk(long from, long to) throws IOException, InterruptedException {
    start(Talker.class, String.valueOf(from), String.valueOf(to));
  }

  /** Runs a program with options of the JVM, and arguments, that follow. */
  private void start(Class<?> program, String... more) throws IOException, InterruptedException {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dlog4j2.configurationFile=service-log.xml",
                "-Drecount.log=talker",
                "-cp",
                classes));
    List<String> given = List.of(more);
    given.stream().filter(option -> option.startsWith("-")).forEach(command::add);
    command.add(program.getName());
    given.stream().filter(argument -> !argument.startsWith("-")).forEach(command::add);
    Process talker =
        new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true).start();
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
