package dev.recount.planner.state;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that all {@link StateTable}s share: counted, not taken. Thread-safe. */
public final class StateMemory {
  private final long mostBytes;
  private final AtomicLong usedBytes = new AtomicLong();

  public StateMemory(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** Half of what this process has. */
  public static StateMemory ofProcess() {
    return OfProcess.MEMORY;
  }

  private static final class OfProcess {
    static final StateMemory MEMORY = new StateMemory(Runtime.getRuntime().maxMemory() / 2);
  }

  void add(long bytes) {
    usedBytes.addAndGet(bytes);
  }

  boolean isFull() {
    return usedBytes.get() > mostBytes;
  }

  long mostBytes() {
    return mostBytes;
  }

  /** How much is used. */
  public long usedBytes() {
    return usedBytes.get();
  }
}
