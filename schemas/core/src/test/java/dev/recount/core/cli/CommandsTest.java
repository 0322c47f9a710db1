package dev.recount.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** However a command fails: one line, and the exit code of the kind. */
class CommandsTest {
  /** Fails as its argument says. */
  @Command(name = "recount", mixinStandardHelpOptions = true)
  static final class Failing implements Callable<Integer> {
    private static final Map<String, Throwable> FAILURES =
        Map.of(
            "known", new RecountException(ErrorCode.STACK_DOWN, "Cannot ask: down"),
            "defect", new IllegalStateException("broken"),
            "linkage", new NoClassDefFoundError("some/Class"),
            "depth", new StackOverflowError(),
            "memory", new OutOfMemoryError("Java heap space"),
            "full", new UncheckedIOException(new IOException("No space left on device")),
            "full-file",
                new UncheckedIOException(
                    new FileSystemException("/a/b", null, "No space left on device")),
            "full-known",
                RecountException.of(
                    ErrorCode.BATCH_FAILED,
                    new IllegalStateException(new IOException("No space left on device")),
                    "Cannot build: no"),
            "readonly",
                new IllegalStateException(
                    new FileSystemException("/a/b", null, "Read-only file system")),
            "in-the-way", new UncheckedIOException(new FileAlreadyExistsException("/a/b")));

    @Mixin private HomeOptions options;
    @Parameters private String how;

    public static void main(String[] arguments) {
      Commands.main(new Failing(), arguments);
    }

    @Override
    public Integer call() throws Exception {
      if (how.equals("interrupt")) {
        return waitForTheEnd();
      }
      Throwable failure = FAILURES.get(how);
      if (failure instanceof Error error) {
        throw error;
      }
      throw (Exception) failure;
    }

    /**
     * As libraries do: a hook closes what the command works with, and the work fails. The hook ends
     * when the command has: it waits for the hooks to end.
     */
    private static int waitForTheEnd() throws InterruptedException {
      Thread command = Thread.currentThread();
      CountDownLatch closed = new CountDownLatch(1);
      Thread hook =
          new Thread(
              () -> {
                closed.countDown();
                Deadline.after(Duration.ofMinutes(2))
                    .await(Duration.ofMillis(10), () -> command.getState() == Thread.State.BLOCKED);
              });
      Runtime.getRuntime().addShutdownHook(hook);
      System.out.println("waiting");
      closed.await();
      throw new IllegalStateException("Cannot call methods on a stopped context");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          known      | 3 | STACK_DOWN: Cannot ask: down
          defect     | 5 | INTERNAL: Cannot finish: java.lang.IllegalStateException: broken; this is a bug, the log has the details
          linkage    | 5 | INTERNAL: Cannot finish: java.lang.NoClassDefFoundError: some/Class; this is a bug, the log has the details
          depth      | 5 | INTERNAL: Cannot finish: java.lang.StackOverflowError; this is a bug, the log has the details
          full       | 4 | DISK_FULL: Cannot finish: no space left on device; free some space
          full-file  | 4 | DISK_FULL: Cannot use '/a/b': no space left on device; free some space on that disk
          full-known | 4 | DISK_FULL: Cannot build: no; free some space
          readonly   | 2 | FILE_UNUSABLE: Cannot use '/a/b': read-only file system
          in-the-way | 2 | FILE_UNUSABLE: Cannot use '/a/b': it already exists and is not a folder
          """)
  void failure_isOneLineAndAnExitCode(String how, int exitCode, String line) {
    assertThat(failure(how, exitCode)).isEqualTo(line);
  }

  @Test
  void versionThatNobodyKnows_isNoOption() {
    assertThat(Commands.run(new Failing(), "--version")).isEqualTo(2);
    assertThat(Commands.run(new Failing(), "--help")).isZero();
  }

  /** As 'recount batch' is made of commands. */
  @Command(name = "recount", subcommands = Group.class)
  static final class Grouped {}

  /** Knows no options of its own. */
  @Command(name = "batch", mixinStandardHelpOptions = true, subcommands = Failing.class)
  static final class Group {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          batch --home X recount known        | Put options after the command, as in 'recount batch recount --home ...'
          batch --home=X                      | Put options after the command, as in 'recount batch recount --home ...'
          batch --home X --wrong recount known | Unknown option: '--wrong'
          batch --wrong=1 --home X recount known | Unknown option: '--wrong'
          batch recount known --home X --wron | Unknown option: '--wron'
          batch recont                        | Unmatched argument at index 1: 'recont'
          bach                                | Unmatched argument at index 0: 'bach'
          """)
  void usageOfAGroup_blamesWhatIsWrong(String words, String problem) {
    List<String> said = usage(words.split(" "));
    assertThat(said.get(0)).isEqualTo("USAGE: " + problem);
    if (problem.contains("recont")) {
      assertThat(said.get(1)).startsWith("Did you mean").contains("recount");
    }
    if (problem.contains("bach")) {
      assertThat(said.get(1)).startsWith("Did you mean").contains("batch");
    }
  }

