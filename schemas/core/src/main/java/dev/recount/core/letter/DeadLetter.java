package dev.recount.core.letter;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A record that could not be decoded or validated, with the reason and its bytes: what is as JSON
 * on the topic {@link Topics#DEAD_LETTERS}, keyed by the event.
 *
 * @param code why it was refused
 * @param payloadBase64 the bytes as they came, or the first of them if they were too many
 * @param payloadSize how many bytes there were
 * @param atMs when it was refused
 */
public record DeadLetter(
    String event,
    ErrorCode code,
    String message,
    Source source,
    String payloadBase64,
    long payloadSize,
    long atMs) {
  /** Header of a record that says which letters were put back. */
  public static final String PUT_BACK = "recount.put-back";

  /** How much is kept of a payload that cannot be kept whole; such a letter fits into any topic. */
  public static final int CUT_BYTES = 512 * 1024;

  /** A payload is one text, of more characters than JSON from elsewhere may have in one. */
  private static final ObjectReader READER = reader();

  private static final int MAX_MESSAGE_CHARACTERS = 4_000;

  /**
   * Where a record came from; what does not apply is null.
   *
   * @param kind {@code file}, {@code http} or {@code topic}
   * @param file its name as it was given; {@code -} is standard input
   * @param line from 1
   * @param layout how the payload is written, as the door says it; null for the JSON of HTTP, and
   *     for Avro from a topic
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Source(
      String kind, String file, Long line, JsonNode layout, Integer partition, Long offset) {
    public static Source file(String file, long line, JsonNode layout) {
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
   * @param size how many bytes there were, which may be more than there are
   * @param most how many bytes are kept; of more, only the first {@link #CUT_BYTES}
   */
  public static DeadLetter of(
      String event,
      RecountException reason,
      Source source,
      byte[] payload,
      long size,
      int most,
      Clock clock) {
    byte[] bytes = payload == null ? new byte[0] : payload;
    return new DeadLetter(
        event,
        reason.code(),
        shortened(reason.getMessage()),
        source,
        base64(bytes, bytes.length > most ? CUT_BYTES : bytes.length),
        size,
        clock.millis());
  }

  /** Whether it would be shorter if it was cut. */
  public boolean isLong() {
    return payloadBase64.length() / 4 * 3 > CUT_BYTES + 2;
  }

  /** The same with the first bytes only, for a topic that does not take it whole. */
  public DeadLetter cut() {
    return new DeadLetter(
        event, code, message, source, base64(payload(), CUT_BYTES), payloadSize, atMs);
  }

  private static String base64(byte[] bytes, int length) {
    return Base64.getEncoder()
        .encodeToString(bytes.length > length ? Arrays.copyOf(bytes, length) : bytes);
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
   * @return empty for what is not a letter: a record that says which letters were put back, and
   *     what some other program has written there
   */
  public static Optional<DeadLetter> read(ConsumerRecord<byte[], byte[]> record) {
    return record.value() == null || isPutBack(record) ? Optional.empty() : read(record.value());
  }

  /** Whether a record says which letters were put back, by its header {@value #PUT_BACK}. */
  public static boolean isPutBack(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(PUT_BACK) != null;
  }

  private static ObjectReader reader() {
    ObjectMapper mapper = Json.MAPPER.copy();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build());
    return mapper.readerFor(DeadLetter.class);
  }

  private static Optional<DeadLetter> read(byte[] json) {
    try {
      DeadLetter letter = READER.readValue(json);
      return Optional.ofNullable(letter).filter(DeadLetter::isWhole);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private boolean isWhole() {
    return event != null
        && code != null
        && message != null
        && source != null
        && source.kind() != null
        && payloadBase64 != null
        && isBase64();
  }

  private boolean isBase64() {
    try {
      payload();
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
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
