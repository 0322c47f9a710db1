package dev.recount.planner.pass;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that several share: the groups of all passes, of whatever task and view; the states that
 * all events join. It is counted, not taken. Each has room while the whole is not used up; after
 * that still up to half of its even share, so that none lives on crumbs. Together they use no more
 * than one and a half times the whole, and what each added last. Thread-safe.
 */
public final class HeapBudget {
  private final long mostBytes;
  private final boolean countsManaged;
  private final AtomicLong usedBytes = new AtomicLong();
  private final AtomicInteger shares = new AtomicInteger();

  private HeapBudget(long mostBytes, boolean countsManaged) {
    this.mostBytes = mostBytes;
    this.countsManaged = countsManaged;
  }

  /** Of what is on the heap, which nothing else counts. */
  public static HeapBudget shared(long mostBytes) {
    return new HeapBudget(mostBytes, false);
  }

  /**
   * Of everything, for one pass alone: whether there is room depends on what the pass was given and
   * on nothing else.
   */
  static HeapBudget own(long mostBytes) {
    return new HeapBudget(mostBytes, true);
  }

  /** A share of its own, until it is closed. */
  public Share open() {
    shares.incrementAndGet();
    return new Share();
  }

  /** What all use together. */
  public long usedBytes() {
    return usedBytes.get();
  }

  public long mostBytes() {
    return mostBytes;
  }

  /** What one of those who share it uses. Not thread-safe. */
  public final class Share implements AutoCloseable {
    private long bytes;
    private boolean isClosed;

    private Share() {}

    public HeapBudget whole() {
      return HeapBudget.this;
    }

    public void add(long more) {
      bytes += more;
      usedBytes.addAndGet(more);
    }

    /** Adds what is in Spark's managed memory, which Spark bounds. */
    void addManaged(long more) {
      if (countsManaged) {
        add(more);
      }
    }

    public boolean hasRoom() {
      return bytes == 0 || usedBytes.get() < mostBytes || bytes < mostBytes / (2L * shares.get());
    }

    @Override
    public void close() {
      if (!isClosed) {
        isClosed = true;
        add(-bytes);
        shares.decrementAndGet();
      }
    }
  }
}
