package dev.recount.contract.door;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.recount.contract.Json;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.Topics;
import dev.recount.contract.record.RecordLayout;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A record that could not be decoded or validated, with the reason and its bytes: what lies as JSON
 * on the topic {@link Topics#DEAD_LETTERS}, keyed by the event.
 *
 * @param code why it was refused
 * @param payloadBase64 the bytes as they came, at most {@link #MAX_PAYLOAD_BYTES} of them
 * @param payloadSize how many bytes there were
 * @param atMs when it was refused
 */
public record DeadLetter(
    String event,
    ErrorCode code,
    String message,
    Source source,
    String payloadBase64,
    int payloadSize,
    long atMs) {
  /** Header of a record that says which letters were put back. */
  public static final String PUT_BACK = "recount.put-back";

  /** How much of a payload is kept, so that the letter fits into any topic. */
  public static final int MAX_PAYLOAD_BYTES = 512 * 1024;

  private static final int MAX_MESSAGE_CHARACTERS = 4_000;

  /**
   * Where a record came from; what does not apply is null.
   *
   * @param kind {@code file}, {@code http} or {@code topic}
   * @param file its name as it was given; {@code -} is standard input
   * @param line from 1
   * @param layout how the payload is written; null for the JSON of HTTP, and for Avro from a topic
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Source(
      String kind, String file, Long line, RecordLayout layout, Integer partition, Long offset) {
    public static Source file(String file, long line, RecordLayout layout) {
      return new Source("file", file, line, layout, null, null);
    }

    public static Source http() {
      return new Source("http", null, null, null, null, null);
    }

    public static Source topic(int partition, long offset) {
      return new Source("topic", null, null, null, partition, offset);
    }
  }

  /**
   * @param payload may be null, as a Kafka record's value may
   */
  public static DeadLetter of(
      String event, RecountException reason, Source source, byte[] payload, Clock clock) {
    byte[] bytes = payload == null ? new byte[0] : payload;
    byte[] kept =
        bytes.length > MAX_PAYLOAD_BYTES ? Arrays.copyOf(bytes, MAX_PAYLOAD_BYTES) : bytes;
    return new DeadLetter(
        event,
        reason.code(),
        shortened(reason.getMessage()),
        source,
        Base64.getEncoder().encodeToString(kept),
        bytes.length,
        clock.millis());
  }

  /** A message shows values and names of the record, which may be of any length. */
  private static String shortened(String message) {
    return message.length() > MAX_MESSAGE_CHARACTERS
        ? message.substring(0, MAX_MESSAGE_CHARACTERS) + " ..."
        : message;
  }

  /**
   * Reads a record of the dead-letter topic.
   *
   * @return empty for a record with the header {@value #PUT_BACK}, which is no letter: it says
   *     which letters were put back
   */
  public static Optional<DeadLetter> read(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(PUT_BACK) == null
        ? Optional.of(
            Json.read(new String(record.value(), StandardCharsets.UTF_8), DeadLetter.class))
        : Optional.empty();
  }

  /** The bytes as they came, or as many as were kept. */
  public byte[] payload() {
    return Base64.getDecoder().decode(payloadBase64);
  }

  /** What to send. */
  public ProducerRecord<byte[], byte[]> toRecord() {
    try {
      return new ProducerRecord<>(
          Topics.DEAD_LETTERS,
          event.getBytes(StandardCharsets.UTF_8),
          Json.MAPPER.writeValueAsBytes(this));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
