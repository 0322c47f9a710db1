package dev.recount.infra.stack;

import dev.recount.core.config.Home;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process of the stack says. It logs to {@code <name>.log}, which it rotates itself; what
 * the JVM and libraries print beside it goes to {@code <name>.out}.
 */
final class ProcessLogs {
  /** Most of what is printed beside the log since the start of a process, and before that. */
  static final long MOST_OUTPUT_BYTES = 10_000_000;

  private static final int TAIL_BYTES = 64 * 1024;

  private final Path log;
  private final Path output;
  private final Path previousOutput;
  private final String name;

  ProcessLogs(Home home, String name) {
    this.name = name;
    this.log = home.logs().resolve(name + ".log");
    this.output = home.logs().resolve(name + ".out");
    this.previousOutput = home.logs().resolve(name + ".previous.out");
  }

  Path log() {
    return log;
  }

  Path output() {
    return output;
  }

  /**
   * What tells a JVM that works in the home where to log, and where to leave a crash report.
   *
   * @param format {@code plain} or {@code json}
   */
  List<String> options(String format) {
    return List.of(
        "-Drecount.log=" + name,
        "-Drecount.log.format=" + format,
        "-Dlog4j2.configurationFile=service-log.xml",
        "-XX:ErrorFile=logs/" + name + ".crash");
  }

  /** Begins the output of a new start; that of the one before is kept. */
  void begin() throws IOException {
    Files.createDirectories(output.getParent());
    if (Files.exists(output) && Files.size(output) > 0) {
      Files.move(output, previousOutput, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Empties an output that has become too long; it is kept as the previous one. The process writes
   * on at its end, wherever that is.
   */
  void keepSmall() throws IOException {
    if (!Files.exists(output) || Files.size(output) <= MOST_OUTPUT_BYTES) {
      return;
    }
    try (FileChannel from =
            FileChannel.open(output, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel to =
            FileChannel.open(
                previousOutput,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      long copied = Math.max(0, from.size() - MOST_OUTPUT_BYTES);
      while (copied < from.size()) {
        copied += from.transferTo(copied, from.size() - copied, to);
      }
      from.truncate(0);
    }
  }

  /** What the process last said, in its log and beside it. */
  String lastLines(int count) {
    List<String> lines = new ArrayList<>(tail(log, count));
    lines.addAll(tail(output, count));
    return lines.isEmpty() ? "(no log)" : String.join("\n", lines);
  }

  /** The last line of what was written to last, but for stack traces; empty if there is none. */
  String lastLine() {
    // Of both at once, what is beside the log is why a command ended.
    boolean isBeside = output.toFile().lastModified() >= log.toFile().lastModified();
    String first = lastSaid(isBeside ? output : log);
    return first.isEmpty() ? lastSaid(isBeside ? log : output) : first;
  }

  private static String lastSaid(Path file) {
    return tail(file, TAIL_BYTES).stream()
        .filter(line -> !Character.isWhitespace(line.charAt(0)))
        .reduce("", (earlier, later) -> later)
        .strip();
  }

  private static List<String> tail(Path file, int count) {
    try (FileChannel channel = FileChannel.open(file)) {
      channel.position(Math.max(0, channel.size() - TAIL_BYTES));
      ByteBuffer bytes = ByteBuffer.allocate(TAIL_BYTES);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        continue;
      }
      List<String> lines =
          new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of();
    }
  }
}
