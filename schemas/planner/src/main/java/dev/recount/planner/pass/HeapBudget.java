package dev.recount.planner.pass;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for the groups of all passes that share it, of whatever task and view. It is counted, not
 * taken. A pass has room while the whole is not used up; after that still up to half of its even
 * share, so that no pass lives on crumbs. Together they use no more than one and a half times the
 * whole, and what the last event of each added. Thread-safe.
 */
final class HeapBudget {
  private final long mostBytes;
  private final boolean countsManaged;
  private final AtomicLong usedBytes = new AtomicLong();
  private final AtomicInteger shares = new AtomicInteger();

  private HeapBudget(long mostBytes, boolean countsManaged) {
    this.mostBytes = mostBytes;
    this.countsManaged = countsManaged;
  }

  /** Of what is on the heap, which nothing else counts. */
  static HeapBudget shared(long mostBytes) {
    return new HeapBudget(mostBytes, false);
  }

  /**
   * Of everything, for one pass alone: whether there is room depends on what the pass was given and
   * on nothing else.
   */
  static HeapBudget own(long mostBytes) {
    return new HeapBudget(mostBytes, true);
  }

  Share open() {
    shares.incrementAndGet();
    return new Share();
  }

  long usedBytes() {
    return usedBytes.get();
  }

  /** What one pass uses. Not thread-safe. */
  final class Share implements AutoCloseable {
    private long bytes;
    private boolean isClosed;

    private Share() {}

    void add(long more) {
      bytes += more;
      usedBytes.addAndGet(more);
    }

    /** Adds what is in Spark's managed memory, which Spark bounds. */
    void addManaged(long more) {
      if (countsManaged) {
        add(more);
      }
    }

    boolean hasRoom() {
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
