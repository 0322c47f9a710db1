package dev.recount.scheduler;

import dev.recount.core.cli.Commands;
import java.time.Clock;

/** A scheduler whose runs are somebody else's business: the commands that it starts do nothing. */
final class TestScheduler {
  private TestScheduler() {}

  public static void main(String[] arguments) {
    Commands.main(
        new SchedulerService(
            Clock.systemUTC(),
            config -> (words, log) -> new ProcessBuilder("/bin/sh", "-c", ":").start()),
        arguments);
  }
}
