package dev.recount.ingest.door;

import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.ingest.source.RecordLimits;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The one way in for JSON and log lines: checks records against the event's schema and sends them
 * to its raw topic; keeps the wrong ones as dead letters. Thread-safe; one a process.
 */
public final class Door implements AutoCloseable {
  private static final Duration GIVE_UP = Duration.ofSeconds(30);

  private final Catalog catalog;
  private final Clock clock;
  private final RecountConfig.Events settings;
  private final RecordLimits limits;
  private final Producer<byte[], byte[]> producer;
  private final BrokerClock brokers;
  private final DoorSchemas schemas;
  private final DiskSpace disk;

  private Door(
      Catalog catalog,
      Clock clock,
      RecountConfig config,
      Producer<byte[], byte[]> producer,
      BrokerClock brokers) {
    this.catalog = catalog;
    this.clock = clock;
    this.settings = config.events();
    this.disk = new DiskSpace(config);
    this.limits = RecordLimits.of(settings);
    this.producer = producer;
    this.brokers = brokers;
    this.schemas = new DoorSchemas(catalog.events(), brokers::aboutNowMs, clock);
  }

  /**
   * Opens the door; Kafka is first asked when a record or a new schema comes. The catalog stays
   * open.
   */
  public static Door open(RecountConfig config, Catalog catalog, Clock clock) {
    KafkaClients kafka = KafkaClients.of(config);
    return new Door(
        catalog, clock, config, kafka.producer(settings(config)), new BrokerClock(kafka));
  }

  /** What a producer of events is set to. */
  public static Map<String, Object> settings(RecountConfig config) {
    return Map.ofEntries(
        Map.entry(ProducerConfig.CLIENT_ID_CONFIG, "recount-door"),
        Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
        Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true),
        Map.entry(ProducerConfig.LINGER_MS_CONFIG, 5),
        Map.entry(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024),
        Map.entry(
            ProducerConfig.BUFFER_MEMORY_CONFIG,
            Math.max(64L * 1024 * 1024, 2L * config.events().largestLetterBytes())),
        Map.entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4"),
        // Larger than any event, so that events.max-size is what limits those.
        Map.entry(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, config.events().largestLetterBytes()),
        Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000),
        Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) GIVE_UP.toMillis()),
        Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000));
  }

  /**
   * The schema that events are written with now, as {@link DoorSchemas} has it.
   *
   * @throws RecountException EVENT_UNKNOWN naming the known ones
   */
  public EventSchema schema(String event) {
    return schemas
        .find(event)
        .orElseThrow(() -> UnknownName.event(event, catalog.events().names()));
  }

  /** How large a record may be. */
  public RecordLimits limits() {
    return limits;
  }

  /** A way in for one thread and one event. */
  public Intake intake(String event) {
    return new Intake(schema(event), producer, settings, disk, clock);
  }

  /** The same, but nothing is sent: it only reports what would become of records. */
  public Intake dryIntake(String event) {
    return new Intake(schema(event), null, settings, disk, clock);
  }

  /**
   * Takes JSON: an object, an array of objects, or one object a line. Returns when the brokers hold
   * every record, as an event or as a dead letter.
   *
   * @throws RecountException EVENT_UNKNOWN; EVENT_MALFORMED if the body holds no record;
   *     KAFKA_UNAVAILABLE, DISK_FULL if not all are confirmed, with the counts in its details
   */
  public Batch submit(String event, byte[] body) {
    return submit(event, JsonBody.split(body));
  }

  /** Takes records that are a JSON object each; otherwise as the other {@code submit}. */
  public Batch submit(String event, List<byte[]> records) {
    Intake intake = intake(event);
    JsonEvents events = new JsonEvents(intake.schema());
    Submission submission = new Submission(records.size());
    for (int index = 0; index < records.size() && !submission.hasFailed(); index++) {
      intake.take(submission.arrival(index, records.get(index)), events::read);
    }
    return submission.await(GIVE_UP.plusSeconds(5));
  }

  /** Returns when everything that was accepted before is acknowledged or has failed. */
  public void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close(GIVE_UP);
    brokers.close();
  }
}
