package dev.recount.serving.answer;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Unsettled;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waits for what is counted beside a query. */
final class Counts {
  private Counts() {}

  static long await(Future<Long> count) throws Unsettled {
    try {
      return count.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Unsettled unsettled) {
        throw unsettled;
      }
      if (e.getCause() instanceof RecountException failure) {
        throw failure;
      }
      throw RecountException.of(
          ErrorCode.INTERNAL, e, "Cannot count what was read: %s", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.INTERNAL, "Cannot count what was read: interrupted", e);
    }
  }

  /**
   * Waits for its end, whatever it is.
   *
   * @param count null if there is none
   */
  static void giveUp(Future<Long> count) {
    try {
      if (count != null) {
        count.get();
      }
    } catch (ExecutionException e) {
      return; // It has ended, which is all that matters here.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
