package dev.recount.infra.stack;

import dev.recount.core.Loop;
import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Brings the stack up, reports its progress, and in the foreground stays until Ctrl-C. */
final class UpCommand {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final RecountConfig config;
  private final PrintWriter out;

  UpCommand(RecountConfig config, PrintWriter out) {
    this.config = config;
    this.out = out;
  }

  int run(Collection<String> names, boolean detach) {
    LocalStack stack = LocalStack.of(config).onReady(this::tell);
    Thread stop = new Thread(() -> stopAll(stack), "stack-stop");
    if (!detach) {
      Runtime.getRuntime().addShutdownHook(stop);
    }
    long begun = System.nanoTime();
    List<StartedProcess> started;
    boolean isUp = false;
    try {
      started = stack.start(names);
      isUp = started.stream().anyMatch(process -> !process.ranAlready());
    } finally {
      if (!isUp && !detach) {
        forget(stop);
      }
    }
    boolean isWatched = stack.watch(started.stream().map(StartedProcess::name).toList());
    if (!isUp) {
      say("The stack is already running" + (isWatched ? "; it is watched again." : "."));
      urls();
      return 0;
    }
    say("Ready in " + StackReport.seconds(Duration.ofNanos(System.nanoTime() - begun)) + ".");
    urls();
    if (!detach) {
      say("Ctrl-C stops it.");
      awaitEnd(stack);
      forget(stop);
    }
    return 0;
  }

  private static void forget(Thread stop) {
    try {
      Runtime.getRuntime().removeShutdownHook(stop);
    } catch (IllegalStateException e) {
      // The hook runs already; there is nothing to take back.
      return;
    }
  }

  private void tell(StartedProcess process) {
    say(
        String.format(
            "%-14s %s",
            process.name(),
            process.ranAlready()
                ? "already running"
                : "ready in " + StackReport.seconds(process.took())));
  }

  private void urls() {
    say("API                http://localhost:" + config.ports().serving() + "/");
    say("Kafka              " + config.kafkaBootstrap());
    say("Pinot              " + config.pinot().controller());
    say("logs               " + config.home().logs());
    config.access().notices().forEach(notice -> say("access             " + notice));
    new DiskSpace(config)
        .problem()
        .ifPresent(problem -> say("disk               " + problem + "; no events are accepted"));
  }

  /** Returns when 'recount down' has stopped the stack. */
  private void awaitEnd(LocalStack stack) {
    CountDownLatch ended = new CountDownLatch(1);
    Map<String, Restarts> told = new HashMap<>(stack.restarts());
    Loop look =
        Loop.start(
            "stack-look",
            LOOK,
            () -> {
              if (stack.wanted().isEmpty()) {
                ended.countDown();
                return;
              }
              stack.restarts().forEach((name, known) -> tell(name, told.put(name, known), known));
              watchTheWatch(stack);
            });
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      look.close();
    }
  }

  private void tell(String name, Restarts before, Restarts now) {
    if (before == null || !before.died().equals(now.died())) {
      say(name + " ended (" + now.why() + ")");
    }
    if (now.count() > (before == null ? 0 : before.count())) {
      say(name + " was started again");
    }
  }

  private void watchTheWatch(LocalStack stack) {
    if (stack.lacksItsWatch() && stack.watch(stack.wanted())) {
      say("The watch ended and was started again");
    }
  }

  /** Stops the stack, unless all of it was started by somebody else. */
  private void stopAll(LocalStack stack) {
    if (!stack.abandonStart()) {
      stack.forget();
      return;
    }
    say("Stopping ...");
    stack.close();
    say("Stopped.");
  }

  private synchronized void say(String line) {
    out.println(line);
    out.flush();
  }
}
