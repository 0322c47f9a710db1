package dev.recount.ingest.door;

import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.ingest.source.Arrival;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** One thread's way through the door, for one event. Not thread-safe. */
public final class Intake {
  private final EventSchema schema;
  private final EventCodec codec;
  private final Producer<byte[], byte[]> producer;
  private final RecountConfig.Events settings;
  private final DiskSpace disk;
  private final Clock clock;
  private final String topic;

  /**
   * @param producer null if nothing is to be sent, only told what would become of it
   */
  Intake(
      EventSchema schema,
      Producer<byte[], byte[]> producer,
      RecountConfig.Events settings,
      DiskSpace disk,
      Clock clock) {
    this.schema = schema;
    this.codec = new EventCodec(schema, fingerprint -> Optional.empty());
    this.producer = producer;
    this.settings = settings;
    this.disk = disk;
    this.clock = clock;
    this.topic = Topics.raw(schema.name());
  }

  public EventSchema schema() {
    return schema;
  }

  /**
   * Reads a record and sends it as an event, or rejects it if it cannot be read or is larger than
   * {@code events.max-size}. Blocks only while the producer's buffer is full.
   */
  public void take(Arrival arrival, Function<byte[], GenericRecord> reader) {
    if (isRefused(arrival)) {
      return;
    }
    ProducerRecord<byte[], byte[]> record;
    try {
      if (arrival.size() > settings.largestRecordBytes()) {
        throw tooLargeToRead(arrival.size());
      }
      GenericRecord event = read(arrival.payload(), reader);
      byte[] bytes = codec.encode(event);
      if (bytes.length > settings.maxSizeBytes()) {
        throw tooLarge(bytes.length);
      }
      record = new ProducerRecord<>(topic, schema.key(event), bytes);
    } catch (RecountException e) {
      reject(e, arrival);
      return;
    }
    if (producer == null) {
      arrival.accepted();
    } else {
      send(record, arrival);
    }
  }

  /**
   * @throws RecountException never anything else: a record that a reader stumbles over is wrong
   */
  public GenericRecord read(byte[] payload, Function<byte[], GenericRecord> reader) {
    try {
      return reader.apply(payload);
    } catch (RecountException e) {
      throw e;
    } catch (RuntimeException e) {
      throw RecountException.of(
          ErrorCode.EVENT_MALFORMED,
          e,
          "Cannot accept an event of '%s': it cannot be read%s",
          schema.name(),
          e.getMessage() == null ? "" : ": " + e.getMessage());
    }
  }

  private void send(ProducerRecord<byte[], byte[]> record, Arrival arrival) {
    producer.send(
        record,
        (metadata, e) -> {
          if (e == null) {
            arrival.accepted();
          } else if (e instanceof RecordTooLargeException) {
            reject(tooLargeForTopic(record.value().length), arrival);
          } else {
            arrival.failed(unavailable(topic, e));
          }
        });
  }

  /** Keeps a record that is wrong as a dead letter. */
  public void reject(RecountException reason, Arrival arrival) {
    if (producer == null) {
      arrival.rejected(reason);
      return;
    }
    if (isRefused(arrival)) {
      return;
    }
    DeadLetter letter =
        DeadLetter.of(
            schema.name(),
            reason,
            arrival.source(),
            arrival.payload(),
            arrival.size(),
            settings.largestRecordBytes(),
            clock);
    keep(letter, reason, arrival);
  }

  /** A dead letter takes room as well; if nothing is sent, none is used. */
  private boolean isRefused(Arrival arrival) {
    Optional<RecountException> refusal = producer == null ? Optional.empty() : disk.refusal();
    refusal.ifPresent(arrival::failed);
    return refusal.isPresent();
  }

  private void keep(DeadLetter letter, RecountException reason, Arrival arrival) {
    producer.send(
        letter.toRecord(),
        (metadata, e) -> {
          if (e == null) {
            arrival.rejected(reason);
          } else if (e instanceof RecordTooLargeException && letter.isLong()) {
            keep(letter.cut(), reason, arrival);
          } else {
            arrival.failed(unavailable(Topics.DEAD_LETTERS, e));
          }
        });
  }

  private RecountException tooLarge(int size) {
    return tooLarge(
        "it has %s bytes as an event, at most %s are allowed; raise events.max-size "
            + "and run 'recount apply', or send a smaller event",
        size, settings.maxSizeBytes());
  }

  private RecountException tooLargeToRead(long size) {
    return tooLarge(
        "its record has %s bytes, at most %s are read; only its first %s are kept. "
            + "Send smaller events, or raise events.max-size: up to four times as much is "
            + "read",
        size, settings.largestRecordBytes(), DeadLetter.CUT_BYTES);
  }

  /** The topic's own limit is older than the setting. */
  private RecountException tooLargeForTopic(int size) {
    return tooLarge(
        "it has %s bytes as an event, which events.max-size allows, but the topic '%s' "
            + "does not; run 'recount apply', which raises its max.message.bytes",
        size, topic);
  }

  private RecountException tooLarge(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.EVENT_TOO_LARGE,
        "Cannot accept an event of '%s': %s",
        schema.name(),
        RecountException.message(reason, arguments));
  }

  private static RecountException unavailable(String topic, Exception cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot write to the topic '%s': %s; is the stack up, and 'recount apply' "
            + "done? (recount status)",
        topic,
        cause.getMessage());
  }
}
