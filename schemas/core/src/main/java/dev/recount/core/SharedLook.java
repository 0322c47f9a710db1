package dev.recount.core;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is read at most every so often, whoever wants it, and waited for only so long: one
 * reading at a time, however long it hangs. Thread-safe.
 */
public final class SharedLook<T> {
  private static final Logger LOG = LoggerFactory.getLogger(SharedLook.class);

  private final String name;
  private final Callable<T> read;
  private final Duration keep;
  private final LongSupplier nanos;
  private FutureTask<T> reading;
  private long begunNanos;

  /**
   * @param name of its thread
   * @param keep how long what was read is good
   */
  public SharedLook(String name, Callable<T> read, Duration keep, LongSupplier nanos) {
    this.name = name;
    this.read = read;
    this.keep = keep;
    this.nanos = nanos;
  }

  /** What is so now; empty if it cannot be read in time. */
  public Optional<T> now(Deadline deadline) {
    try {
      return Optional.of(begin().get(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      LOG.debug("Cannot read {}", name, e.getCause());
      return Optional.empty();
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Has it read if what is known is too old. */
  public synchronized Future<T> begin() {
    boolean isOld = reading == null || nanos.getAsLong() - begunNanos >= keep.toNanos();
    if (isOld && (reading == null || reading.isDone())) {
      reading = new FutureTask<>(read);
      begunNanos = nanos.getAsLong();
      Thread thread = new Thread(reading, name);
      thread.setDaemon(true);
      thread.start();
    }
    return reading;
  }
}
