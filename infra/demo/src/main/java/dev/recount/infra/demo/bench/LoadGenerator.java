package dev.recount.infra.demo.bench;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Sends encoded page views straight to Kafka, as fast as asked: a history of a week in its order,
 * or live traffic; one event of twenty comes up to a day late.
 */
final class LoadGenerator implements AutoCloseable {
  private static final long DAY_MS = 24L * 60 * 60 * 1000;
  private static final long WEEK_MS = 7 * DAY_MS;
  private static final int LATE_ONE_OF = 20;
  private static final int BOT_ONE_OF = 20;
  private static final int PAGES = 5_000;
  private static final int SESSIONS = 200_000;
  private static final int ADDRESSES = 50_000;
  private static final String[] BROWSERS = {"Chrome", "Safari", "Firefox", "Edge", "Opera"};
  private static final String PROBE = "/probe";

  private final KafkaProducer<byte[], byte[]> producer;
  private final EventCodec codec;
  private final SplittableRandom random = new SplittableRandom(42);
  private final String topic;
  private final Clock clock;

  LoadGenerator(RecountConfig config, EventSchema schema, Clock clock) {
    this.codec = new EventCodec(schema, fingerprint -> Optional.empty());
    this.topic = Topics.raw(schema.name());
    this.clock = clock;
    this.producer =
        KafkaClients.of(config)
            .producer(
                Map.of(
                    ProducerConfig.LINGER_MS_CONFIG,
                    5,
                    ProducerConfig.BATCH_SIZE_CONFIG,
                    256 * 1024,
                    ProducerConfig.COMPRESSION_TYPE_CONFIG,
                    "lz4",
                    ProducerConfig.BUFFER_MEMORY_CONFIG,
                    64L * 1024 * 1024));
  }

  private GenericRecord event(String page, long timeMs) {
    GenericRecord event = new GenericData.Record(codec.schema().avro());
    int session = random.nextInt(SESSIONS);
    int status = random.nextInt(50) == 0 ? 404 : random.nextInt(20) == 0 ? 304 : 200;
    event.put("event_time", timeMs - latenessMs());
    event.put(
        "ip_address", "198.51." + session % ADDRESSES / 250 + "." + session % ADDRESSES % 250);
    event.put("session_id", "s" + session);
    event.put("page_url", page);
    event.put("browser", BROWSERS[session % BROWSERS.length]);
    event.put("method", random.nextInt(20) == 0 ? "POST" : "GET");
    event.put("status", status);
    event.put("bytes", status == 304 ? null : 200L + random.nextInt(80_000));
    event.put("is_bot", session % BOT_ONE_OF == 0);
    return event;
  }

  private long latenessMs() {
    return random.nextInt(LATE_ONE_OF) == 0 ? random.nextLong(DAY_MS) : random.nextLong(1_000);
  }

  private String page() {
    double u = random.nextDouble();
    return "/products/" + (int) (u * u * u * PAGES);
  }

  /** Sends the week before now, as fast as Kafka takes it, and waits for all acknowledgements. */
  void sendHistory(long count) {
    double startMs = clock.millis() - WEEK_MS;
    for (long i = 0; i < count; i++) {
      long timeMs = (long) (startMs + WEEK_MS * (i / (double) count));
      producer.send(new ProducerRecord<>(topic, codec.encode(event(page(), timeMs))));
    }
    producer.flush();
  }

  /** Sends at a steady rate (events a second) until {@code untilNanos} by System.nanoTime. */
  void sendAtRate(int rate, long untilNanos) {
    long start = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() < untilNanos) {
      long due = (long) ((System.nanoTime() - start) / 1e9 * rate);
      for (; sent < due; sent++) {
        producer.send(new ProducerRecord<>(topic, codec.encode(event(page(), clock.millis()))));
      }
      LockSupport.parkNanos(2_000_000);
    }
    producer.flush();
  }

  /**
   * Sends one page view of the page {@value #PROBE}.
   *
   * @return its arrival: the broker's timestamp, milliseconds
   */
  long sendProbe() {
    Future<RecordMetadata> sent =
        producer.send(
            new ProducerRecord<>(topic, 0, null, codec.encode(event(PROBE, clock.millis()))));
    try {
      return sent.get().timestamp();
    } catch (InterruptedException | ExecutionException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE, e, "Cannot send a probe: %s", e.getMessage());
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
