package dev.recount.speed;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.recount.core.view.StoredColumn;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.DeltaSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Writes rows of a view as delta messages: a JSON object of all columns and the part of the
 * micro-batch ({@code _chunk}), keyed by its primary key (dimensions, arrival bucket, chunk). BYTES
 * are hexadecimal, which is what Pinot's JSON decoder reads. The same row of the same chunk gives
 * the same key always. Not thread-safe.
 */
final class Deltas {
  private static final JsonFactory JSON = new JsonFactory();
  private static final HexFormat HEX = HexFormat.of();
  private static final int PARTITIONS = 1 << 16;
  private static final long IDS = 1L << 32;
  private static final int PARTS = 1 << 15;
  private static final int FIRST_BYTES = 1024;
  private static final int SMALL_BYTES = 1 << 20;
  private static final char SEPARATOR = '\u001F';

  private final StructField[] fields;
  private final int dimensions;
  private ByteArrayOutputStream buffer = new ByteArrayOutputStream(FIRST_BYTES);
  private final StringBuilder key = new StringBuilder();

  /**
   * @param type of the rows: columns of dimensions, parts of measures, the arrival bucket
   * @param dimensions how many of its columns are of dimensions
   */
  Deltas(StructType type, int dimensions) {
    this.fields = type.fields();
    this.dimensions = dimensions;
    if (!fields[fields.length - 1].name().equals(StoredColumn.ARRIVED)) {
      throw new IllegalArgumentException(
          "Cannot write deltas of " + type.simpleString() + ": it does not end with _arrived");
    }
  }

  /**
   * Names the part of a micro-batch that has these records of one partition of the topic: each part
   * gives a group a row of its own.
   *
   * @param part which one of the partition's parts, from 0 on
   */
  static long chunk(long id, int partition, int part) {
    requireBelow(partition, PARTITIONS, "partition");
    requireBelow(part, PARTS, "part");
    requireBelow(id, IDS, "micro-batch");
    return (long) part * IDS * PARTITIONS + id * PARTITIONS + partition;
  }

  private static void requireBelow(long number, long most, String thing) {
    if (number >= most) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot name deltas of %s %s: at most %s have names",
          thing,
          number,
          most);
    }
  }

  /** The primary key, or a digest if it is long: it only says which partition a delta is in. */
  byte[] key(InternalRow row, long chunk) {
    key.setLength(0);
    for (int i = 0; i < dimensions; i++) {
      key.append(row.get(i, fields[i].dataType())).append(SEPARATOR);
    }
    key.append(row.getLong(fields.length - 1)).append(SEPARATOR).append(chunk);
    byte[] whole = key.toString().getBytes(StandardCharsets.UTF_8);
    return whole.length <= DeltaSize.LARGEST_KEY_BYTES ? whole : digest(whole);
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot digest: every JDK has SHA-256", e);
    }
  }

  byte[] value(InternalRow row, long chunk) {
    buffer.reset();
    try (JsonGenerator json = JSON.createGenerator(buffer)) {
      json.writeStartObject();
      for (int i = 0; i < fields.length; i++) {
        json.writeFieldName(fields[i].name());
        write(json, row.get(i, fields[i].dataType()), fields[i]);
      }
      json.writeNumberField(StoredColumn.CHUNK, chunk);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] value = buffer.toByteArray();
    if (value.length > SMALL_BYTES) {
      // The next one hardly needs as much.
      buffer = new ByteArrayOutputStream(FIRST_BYTES);
    }
    return value;
  }

  private static void write(JsonGenerator json, Object value, StructField field)
      throws IOException {
    if (value instanceof UTF8String text) {
      byte[] utf8 = text.getBytes();
      json.writeUTF8String(utf8, 0, utf8.length);
    } else if (value instanceof Long number) {
      json.writeNumber(number);
    } else if (value instanceof Integer number) {
      json.writeNumber(number);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof byte[] bytes) {
      json.writeString(HEX.formatHex(bytes));
    } else {
      throw new IllegalStateException(
          "Cannot write '"
              + field.name()
              + "': "
              + (value == null ? "NULL" : field.dataType().simpleString())
              + " is not a stored form");
    }
  }
}
