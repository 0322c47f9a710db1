package dev.recount.infra.stack;

import dev.recount.core.Loop;
import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The process that watches the others of a home; it ends when there is none to be watched. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = "Starts the local stack's processes again when they die.")
public final class WatchProcess implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(500);

  @Mixin private HomeOptions options;

  public static void main(String[] arguments) {
    Commands.main(new WatchProcess(), arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    StackWatch watch = new StackWatch(options.config(), Clock.systemUTC(), System::nanoTime);
    CountDownLatch ended = new CountDownLatch(1);
    Loop loop =
        Loop.start(
            "watch",
            LOOK,
            () -> {
              if (!watch.look()) {
                ended.countDown();
              }
            });
    ended.await();
    loop.close();
    return 0;
  }
}