  private static List<String> usage(String... words) {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      assertThat(Commands.run(new Grouped(), words)).isEqualTo(2);
    } finally {
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void noMemory_isALimit() {
    assertThat(failure("memory", 4)).startsWith("MEMORY_EXHAUSTED: Cannot finish: Java heap space");
  }

  @ParameterizedTest
  @CsvSource({"'', name a folder", "' ', name a folder", "'a\uFFFDb', is not UTF-8"})
  void homeWithoutAName_isRefused(String home, String reason) {
    assertThat(failure("known", 3)).doesNotContain(reason);
    RecountException refused = refusedHome(home);
    assertThat(refused).hasMessageContaining(reason);
    assertThat(refused.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
  }

  private static RecountException refusedHome(String home) {
    HomeOptions options = new HomeOptions();
    new CommandLine(options).parseArgs("--home", home);
    try {
      options.home();
    } catch (RecountException e) {
      return e;
    }
    throw new AssertionError("taken: " + home);
  }

  private static String failure(String how, int exitCode) {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      assertThat(Commands.run(new Failing(), how)).isEqualTo(exitCode);
    } finally {
      System.setErr(before);
    }
    List<String> lines = written.toString(StandardCharsets.UTF_8).lines().toList();
    return lines.get(lines.size() - 1);
  }

  /** As Ctrl-C does, whose signal a command in the background of a shell ignores. */
  @Test
  @Timeout(300)
  void commandThatIsToldToEnd_printsNothing(@TempDir Path home) throws Exception {
    Process process = start(home, "interrupt");
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("waiting");
      process.toHandle().destroy();
      assertThat(process.waitFor()).isEqualTo(143);
      assertThat(process.inputReader().readLine()).isNull();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  @Timeout(300)
  void defect_isOneLine_andItsStackTraceIsInTheLogOfTheHome(@TempDir Path home) throws Exception {
    Path log = home.resolve("logs/commands.log");
    Files.createDirectories(log.getParent());
    Process process = start(home, "defect");
    assertThat(process.inputReader().lines().toList())
        .containsExactly(
            "INTERNAL: Cannot finish: java.lang.IllegalStateException: broken; this is a bug,"
                + " the log '"
                + log
                + "' has the details");
    assertThat(process.waitFor()).isEqualTo(5);
    assertThat(log).content().contains("at " + Failing.class.getName() + ".");
  }

  private static Process start(Path home, String how) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Failing.class.getName(),
            how,
            "--home",
            home.toString())
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void threadsOfHttpClients_endWithTheCommand() {
    HttpClient client = HttpClient.newHttpClient();
    assertThat(selectors()).isPositive();
    Commands.endSelectors();
    Deadline.after(Duration.ofSeconds(60))
        .require("no selector", Duration.ofMillis(10), () -> selectors() == 0);
    Reference.reachabilityFence(client);
  }

  private static long selectors() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().contains("SelectorManager"))
        .count();
  }
}
