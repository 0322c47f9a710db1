package dev.recount.ingest.source;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** Counts what became of lines. Thread-safe. */
public final class Tally {
  private static final int SHOWN = 5;

  private record Rejection(String file, long line, String message) {
    @Override
    public String toString() {
      return file + ":" + line + " " + message;
    }
  }

  private final LongAdder accepted = new LongAdder();
  private final LongAdder passedOver = new LongAdder();
  private final LongAdder unconfirmed = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final Map<ErrorCode, Long> byReason = new EnumMap<>(ErrorCode.class);
  private final PriorityQueue<Rejection> first =
      new PriorityQueue<>(Comparator.comparingLong(Rejection::line).reversed());
  private final AtomicReference<RecountException> failure = new AtomicReference<>();

  void accept() {
    accepted.increment();
  }

  void passOver() {
    passedOver.increment();
  }

  synchronized void reject(String file, long line, RecountException reason) {
    byReason.merge(reason.code(), 1L, Long::sum);
    first.add(new Rejection(file, line, reason.getMessage()));
    if (first.size() > SHOWN) {
      first.poll();
    }
  }

  void fail(RecountException reason) {
    unconfirmed.increment();
    failure.compareAndSet(null, reason);
  }

  /** Ends the run, whatever happened to its lines. */
  public void abort(RecountException reason) {
    failure.compareAndSet(null, reason);
  }

  public long accepted() {
    return accepted.sum();
  }

  public synchronized long rejected() {
    return byReason.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Rows of CSV without any value. */
  public long passedOver() {
    return passedOver.sum();
  }

  /** How many bytes of the sources are in, as they are there. */
  public LongAdder bytesIn() {
    return bytesIn;
  }

  /** Lines of which Kafka did not say that it holds them. */
  public long unconfirmed() {
    return unconfirmed.sum();
  }

  public Optional<RecountException> failure() {
    return Optional.ofNullable(failure.get());
  }

  public synchronized Map<ErrorCode, Long> byReason() {
    return new EnumMap<>(byReason);
  }

  /** The rejected lines with the smallest numbers, with their reasons. */
  public synchronized List<String> first() {
    List<Rejection> sorted = new ArrayList<>(first);
    sorted.sort(Comparator.comparing(Rejection::file).thenComparingLong(Rejection::line));
    return sorted.stream().map(Rejection::toString).toList();
  }
}
