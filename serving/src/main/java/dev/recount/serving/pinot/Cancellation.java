package dev.recount.serving.pinot;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.concurrent.CompletableFuture;

/** Whether an answer is no longer wanted, and why. Thread-safe. */
public final class Cancellation {
  private final CompletableFuture<RecountException> cause = new CompletableFuture<>();

  /** Says that the answer is no longer wanted; the first reason stands. */
  public void cancel(String reason) {
    cause.complete(
        RecountException.of(ErrorCode.QUERY_CANCELLED, "Cannot answer the query: %s", reason));
  }

  /**
   * Ends who goes on with it.
   *
   * @throws RecountException QUERY_CANCELLED
   */
  public void require() {
    if (cause.isDone()) {
      throw cause.join();
    }
  }

  /** What is thrown, once it is cancelled. */
  public CompletableFuture<RecountException> cause() {
    return cause;
  }
}
