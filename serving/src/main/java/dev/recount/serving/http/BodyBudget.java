package dev.recount.serving.http;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes the bodies of all requests may hold at a time. The first bytes of each are free,
 * so that small requests are taken however many large ones come. Thread-safe.
 */
final class BodyBudget {
  static final int FREE_BYTES = 64 * 1024;
  private static final int STEP_BYTES = 1024 * 1024;

  /** A body is some two or three times in memory until its records are sent. */
  private static final int PART_OF_MEMORY = 8;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param most bytes
   */
  BodyBudget(long most) {
    this.most = most;
  }

  /**
   * A part of the memory of this process.
   *
   * @param largest body, two of which there is always room for
   */
  static BodyBudget ofMemory(long largest) {
    return new BodyBudget(
        Math.max(2 * (largest + STEP_BYTES), Runtime.getRuntime().maxMemory() / PART_OF_MEMORY));
  }

  /** What one request holds of it. */
  Share share() {
    return new Share();
  }

  /** Bytes that are held now. */
  long held() {
    return held.get();
  }

  /** For one thread; closed when the request is over. */
  final class Share implements AutoCloseable {
    private long own;

    /**
     * Holds at least so many bytes.
     *
     * @throws RecountException MEMORY_EXHAUSTED if others hold too much of them
     */
    void hold(long bytes) {
      long more = bytes - FREE_BYTES - own;
      if (more <= 0) {
        return;
      }
      long step = Math.max(more, STEP_BYTES);
      if (held.addAndGet(step) > most) {
        held.addAndGet(-step);
        throw RecountException.of(
            ErrorCode.MEMORY_EXHAUSTED,
            "Cannot read the request: the bodies of other requests fill the memory that is for them"
                + " (%s bytes); send it again, in smaller pieces",
            most);
      }
      own += step;
    }

    @Override
    public void close() {
      held.addAndGet(-own);
      own = 0;
    }
  }
}
