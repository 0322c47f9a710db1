package dev.recount.batch.archive;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Puts records of a topic that could not be decoded into the dead letters, at least once; partition
 * and offset identify each. Connects when the first one is written. Thread-safe.
 */
final class DeadLetters implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Of one file; more wait. */
  private static final int MOST_UNDER_WAY = 1_000;

  private final RecountConfig config;
  private final Clock clock;
  private Producer<byte[], byte[]> producer;

  DeadLetters(RecountConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  /** The letters of one file, which must all be written before the file is committed. */
  final class Batch {
    private final String event;
    private final List<CompletableFuture<Void>> sent = new ArrayList<>();

    private Batch(String event) {
      this.event = event;
    }

    void add(ConsumerRecord<byte[], byte[]> record, RecountException reason) {
      if (sent.size() == MOST_UNDER_WAY) {
        awaitAll();
        sent.clear();
      }
      sent.add(
          send(
              DeadLetter.of(
                  event,
                  reason,
                  DeadLetter.Source.topic(record.partition(), record.offset()),
                  record.value(),
                  Math.max(0, record.serializedValueSize()),
                  config.events().largestRecordBytes(),
                  clock)));
    }

    /**
     * @throws RecountException KAFKA_UNAVAILABLE if a letter is not certainly written
     */
    void awaitAll() {
      try {
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
            .get(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw RecountException.of(
            ErrorCode.KAFKA_UNAVAILABLE,
            e,
            "Cannot write to the topic '%s': %s; is the stack up? (recount status)",
            Topics.DEAD_LETTERS,
            e.getCause() == null ? "Kafka did not answer in time" : e.getCause().getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RecountException(
            ErrorCode.INTERNAL, "Cannot wait for dead letters: the thread was interrupted", e);
      }
    }
  }

  Batch batch(String event) {
    return new Batch(event);
  }

  private CompletableFuture<Void> send(DeadLetter letter) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    send(letter, done);
    return done;
  }

  private void send(DeadLetter letter, CompletableFuture<Void> done) {
    producer()
        .send(
            letter.toRecord(),
            (metadata, e) -> {
              if (e == null) {
                done.complete(null);
              } else if (e instanceof RecordTooLargeException && letter.isLong()) {
                send(letter.cut(), done);
              } else {
                done.completeExceptionally(e);
              }
            });
  }

  private synchronized Producer<byte[], byte[]> producer() {
    if (producer == null) {
      producer =
          KafkaClients.of(config)
              .producer(
                  Map.of(
                      ProducerConfig.CLIENT_ID_CONFIG,
                      "recount-archive-dead-letters",
                      ProducerConfig.ACKS_CONFIG,
                      "all",
                      ProducerConfig.LINGER_MS_CONFIG,
                      20,
                      ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                      config.events().largestLetterBytes(),
                      ProducerConfig.BUFFER_MEMORY_CONFIG,
                      Math.max(32L << 20, 2L * config.events().largestLetterBytes()),
                      ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                      (int) PATIENCE.toMillis(),
                      ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                      10_000,
                      ProducerConfig.MAX_BLOCK_MS_CONFIG,
                      10_000));
    }
    return producer;
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close(PATIENCE);
    }
  }
}
