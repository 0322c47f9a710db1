package dev.recount.ingest.avro;

import dev.recount.event.RecordDecoder;
import dev.recount.event.RecordDecoder.BadRecordException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;

/**
 * The blocks of an Avro object container file, whoever wrote it: no size is believed before it is
 * known to be in the file, nothing is unpacked without a bound, and after a damaged block reading
 * continues at the next.
 */
final class AvroBlocks implements Closeable {
  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int SYNC_BYTES = 16;
  private static final int MOST_HEADER_BYTES = 16 * 1024 * 1024;
  private static final int SEARCH_BYTES = 64 * 1024;

  /** Two numbers of at most ten bytes each. */
  private static final int MOST_BLOCK_HEADER_BYTES = 20;

  private static final Schema HEADER =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "header", "fields": [
                {"name": "magic", "type": {"type": "fixed", "name": "magic", "size": 4}},
                {"name": "meta", "type": {"type": "map", "values": "bytes"}},
                {"name": "sync", "type": {"type": "fixed", "name": "sync", "size": 16}}]}""");
  private static final Schema BLOCK =
      new Schema.Parser()
          .parse(
              """
              {"type": "record", "name": "block", "fields": [
                {"name": "records", "type": "long"}, {"name": "size", "type": "long"}]}""");

  /**
   * A block that can be read.
   *
   * @param at where it begins in the file
   * @param records how many it holds, as it says
   */
  record Block(long at, long records, byte[] bytes) {}

  /** Says what is wrong with a block; the next can be read all the same. */
  static final class DamagedBlockException extends Exception {
    private static final long serialVersionUID = 1L;

    DamagedBlockException(long at, String reason) {
      super("the block at byte " + at + ": " + reason);
    }
  }

  private final FileChannel file;
  private final long size;
  private final RecordDecoder blockHeaders = new RecordDecoder(BLOCK, BLOCK);
  private final Map<String, byte[]> meta = new HashMap<>();
  private final Schema schema;
  private final AvroCodec codec;
  private byte[] sync;
  private long position;

  /**
   * @throws IOException saying why it is not an Avro file that can be read
   */
  AvroBlocks(Path path) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      size = file.size();
      readHeader();
      schema = schema(text("avro.schema").orElseThrow(() -> new IOException("it has no schema")));
      codec = AvroCodec.of(text("avro.codec").orElse("null"));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void readHeader() throws IOException {
    byte[] start = bytes(0, (int) Math.min(size, MOST_HEADER_BYTES));
    if (start.length < MAGIC.length
        || !Arrays.equals(MAGIC, 0, MAGIC.length, start, 0, MAGIC.length)) {
      throw new IOException("it does not begin like an Avro file");
    }
    RecordDecoder decoder = new RecordDecoder(HEADER, HEADER);
    decoder.start(start, 0, start.length);
    GenericRecord header;
    try {
      header = decoder.next();
    } catch (BadRecordException e) {
      throw new IOException("its header is damaged: " + e.getMessage(), e);
    }
    ((Map<?, ?>) header.get("meta"))
        .forEach((key, value) -> meta.put(key.toString(), ((ByteBuffer) value).array()));
    sync = ((GenericFixed) header.get("sync")).bytes();
    position = start.length - decoder.left();
  }

  private static Schema schema(String json) throws IOException {
    try {
      Schema schema =
          new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false).parse(json);
      if (schema.getType() != Schema.Type.RECORD) {
        throw new IOException("it does not hold records but " + schema.getType().getName());
      }
      return schema;
    } catch (AvroRuntimeException e) {
      throw new IOException("its schema cannot be read: " + e.getMessage(), e);
    }
  }

  private Optional<String> text(String key) {
    return Optional.ofNullable(meta.get(key))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  Schema schema() {
    return schema;
  }

  /** How far it is read. */
  long position() {
    return position;
  }

  /** The next block; empty at the end of the file. */
  Optional<Block> next() throws DamagedBlockException, IOException {
    if (position >= size) {
      return Optional.empty();
    }
    long at = position;
    try {
      return Optional.of(read());
    } catch (DamagedBlockException e) {
      if (position == at) {
        position = afterNextSync(at);
      }
      throw e;
    }
  }

  private Block read() throws DamagedBlockException, IOException {
    long at = position;
    byte[] start = bytes(at, (int) Math.min(size - at, MOST_BLOCK_HEADER_BYTES));
    long records;
    long packed;
    long from;
    try {
      blockHeaders.start(start, 0, start.length);
      GenericRecord header = blockHeaders.next();
      records = (Long) header.get("records");
      packed = (Long) header.get("size");
      from = at + start.length - blockHeaders.left();
    } catch (BadRecordException e) {
      throw new DamagedBlockException(at, e.getMessage());
    }
    if (records < 0 || packed < 0 || packed > size - from - SYNC_BYTES) {
      throw new DamagedBlockException(
          at,
          String.format(
              "it should have %d bytes, but the file has only %d left",
              packed, Math.max(0, size - from - SYNC_BYTES)));
    }
    if (packed > AvroCodec.MOST_BYTES) {
      throw new DamagedBlockException(
          at, "its " + packed + " bytes are more than the " + AvroCodec.MOST_BYTES + " allowed");
    }
    if (!Arrays.equals(sync, bytes(from + packed, SYNC_BYTES))) {
      throw new DamagedBlockException(at, "it does not end where it says");
    }
    byte[] data = bytes(from, (int) packed);
    position = from + packed + SYNC_BYTES;
    byte[] unpacked;
    try {
      unpacked = codec.unpack(data);
    } catch (IOException | RuntimeException e) {
      throw new DamagedBlockException(at, AvroCodec.reason(e));
    }
    if (records > unpacked.length) {
      throw new DamagedBlockException(
          at, "its " + unpacked.length + " bytes do not hold " + records + " records");
    }
    return new Block(at, records, unpacked);
  }

  /** Where the next block may begin; the end of the file if none does. */
  private long afterNextSync(long from) throws IOException {
    for (long at = from; at < size; at += SEARCH_BYTES) {
      byte[] part = bytes(at, (int) Math.min(size - at, SEARCH_BYTES + SYNC_BYTES));
      for (int i = 0; i + SYNC_BYTES <= part.length; i++) {
        if (Arrays.equals(sync, 0, SYNC_BYTES, part, i, i + SYNC_BYTES)) {
          return at + i + SYNC_BYTES;
        }
      }
    }
    return size;
  }

  private byte[] bytes(long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
