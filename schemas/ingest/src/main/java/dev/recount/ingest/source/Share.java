package dev.recount.ingest.source;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** A part of a source that is in as soon as each of its records is. Thread-safe. */
public final class Share {
  private final AtomicLong open = new AtomicLong(1);
  private final LongAdder bytesIn;
  private final long bytes;

  /**
   * @param bytesIn is called when the part is in
   * @param bytes how many bytes of the source it is made of
   */
  public Share(LongAdder bytesIn, long bytes) {
    this.bytesIn = bytesIn;
    this.bytes = bytes;
  }

  /** One of its records is on its way. */
  public void begin() {
    open.incrementAndGet();
  }

  /** One of its records is in; the last call says that no more begin. */
  public void end() {
    if (open.decrementAndGet() == 0) {
      bytesIn.add(bytes);
    }
  }
}
