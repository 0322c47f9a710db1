package dev.recount.speed;

import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Sends the deltas of one task and knows of each topic whether the broker has all of them. What one
 * topic refuses keeps nothing from another. For one thread.
 */
final class DeltaSender implements AutoCloseable {
  /** Sends a delta that is too large for the producer that all share. */
  interface Alone {
    void send(ProducerRecord<byte[], byte[]> delta) throws Exception;
  }

  /** A larger delta is sent alone. */
  static final int SMALL_BYTES = 4 << 20;

  private final Producer<byte[], byte[]> producer;
  private final Alone alone;
  private final Consumer<Boolean> giveBack;
  private final Duration patience;
  private final Map<String, Throwable> failures = new ConcurrentHashMap<>();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

  /** How many deltas of each topic are neither acknowledged nor failed; guarded by itself. */
  private final Map<String, Integer> waiting = new HashMap<>();

  private long sent;

  /**
   * @param giveBack receives at the end whether the producer is still usable
   * @param patience how long acknowledgements are waited for: longer than the producer itself needs
   */
  DeltaSender(
      Producer<byte[], byte[]> producer,
      Alone alone,
      Consumer<Boolean> giveBack,
      Duration patience) {
    this.producer = producer;
    this.alone = alone;
    this.giveBack = giveBack;
    this.patience = patience;
  }

  /**
   * Hands a delta over; that it failed may show only at {@link #flush}.
   *
   * @throws RecountException KAFKA_UNAVAILABLE if an earlier one of the topic failed: each that is
   *     tried may wait as long
   */
  void send(String topic, byte[] key, byte[] value) {
    requireFit(topic);
    ProducerRecord<byte[], byte[]> delta = new ProducerRecord<>(topic, key, value);
    try {
      if (key.length + value.length > SMALL_BYTES) {
        alone.send(delta);
        acknowledged.add(topic);
      } else {
        sendInBatch(delta);
      }
      sent++;
    } catch (InterruptException e) {
      throw e;
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      note(topic, e.getCause());
    } catch (Exception e) {
      note(topic, e);
    }
    requireFit(topic);
  }

  private void sendInBatch(ProducerRecord<byte[], byte[]> delta) {
    String topic = delta.topic();
    waits(topic, 1);
    try {
      producer.send(
          delta,
          (metadata, e) -> {
            note(topic, e);
            waits(topic, -1);
          });
    } catch (RuntimeException e) {
      waits(topic, -1);
      throw e;
    }
  }

  private void waits(String topic, int more) {
    synchronized (waiting) {
      waiting.merge(topic, more, (now, added) -> now + added == 0 ? null : now + added);
      if (waiting.isEmpty()) {
        waiting.notifyAll();
      }
    }
  }

  private void note(String topic, Throwable e) {
    if (e == null) {
      acknowledged.add(topic);
    } else {
      failures.putIfAbsent(topic, e);
    }
  }

  private void requireFit(String topic) {
    Throwable e = failures.get(topic);
    if (e != null) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE,
          e,
          "Cannot write deltas to the topic '%s': %s",
          topic,
          e.getMessage());
    }
  }

  /**
   * Waits until each delta is acknowledged or has failed. The producer's own flush would wait for
   * ever if its thread had ended, as a batch that the broker finds too large can make it.
   *
   * @return why the first one failed, of each topic in which one did
   */
  Map<String, Throwable> flush() {
    long end = System.nanoTime() + patience.toNanos();
    synchronized (waiting) {
      try {
        for (long left = patience.toNanos();
            !waiting.isEmpty() && left > 0;
            left = end - System.nanoTime()) {
          TimeUnit.NANOSECONDS.timedWait(waiting, left);
        }
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
      for (String topic : waiting.keySet()) {
        note(
            topic,
            new TimeoutException(
                "deltas were not acknowledged within " + DurationText.of(patience)));
      }
    }
    return failures;
  }

  /** The topics of which the broker has deltas. */
  Set<String> acknowledged() {
    return acknowledged;
  }

  long sent() {
    return sent;
  }

  @Override
  public void close() {
    giveBack.accept(failures.isEmpty());
  }
}
