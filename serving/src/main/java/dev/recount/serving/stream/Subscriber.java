package dev.recount.serving.stream;

import dev.recount.error.RecountException;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.util.function.LongSupplier;

/** One client of a question, and what it has been sent. Thread-safe. */
final class Subscriber {
  private final LiveQuestion question;
  private final LongSupplier nanos;
  private final long begunNanos;
  private EventStream stream;
  private long seen;
  private RecountException told;
  private byte[] extra;
  private long sentNanos;

  /**
   * @param lastId of the last event that the client got on a connection before this; null for none
   * @param first is written before anything else
   */
  Subscriber(LiveQuestion question, String lastId, byte[] first, LongSupplier nanos) {
    this.question = question;
    this.seen = question.seen(lastId);
    this.extra = first;
    this.nanos = nanos;
    this.begunNanos = nanos.getAsLong();
    this.sentNanos = begunNanos;
  }

  /**
   * Begins to write.
   *
   * @param ended is called once when the client is gone or {@link #close} was called
   */
  void begin(AsyncContext context, Runnable ended) throws IOException {
    EventStream begun = new EventStream(context, this::next, ended);
    synchronized (this) {
      stream = begun;
    }
    begun.begin();
  }

  private synchronized byte[] next() {
    byte[] bytes = extra;
    extra = null;
    if (bytes == null) {
      LiveQuestion.Sending sending = question.next(seen, told);
      seen = sending.number();
      told = sending.problem();
      bytes = sending.bytes().length == 0 ? null : sending.bytes();
    }
    if (bytes != null) {
      sentNanos = nanos.getAsLong();
    }
    return bytes;
  }

  /** To be called when there may be something new. */
  void wake() {
    EventStream begun = stream();
    if (begun != null) {
      begun.wake();
    }
  }

  /** Sends something beside the question's events. */
  void send(byte[] event) {
    synchronized (this) {
      extra = event;
    }
    wake();
  }

  /** For how long it has been sent nothing, in nanoseconds. */
  synchronized long silence() {
    return nanos.getAsLong() - sentNanos;
  }

  /** How long ago it began, in nanoseconds. */
  long age() {
    return nanos.getAsLong() - begunNanos;
  }

  void close() {
    EventStream begun = stream();
    if (begun != null) {
      begun.close();
    }
  }

  private synchronized EventStream stream() {
    return stream;
  }
}
