package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.sql.QueryErrors;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * An answer that is being found, beside those who wait for it. When the last of them has left, it
 * is cancelled. Thread-safe.
 */
final class Flight {
  /** How often it is asked whether one who waits is still there. */
  private static final Duration PRESENCE = Duration.ofMillis(200);

  /** How much longer than its own time an answer is waited for: it knows better why it failed. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final Cancellation cancellation = new Cancellation();
  private final CompletableFuture<Finder.Found> answer = new CompletableFuture<>();
  private final long begunNanos = System.nanoTime();
  private int waiting;

  /** How long ago it began. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - begunNanos);
  }

  /** Begins to find an answer; {@link #await} follows. */
  void begin(Function<Cancellation, Finder.Found> find, Executor threads) {
    threads.execute(
        () -> {
          try {
            answer.complete(find.apply(cancellation));
          } catch (Throwable e) {
            answer.completeExceptionally(e);
          }
        });
  }

  /**
   * One more waits.
   *
   * @return false if nobody does any more, so that it is not there for anybody
   */
  synchronized boolean join() {
    if (cancellation.cause().isDone()) {
      return false;
    }
    waiting++;
    return true;
  }

  private synchronized void leave() {
    waiting--;
    if (waiting == 0 && !answer.isDone()) {
      cancellation.cancel("nobody waits for it");
    }
  }

  /**
   * Waits for the answer, after {@link #join}.
   *
   * @param own of the one who waits
   * @throws RecountException QUERY_CANCELLED, QUERY_TIMEOUT, and what finding it threw
   */
  Finder.Found await(Asker asker, Cancellation own, Deadline deadline) {
    Deadline end = Deadline.after(deadline.remaining().plus(GRACE));
    try {
      while (true) {
        Duration left = end.remaining();
        Duration next = PRESENCE.compareTo(left) < 0 ? PRESENCE : left;
        try {
          CompletableFuture.anyOf(answer, own.cause())
              .get(next.toMillis() + 1, TimeUnit.MILLISECONDS);
          own.require();
          return answer.join();
        } catch (TimeoutException e) {
          if (end.isExpired()) {
            throw QueryErrors.timeout();
          }
          if (!asker.isThere()) {
            own.cancel("its client has left");
          }
        }
      }
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw QueryErrors.timeout();
    } finally {
      leave();
    }
  }

  private static RuntimeException thrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}
