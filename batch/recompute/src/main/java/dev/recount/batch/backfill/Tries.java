package dev.recount.batch.backfill;

import dev.recount.error.FileErrors;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSError;

/**
 * Tries one piece of work again when it fails: up to four times, one second after its first failure
 * and twice as long after each further one. Not if the disk is full: that does not pass by itself.
 */
final class Tries {
  private static final int MOST = 4;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final Runnable requireWanted;
  private final Consumer<Throwable> failed;
  private final Consumer<Duration> pause;

  /**
   * @param requireWanted throws if the work is not to go on; asked after each failure
   * @param failed is told of each failure after which it is tried again
   * @param pause waits
   */
  Tries(Runnable requireWanted, Consumer<Throwable> failed, Consumer<Duration> pause) {
    this.requireWanted = requireWanted;
    this.failed = failed;
    this.pause = pause;
  }

  /** Returns once the work is done, and throws what its last try failed with. */
  void run(Runnable work) {
    Duration next = FIRST_PAUSE;
    for (int i = 1; ; i++) {
      try {
        work.run();
        return;
      } catch (Exception | FSError e) {
        // What a job of Spark fails with is an exception that it does not declare.
        requireWanted.run();
        if (i == MOST || FileErrors.isFull(e)) {
          throw e;
        }
        failed.accept(e);
        pause.accept(next);
        next = next.multipliedBy(2);
      }
    }
  }
}
