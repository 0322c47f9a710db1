package dev.recount.batch.cut;

import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.TaskContext;

/**
 * How fast events are read at most, by all tasks of this process together.
 *
 * @param perSecond how many events
 */
public record Pace(long perSecond) implements Serializable {
  private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();

  /** What all tasks of a process share: from when on the next events may be read. */
  private static final AtomicLong NEXT_NANOS = new AtomicLong(System.nanoTime());

  /** Returns once so many more events may be read, or when the task is told to end. */
  void await(int events) {
    long now = System.nanoTime();
    long took = Math.multiplyExact((long) events, Duration.ofSeconds(1).toNanos()) / perSecond;
    long turn = NEXT_NANOS.getAndUpdate(next -> Math.max(next - now, 0) + now + took);
    TaskContext task = TaskContext.get();
    for (long left = turn - now; left > 0; left = turn - System.nanoTime()) {
      if (task != null && task.isInterrupted()) {
        return;
      }
      LockSupport.parkNanos(Math.min(left, LOOK_NANOS));
    }
  }
}
