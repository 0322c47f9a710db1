package dev.recount.serving.text;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets one query at a time search the text of a table's REALTIME side. In Pinot 0.11.0 all queries
 * of a consuming segment share one query parser of Lucene's, which is not made for that: two at
 * once can read each other's words. Thread-safe.
 */
public final class TextTurns {
  private static final String OFFLINE = "_OFFLINE";

  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /**
   * Asks when it is the query's turn; a query that searches no text of the REALTIME side waits for
   * none.
   *
   * @throws RecountException QUERY_TIMEOUT
   */
  public <T> T inTurn(String table, String sql, Deadline deadline, Supplier<T> ask) {
    if (!sql.contains(TextMatch.FUNCTION) || table.endsWith(OFFLINE)) {
      return ask.get();
    }
    ReentrantLock lock =
        locks.computeIfAbsent(
            table.replaceFirst("_REALTIME$", ""), name -> new ReentrantLock(true));
    require(lock, deadline);
    try {
      return ask.get();
    } finally {
      lock.unlock();
    }
  }

  private static void require(ReentrantLock lock, Deadline deadline) {
    try {
      if (lock.tryLock(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RecountException(
        ErrorCode.QUERY_TIMEOUT,
        "Cannot answer the query: other searches of the same view's text took longer than"
            + " serving.timeout; ask again");
  }
}
