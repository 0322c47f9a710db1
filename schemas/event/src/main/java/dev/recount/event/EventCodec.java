package dev.recount.event;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;

/**
 * Encodes and decodes records of one event by Avro's single-object encoding: two marker bytes, the
 * writer schema's fingerprint (8 bytes, little endian), the Avro body. Both layers decode by this
 * class, so that both reject the same records. Timestamps stay longs in milliseconds UTC.
 *
 * <p>Not thread-safe.
 */
public final class EventCodec {
  private static final int HEADER_BYTES = 10;
  private static final long MISS_NANOS = 1_000_000_000L;
  private static final int MOST_MISSED = 10_000;
  private static final byte MARKER_0 = (byte) 0xC3;
  private static final byte MARKER_1 = (byte) 0x01;

  private final EventSchema schema;
  private final WriterSchemas writers;
  private final int largestBytes;
  private final ValueLimits limits;
  private final BinaryMessageEncoder<GenericRecord> encoder;
  private final Map<Long, Reader> readers = new HashMap<>();
  // Fingerprints that were not registered, and when that was found: garbage must not flood the
  // catalog with questions.
  private final Map<Long, Long> missed = new HashMap<>();

  private record Reader(RecordDecoder decoder, long registeredMs) {}

  /** One that decodes records of any size. */
  public EventCodec(EventSchema schema, WriterSchemas writers) {
    this(schema, writers, Integer.MAX_VALUE);
  }

  /**
   * @param schema what records are encoded with and decoded into
   * @param largestBytes a larger record is undecodable: a topic bounds what is compressed, and what
   *     a layer makes of an event is bounded by its size
   */
  public EventCodec(EventSchema schema, WriterSchemas writers, int largestBytes) {
    this.schema = schema;
    this.writers = writers;
    this.largestBytes = largestBytes;
    this.limits = ValueLimits.of(schema.avro());
    this.encoder = new BinaryMessageEncoder<>(new GenericData(), schema.avro());
  }

  public EventSchema schema() {
    return schema;
  }

  /**
   * @throws RecountException EVENT_FIELD_TYPE if the record does not fit the schema, or holds a
   *     value that has no column (see {@link ValueLimits})
   */
  public byte[] encode(GenericRecord event) {
    try {
      ByteBuffer buffer = encoder.encode(event);
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      limits.violation(event).ifPresent(this::refuse);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (AvroRuntimeException | ClassCastException | NullPointerException e) {
      throw RecountException.of(
          ErrorCode.EVENT_FIELD_TYPE,
          e,
          "Cannot encode a record of event '%s': it does not fit the schema: %s",
          schema.name(),
          e.getMessage());
    }
  }

  private void refuse(String violation) {
    throw RecountException.of(
        ErrorCode.EVENT_FIELD_TYPE,
        "Cannot encode a record of event '%s': %s",
        schema.name(),
        violation);
  }

  /** Decodes a record whenever it arrived; see the other {@code decode}. */
  public GenericRecord decode(byte[] bytes) {
    return decode(bytes, Long.MAX_VALUE);
  }

  /**
   * Decodes a record into the current schema, by Avro's rules of schema resolution.
   *
   * @param arrivedMs a record that arrived before its writer schema was registered is undecodable
   * @throws RecountException EVENT_UNDECODABLE, never anything else for whatever bytes; what the
   *     writer schemas throw if they cannot be asked
   */
  public GenericRecord decode(byte[] bytes, long arrivedMs) {
    if (bytes == null) {
      throw undecodable("it has no value", null);
    }
    if (bytes.length > largestBytes) {
      throw undecodable(
          "it has " + bytes.length + " bytes, and events.max-size allows " + largestBytes, null);
    }
    if (bytes.length < HEADER_BYTES || bytes[0] != MARKER_0 || bytes[1] != MARKER_1) {
      throw undecodable(
          "its "
              + bytes.length
              + " bytes do not begin with the header of Avro's single-object"
              + " encoding",
          null);
    }
    Reader reader = reader(fingerprint(bytes));
    if (arrivedMs < reader.registeredMs()) {
      throw undecodable(
          String.format(
              "its writer schema %016x was registered at %s, after it had arrived",
              fingerprint(bytes), Instant.ofEpochMilli(reader.registeredMs())),
          null);
    }
    RecordDecoder decoder = reader.decoder();
    decoder.start(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES);
    GenericRecord event;
    try {
      event = decoder.next();
    } catch (RecordDecoder.BadRecordException e) {
      throw undecodable(e.getMessage(), e);
    }
    if (!decoder.isEnd()) {
      throw undecodable("bytes are left over after the record", null);
    }
    Optional<String> violation = limits.violation(event);
    if (violation.isPresent()) {
      throw undecodable(violation.get(), null);
    }
    return event;
  }

  private static long fingerprint(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
  }

  private Reader reader(long fingerprint) {
    Reader known = readers.get(fingerprint);
    if (known != null) {
      return known;
    }
    Long missedNanos = missed.get(fingerprint);
    if (missedNanos != null && System.nanoTime() - missedNanos < MISS_NANOS) {
      throw unregistered(fingerprint);
    }
    Reader reader = new Reader(newDecoder(fingerprint), writers.registeredMs(fingerprint));
    readers.put(fingerprint, reader);
    return reader;
  }

  private RecordDecoder newDecoder(long fingerprint) {
    if (fingerprint == schema.fingerprint()) {
      return new RecordDecoder(schema.avro(), schema.avro());
    }
    Schema writer = writers.find(fingerprint).orElse(null);
    if (writer == null) {
      if (missed.size() >= MOST_MISSED) {
        missed.clear();
      }
      missed.put(fingerprint, System.nanoTime());
      throw unregistered(fingerprint);
    }
    return new RecordDecoder(writer, schema.avro());
  }

  private RecountException unregistered(long fingerprint) {
    return undecodable(
        String.format("its writer schema %016x is not registered", fingerprint), null);
  }

  private RecountException undecodable(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.EVENT_UNDECODABLE,
        cause,
        "Cannot decode a record of event '%s': %s",
        schema.name(),
        reason);
  }
}
