package dev.recount.ingest.letters;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.ingest.door.Door;
import dev.recount.ingest.door.DoorSchemas;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.weblog.Browsers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Sends dead letters in again. Events and the record that says which letters they were are one
 * transaction; both layers read committed records only. So a letter goes in once, or waits.
 */
final class PutBack implements AutoCloseable {
  private static final int LETTERS_PER_TRANSACTION = 500;

  /** While a transaction is open, both layers wait behind it. */
  private static final int TRANSACTION_TIMEOUT_MS = 15_000;

  /** So that it is committed in time, though few letters on a long topic fit. */
  private static final long MOST_OPEN_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** What is read alike; Avro from a topic has no layout. */
  private record Kind(String event, Optional<RecordLayout> layout) {}

  private final RecountConfig config;
  private final Catalog catalog;
  private final BrokerClock brokers;
  private final DoorSchemas schemas;
  private final boolean isDry;
  private final UnaryOperator<RecordLayout> layouts;
  private final Producer<byte[], byte[]> producer;
  private final Browsers browsers = new Browsers();
  private final Map<Kind, Function<byte[], ProducerRecord<byte[], byte[]>>> encoders =
      new HashMap<>();
  private final List<LetterLog.Place> places = new ArrayList<>();
  private long begunNanos;

  /**
   * @param layouts from how a letter was read when it was refused to how to read it now
   */
  PutBack(
      RecountConfig config, Catalog catalog, boolean isDry, UnaryOperator<RecordLayout> layouts) {
    this.config = config;
    this.catalog = catalog;
    this.brokers = new BrokerClock(KafkaClients.of(config));
    this.schemas = new DoorSchemas(catalog.events(), brokers::aboutNowMs, Clock.systemUTC());
    this.isDry = isDry;
    this.layouts = layouts;
    Map<String, Object> settings = new HashMap<>(Door.settings(config));
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "recount-dead-letters-put-back");
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
    this.producer = KafkaClients.of(config).producer(settings);
  }

  /**
   * Puts back what fits and can be ingested now.
   *
   * @param staying receives why a letter that fits stays
   * @return how many went in
   * @throws RecountException KAFKA_UNAVAILABLE; EVENT_UNKNOWN
   */
  long run(Predicate<DeadLetter> fits, Consumer<RecountException> staying) {
    long[] accepted = new long[1];
    try {
      if (!isDry) {
        // Ends what another run has left open, and that run too: letters are read after it.
        producer.initTransactions();
      }
      new LetterLog(config)
          .forEach(
              waiting -> {
                if (fits.test(waiting.letter())) {
                  accepted[0] += put(waiting, staying) ? 1 : 0;
                }
              },
              this::commitInTime);
      commit();
    } catch (KafkaException e) {
      throw failed(e);
    }
    return accepted[0];
  }

  private static RecountException failed(KafkaException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof RecordTooLargeException) {
        return new RecountException(
            ErrorCode.EVENT_TOO_LARGE,
            "Cannot put dead letters back: events.max-size allows an event that its topic does"
                + " not; run 'recount apply', which raises the topic's max.message.bytes, then"
                + " run this again",
            e);
      }
    }
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        e,
        "Cannot put dead letters back: %s; those of finished transactions are in; run "
            + "it again for the others",
        e.getMessage());
  }

  private boolean put(LetterLog.Waiting waiting, Consumer<RecountException> staying) {
    ProducerRecord<byte[], byte[]> event;
    try {
      event = encode(waiting.letter());
    } catch (RecountException e) {
      staying.accept(e);
      return false;
    } catch (RuntimeException e) {
      staying.accept(unreadable(waiting.letter(), e));
      return false;
    }
    if (!isDry) {
      if (places.isEmpty()) {
        producer.beginTransaction();
        begunNanos = System.nanoTime();
      }
      producer.send(event);
      places.add(waiting.place());
      if (places.size() == LETTERS_PER_TRANSACTION) {
        commit();
      }
    }
    return true;
  }

  private void commitInTime() {
    if (System.nanoTime() - begunNanos > MOST_OPEN_NANOS) {
      commit();
    }
  }

  private void commit() {
    if (!places.isEmpty()) {
      producer.send(LetterLog.putBack(places));
      producer.commitTransaction();
      places.clear();
    }
  }

  private ProducerRecord<byte[], byte[]> encode(DeadLetter letter) {
    byte[] kept = letter.payload();
    if (kept.length < letter.payloadSize()) {
      throw RecountException.of(
          ErrorCode.EVENT_TOO_LARGE,
          "Cannot put a dead letter back: of its %s bytes only %s were kept; send it "
              + "again from its source",
          letter.payloadSize(),
          kept.length);
    }
    return encoders
        .computeIfAbsent(new Kind(letter.event(), layout(letter)), this::encoder)
        .apply(letter.payload());
  }

  private Optional<RecordLayout> layout(DeadLetter letter) {
    if (letter.source().offset() != null) {
      return Optional.empty();
    }
    RecordLayout own =
        RecordLayout.of(letter.source()).orElse(RecordLayout.of(RecordFormat.NDJSON));
    return Optional.of(layouts.apply(own));
  }

  /** How letters of a kind become events of today's schema. */
  private Function<byte[], ProducerRecord<byte[], byte[]>> encoder(Kind kind) {
    EventSchema schema = schemas.find(kind.event()).orElseThrow(() -> unknown(kind.event()));
    EventCodec codec = new EventCodec(schema, catalog.events());
    Function<byte[], GenericRecord> reader =
        kind.layout().isPresent()
            ? RecordReaders.of(kind.layout().get(), schema, browsers)
            : codec::decode;
    return payload -> {
      GenericRecord event = reader.apply(payload);
      return new ProducerRecord<>(
          Topics.raw(schema.name()), schema.key(event), fitting(codec.encode(event)));
    };
  }

  private byte[] fitting(byte[] event) {
    int most = config.events().maxSizeBytes();
    if (event.length > most) {
      throw RecountException.of(
          ErrorCode.EVENT_TOO_LARGE,
          "Cannot put a dead letter back: it has %s bytes, at most %s are allowed; raise "
              + "events.max-size and run 'recount apply'",
          event.length,
          most);
    }
    return event;
  }

  /** A record that a reader stumbles over is wrong, as it is at the door. */
  private static RecountException unreadable(DeadLetter letter, RuntimeException e) {
    return RecountException.of(
        ErrorCode.EVENT_MALFORMED,
        e,
        "Cannot put a dead letter of '%s' back: it cannot be read: %s",
        letter.event(),
        e);
  }

  private static RecountException unknown(String event) {
    return RecountException.of(
        ErrorCode.EVENT_UNKNOWN,
        "Cannot put dead letters of '%s' back: this event no longer exists",
        event);
  }

  @Override
  public void close() {
    producer.close();
    brokers.close();
  }
}
