package dev.recount.event;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary encoding out of bytes that anybody may have written: no length is believed before
 * the bytes are seen to be there, and a record takes memory in proportion to its bytes only.
 */
final class BoundedDecoder extends Decoder {
  /** A record of a few bytes may still hold many fields by default, or items without bytes. */
  private static final long MEMORY_OF_ANY = 32L * 1024 * 1024;

  private static final long MEMORY_OF_A_BYTE = 64;

  /** About what a value takes as an object, with its place in its array or record. */
  private static final long MEMORY_OF_A_VALUE = 16;

  /** What is wrong with the bytes, as a sentence continues after "Cannot decode a record:". */
  static final class MalformedException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  private BinaryDecoder in;
  private InputStream rest;
  private long memory;

  void start(byte[] bytes, int from, int length) {
    in = DecoderFactory.get().binaryDecoder(bytes, from, length, in);
    rest = in.inputStream();
  }

  /** Allows what one more record may take. */
  void startRecord() throws IOException {
    memory = MEMORY_OF_ANY + MEMORY_OF_A_BYTE * rest.available();
  }

  /** How many bytes are not read yet. */
  int left() throws IOException {
    return rest.available();
  }

  boolean isEnd() throws IOException {
    return in.isEnd();
  }

  void takeValues(long count) throws MalformedException {
    takeMemory(count, MEMORY_OF_A_VALUE);
  }

  void takeBytes(long count) throws MalformedException {
    takeMemory(count, 1);
  }

  private void takeMemory(long count, long each) throws MalformedException {
    if (count > memory / each) {
      throw new MalformedException("it claims to hold far more than its bytes can");
    }
    memory -= count * each;
  }

  private int length(String what) throws IOException {
    long length = in.readLong();
    if (length < 0) {
      throw new MalformedException("a length of " + what + " is negative");
    }
    requireBytes(length, what);
    return (int) length;
  }

  private void requireBytes(long length, String what) throws IOException {
    int left = rest.available();
    if (length > left) {
      throw new MalformedException(
          what + " should have " + length + " bytes, but only " + left + " are left");
    }
  }

  /**
   * How many items follow. The size that a block may give is not used to skip it, so that what is
   * skipped is checked as what is read.
   */
  private long items() throws IOException {
    long count = in.readLong();
    if (count < 0) {
      long size = in.readLong();
      if (count == Long.MIN_VALUE || size < 0) {
        throw new MalformedException("the number of items or their size is impossible");
      }
      requireBytes(size, "a block of items");
      count = -count;
    }
    takeValues(count);
    return count;
  }

  @Override
  public void readNull() throws IOException {
    in.readNull();
  }

  @Override
  public boolean readBoolean() throws IOException {
    return in.readBoolean();
  }

  @Override
  public int readInt() throws IOException {
    return in.readInt();
  }

  @Override
  public long readLong() throws IOException {
    return in.readLong();
  }

  @Override
  public float readFloat() throws IOException {
    return in.readFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return in.readDouble();
  }

  @Override
  public Utf8 readString(Utf8 old) throws IOException {
    byte[] bytes = new byte[length("a text")];
    in.readFixed(bytes);
    return new Utf8(bytes);
  }

  @Override
  public String readString() throws IOException {
    return readString(null).toString();
  }

  @Override
  public void skipString() throws IOException {
    in.skipFixed(length("a text"));
  }

  @Override
  public ByteBuffer readBytes(ByteBuffer old) throws IOException {
    byte[] bytes = new byte[length("a bytes value")];
    in.readFixed(bytes);
    return ByteBuffer.wrap(bytes);
  }

  @Override
  public void skipBytes() throws IOException {
    in.skipFixed(length("a bytes value"));
  }

  @Override
  public void readFixed(byte[] bytes, int start, int length) throws IOException {
    in.readFixed(bytes, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    requireBytes(length, "a fixed value");
    in.skipFixed(length);
  }

  @Override
  public int readEnum() throws IOException {
    return in.readEnum();
  }

  @Override
  public long readArrayStart() throws IOException {
    return items();
  }

  @Override
  public long arrayNext() throws IOException {
    return items();
  }

  @Override
  public long skipArray() throws IOException {
    return items();
  }

  @Override
  public long readMapStart() throws IOException {
    return items();
  }

  @Override
  public long mapNext() throws IOException {
    return items();
  }

  @Override
  public long skipMap() throws IOException {
    return items();
  }

  @Override
  public int readIndex() throws IOException {
    return in.readIndex();
  }
}
