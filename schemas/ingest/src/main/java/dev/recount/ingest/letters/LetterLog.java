package dev.recount.ingest.letters;

import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the dead letters that wait. A letter that was put back stays on the topic; a record with
 * the header {@value DeadLetter#PUT_BACK}, written in one transaction with the events, names it.
 */
final class LetterLog {
  private static final Logger LOG = LoggerFactory.getLogger(LetterLog.class);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** The end of a transaction is no record: behind the last one, a fetch waits for nothing. */
  private static final Map<String, Object> AT_ONCE =
      Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);

  /** Where a letter is on the topic. */
  record Place(int partition, long offset) {}

  /** A letter that waits. */
  record Waiting(Place place, DeadLetter letter) {}

  /** The places that a transaction has put back. */
  private record PutBack(List<Place> places) {}

  private final RecountConfig config;

  LetterLog(RecountConfig config) {
    this.config = config;
  }

  /** What says that the letters were put back. */
  static ProducerRecord<byte[], byte[]> putBack(List<Place> places) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            Topics.DEAD_LETTERS,
            null,
            Json.write(new PutBack(places)).getBytes(StandardCharsets.UTF_8));
    record.headers().add(DeadLetter.PUT_BACK, new byte[0]);
    return record;
  }

  /**
   * Visits the letters that wait, in their order. One that was written twice, because the archive
   * writer was stopped between letter and file, is visited once.
   *
   * @param between is run every now and then, even if no letter waits
   * @throws RecountException KAFKA_UNAVAILABLE
   */
  void forEach(Consumer<Waiting> visitor, Runnable between) {
    try (KafkaConsumer<byte[], byte[]> consumer = KafkaClients.of(config).consumer(AT_ONCE)) {
      Set<Place> gone = gone(consumer);
      Set<Object> seen = new HashSet<>();
      scan(
          consumer,
          record ->
              DeadLetter.read(record)
                  .filter(letter -> isFirst(letter, seen))
                  .map(letter -> new Waiting(place(record), letter))
                  .filter(waiting -> !gone.contains(waiting.place()))
                  .ifPresent(visitor),
          between);
    } catch (KafkaException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE,
          e,
          "Cannot read the topic '%s' at '%s': %s; is the stack up? (recount status)",
          Topics.DEAD_LETTERS,
          config.kafkaBootstrap(),
          e.getMessage());
    }
  }

  /** The places of the letters that were put back. */
  private static Set<Place> gone(KafkaConsumer<byte[], byte[]> consumer) {
    Set<Place> gone = new HashSet<>();
    scan(
        consumer,
        record -> {
          if (DeadLetter.isPutBack(record)) {
            gone.addAll(places(record));
          } else if (DeadLetter.read(record).isEmpty()) {
            LOG.warn("The record at {} of the topic is not a dead letter", place(record));
          }
        },
        () -> {});
    return gone;
  }

  private static boolean isFirst(DeadLetter letter, Set<Object> seen) {
    return letter.source().offset() == null || seen.add(List.of(letter.event(), letter.source()));
  }

  private static Place place(ConsumerRecord<byte[], byte[]> record) {
    return new Place(record.partition(), record.offset());
  }

  /**
   * Where the letters are that a record says were put back; none if it says nothing of the kind.
   */
  static List<Place> places(ConsumerRecord<byte[], byte[]> record) {
    try {
      PutBack said =
          record.value() == null ? null : Json.MAPPER.readValue(record.value(), PutBack.class);
      if (said != null && said.places() != null) {
        return said.places();
      }
    } catch (IOException e) {
      LOG.debug("What was put back cannot be read", e);
    }
    LOG.warn(
        "The record at {} of the topic does not say which letters were put back", place(record));
    return List.of();
  }

  /** Goes over all records that the topic holds now. */
  private static void scan(
      KafkaConsumer<byte[], byte[]> consumer,
      Consumer<ConsumerRecord<byte[], byte[]>> work,
      Runnable afterPoll) {
    List<PartitionInfo> known = consumer.partitionsFor(Topics.DEAD_LETTERS, PATIENCE);
    List<TopicPartition> partitions =
        known == null
            ? List.of()
            : known.stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
    while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
      consumer.poll(Duration.ofMillis(500)).forEach(work);
      afterPoll.run();
    }
  }
}
