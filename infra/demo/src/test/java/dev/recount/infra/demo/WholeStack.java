package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.RecountConfig;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.stack.LocalStack;
import dev.recount.infra.stack.ProcessStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One whole stack for all tests of the module, with the shipped views applied. Its arrival buckets
 * are short: that is how long each batch run and each audit waits. Its speed layer looks for events
 * a few times a second, which leaves the machine to the tests.
 */
final class WholeStack implements BeforeAllCallback, ExtensionContext.Store.CloseableResource {
  /** Everything in it has a meaning to one of the parts: to a URI, a pattern, a list, a shell. */
  private static final String HOME = "a b/hömé/日本/50+1,2;3#4?5&6'7$HOME:8[9]{x}*~@=";

  /** How often what is drawn or killed is so, in times of the usual: more by -Psoak. */
  static final int FACTOR = Integer.getInteger("recount.test.factor", 1);

  static final String SCHEDULER = "scheduler";

  private static WholeStack started;

  private RecountConfig config;
  private LocalStack stack;

  @Override
  public void beforeAll(ExtensionContext context) {
    context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(WholeStack.class, key -> start());
  }

  private static synchronized WholeStack start() {
    WholeStack whole = new WholeStack();
    try {
      Path home = Files.createTempDirectory("recount-demo").resolve(HOME);
      Files.createDirectories(home);
      Files.writeString(
          home.resolve("recount.conf"),
          "cut.grain = 2s\nspeed.trigger-interval = 250ms\n"
              // However slow the machine is, it does its work.
              + "serving.timeout = 2m\n");
      whole.config = RecountConfig.load(home, Optional.of(freePorts()), Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    whole.stack = LocalStack.of(whole.config);
    started = whole;
    startAll();
    runProcess("apply");
    return whole;
  }

  /**
   * Starts what does not run, but for the scheduler: a run that comes due by itself would come
   * between those that the tests make.
   */
  static void startAll() {
    started.stack.start(
        started.stack.status().stream()
            .map(ProcessStatus::name)
            .filter(name -> !name.equals(SCHEDULER))
            .toList());
  }

  /** A base from which all ports of a stack are free. */
  static int freePorts() throws IOException {
    for (int base = 21_000; base < 60_000; base += 100) {
      if (isFree(base)) {
        return base;
      }
    }
    throw new IOException("Cannot find free ports");
  }

  private static boolean isFree(int base) {
    for (int port : new dev.recount.core.config.Ports(base).all().values()) {
      try (ServerSocket socket = new ServerSocket(port)) {
        socket.setReuseAddress(true);
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  static RecountConfig config() {
    return started.config;
  }

  static LocalStack stack() {
    return started.stack;
  }

  /** Runs a command on the stack, in a warm JVM. */
  static WarmCommands.Result recount(String... words) {
    return WarmCommands.run(new Recount(started.config).withHome(words));
  }

  /** Runs a command on the stack, which must succeed; what it printed. */
  static String run(String... words) {
    return requireZero(recount(words));
  }

  /** Runs a command beside the test. */
  static CompletableFuture<WarmCommands.Result> runBeside(String... words) {
    return CompletableFuture.supplyAsync(() -> recount(words));
  }

  static String requireZero(WarmCommands.Result result) {
    assertThat(result.code()).as(result.output()).isZero();
    return result.output();
  }

  /** Runs {@code bin/recount} on the stack, as a user does, which must succeed. */
  static String runProcess(String... words) {
    try {
      Process process = begin(words);
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return requireZero(new WarmCommands.Result(process.waitFor(), output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends a web server's log, of which one line is rejected. */
  static void ingest(String name, AccessLog log) throws IOException {
    String file = write(name, log.text()).toString();
    assertThat(run("ingest", "page_view", "--format", "combined", file))
        .contains("accepted " + log.lines() + ", rejected 1");
  }

  /** Copies event and view files, named from a folder of schemas, into another such folder. */
  static void copySchemas(Path from, Path to, String... files) throws IOException {
    for (String file : files) {
      Files.createDirectories(to.resolve(file).getParent());
      Files.copy(from.resolve(file), to.resolve(file));
    }
  }

  /** Starts {@code bin/recount} without waiting for it. */
  static Process begin(String... words) throws IOException {
    ProcessBuilder builder = new Recount(started.config).command(words).redirectErrorStream(true);
    builder.environment().put("RECOUNT_SKIP_BUILD", "1");
    // What cron and many containers have; the command must find a locale that can name the home.
    builder.environment().put("LC_ALL", "C");
    return builder.start();
  }

  static Path write(String name, String text) throws IOException {
    Path file = started.config.home().path().resolve(name);
    return Files.writeString(file, text);
  }

  @Override
  public void close() {
    stack.stop();
  }
}
