package dev.recount.batch.run;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Has a run end cleanly when its process is told to end, and the process wait for that. */
final class ProcessEnd implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(25);

  private final StopSignal signal = new StopSignal();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  ProcessEnd() {
    hook =
        new Thread(
            () -> {
              signal.request(StopSignal.Kind.ENDING, "its process was told to end");
              awaitEnd();
            },
            "run-end");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** What the run goes by. */
  StopSignal signal() {
    return signal;
  }

  private void awaitEnd() {
    try {
      ended.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process ends already, and the hook runs.
      return;
    }
  }
}
