package dev.recount.infra.clients.kafka;

import dev.recount.core.Deadline;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * The time that the brokers' clocks show. What is compared with an arrival must come from here: the
 * clock of a host may be ahead, and a cut in the brokers' future would leave out what is still to
 * arrive before it.
 *
 * <p>A marker is written to each partition of {@link Topics#CLOCK}, of which every broker leads
 * one; the brokers answer with the time at which they appended it. The earliest counts. Opens on
 * first use. Thread-safe.
 */
public final class BrokerClock implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration KEPT = Duration.ofHours(1);
  private static final long MOST_AGE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What a producer says of the time; no broker that sets the time itself keeps it. */
  private static final long NO_TIME = 0;

  private final KafkaClients kafka;
  private final Duration timeout;
  private Producer<byte[], byte[]> producer;
  private long markedMs;
  private long markedNanos;

  /** Why the brokers could not be asked the last time; null if they could. */
  private Throwable failure;

  private long failedNanos;

  public BrokerClock(KafkaClients kafka) {
    this(kafka, TIMEOUT);
  }

  /**
   * @param timeout how long to wait for the brokers
   */
  BrokerClock(KafkaClients kafka, Duration timeout) {
    this.kafka = kafka;
    this.timeout = timeout;
  }

  /**
   * The present time, asked of the brokers.
   *
   * @throws RecountException KAFKA_UNAVAILABLE; CONFIG_INVALID if the brokers do not set the time
   *     of the topic's records
   */
  public synchronized long nowMs() {
    try {
      if (producer == null) {
        makeTopic();
        producer = kafka.producer(settings());
      }
      markedMs = mark();
      markedNanos = System.nanoTime();
      failure = null;
      return markedMs;
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      failure = e instanceof ExecutionException ? e.getCause() : e;
      failedNanos = System.nanoTime();
      throw unavailable(failure);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  /**
   * The present time or a little before: what passed since the brokers were asked is added. Those
   * who wait while another asks in vain fail with it, however late they get their turn.
   *
   * @throws RecountException as {@link #nowMs} does
   */
  public long aboutNowMs() {
    return aboutNowMs(System.nanoTime());
  }

  private synchronized long aboutNowMs(long sinceNanos) {
    long nanos = System.nanoTime();
    if (markedMs > 0 && nanos - markedNanos < MOST_AGE_NANOS) {
      return markedMs + TimeUnit.NANOSECONDS.toMillis(nanos - markedNanos);
    }
    if (failure != null && (sinceNanos - failedNanos < 0 || nanos - failedNanos < FAILURE_NANOS)) {
      throw unavailable(failure);
    }
    return nowMs();
  }

  private long mark() throws InterruptedException, ExecutionException, TimeoutException {
    List<Future<RecordMetadata>> markers = new ArrayList<>();
    producer
        .partitionsFor(Topics.CLOCK)
        .forEach(
            of ->
                markers.add(
                    producer.send(
                        new ProducerRecord<>(
                            Topics.CLOCK, of.partition(), NO_TIME, null, new byte[0]))));
    long earliest = Long.MAX_VALUE;
    for (Future<RecordMetadata> marker : markers) {
      earliest =
          Math.min(earliest, marker.get(timeout.toMillis(), TimeUnit.MILLISECONDS).timestamp());
    }
    if (earliest == NO_TIME) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot ask the brokers for the time: the records of the topic '%s' keep the "
              + "time of their producer; set its message.timestamp.type to LogAppendTime",
          Topics.CLOCK);
    }
    return earliest;
  }

  /** Partitions are led by the brokers in turn. */
  private void makeTopic() {
    try (Admin admin = kafka.admin(timeout)) {
      int brokers = KafkaAnswer.await(admin.describeCluster().nodes(), timeout).size();
      NewTopic topic =
          new NewTopic(Topics.CLOCK, Optional.of(brokers), Optional.empty())
              .configs(
                  Map.of(
                      TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                      "LogAppendTime",
                      TopicConfig.RETENTION_MS_CONFIG,
                      String.valueOf(KEPT.toMillis())));
      try {
        KafkaAnswer.await(admin.createTopics(List.of(topic)).all(), timeout);
      } catch (TopicExistsException e) {
        // Another process was faster.
      }
      TopicLeaders.await(admin, Topics.CLOCK, Deadline.after(timeout));
    }
  }

  private Map<String, Object> settings() {
    int millis = Math.toIntExact(timeout.toMillis());
    return Map.of(
        ProducerConfig.CLIENT_ID_CONFIG,
        "recount-clock",
        ProducerConfig.MAX_BLOCK_MS_CONFIG,
        millis,
        // Is part of what the delivery may take; clients from 4.0 on wait 5 ms unless told.
        ProducerConfig.LINGER_MS_CONFIG,
        0,
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        millis,
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        millis);
  }

  private RecountException unavailable(Throwable cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot ask the brokers at %s for the time: %s; is the stack up? (recount status)",
        kafka.bootstrap(),
        cause.getMessage() == null
            ? "no answer within " + DurationText.of(timeout)
            : cause.getMessage());
  }

  @Override
  public synchronized void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(2));
      producer = null;
    }
  }
}
