package dev.recount.event;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.AvroTypeException;
import org.apache.avro.InvalidNumberEncodingException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Decoder;
import org.apache.avro.io.ResolvingDecoder;
import org.apache.avro.util.Utf8;

/**
 * Decodes records of Avro's binary encoding, whoever wrote them: it ends with a record or with a
 * {@link BadRecordException}, and takes no more memory than the record's bytes justify. Not
 * thread-safe.
 */
public final class RecordDecoder {
  /** Deeper than any schema that is not recursive. */
  private static final int MOST_LEVELS = 256;

  /** Says what is wrong with a record, as a sentence continues after a colon. */
  public static final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    BadRecordException(String reason, Throwable cause) {
      super(reason, cause);
    }
  }

  private final BoundedDecoder bytes = new BoundedDecoder();
  private final Reader reader;

  /**
   * @param writer what the records were encoded with
   * @param reader what they are decoded into, by Avro's rules of schema resolution
   */
  public RecordDecoder(Schema writer, Schema reader) {
    this.reader = new Reader(writer, reader, bytes);
  }

  /** Goes to the first of the records that are there one after the other. */
  public void start(byte[] buffer, int from, int length) {
    bytes.start(buffer, from, length);
  }

  /** Whether all bytes are read. */
  public boolean isEnd() {
    try {
      return bytes.isEnd();
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can be read", e);
    }
  }

  /** How many bytes are not read yet. */
  public int left() {
    try {
      return bytes.left();
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can be read", e);
    }
  }

  /** The next record. After a bad one the start of the next is unknown. */
  public GenericRecord next() throws BadRecordException {
    try {
      bytes.startRecord();
      return reader.read(null, bytes);
    } catch (IOException | RuntimeException e) {
      throw new BadRecordException(reason(e), e);
    }
  }

  private static String reason(Exception e) {
    if (e instanceof BoundedDecoder.MalformedException || e instanceof AvroTypeException) {
      return e.getMessage();
    }
    if (e instanceof EOFException) {
      return "it ends in the middle of a value";
    }
    if (e instanceof InvalidNumberEncodingException) {
      return "a number has more bytes than its type allows";
    }
    return e instanceof IndexOutOfBoundsException
        ? "an enum or a union names a member that its schema does not have"
        : "it does not fit its schema";
  }

  /** Reads what the bounded decoder has, and checks what only the schema says. */
  private static final class Reader extends GenericDatumReader<GenericRecord> {
    private final BoundedDecoder bytes;
    private int level;

    Reader(Schema writer, Schema reader, BoundedDecoder bytes) {
      super(writer, reader, model());
      this.bytes = bytes;
    }

    /** The fast reader would not ask the methods below. */
    private static GenericData model() {
      GenericData model = new GenericData();
      model.setFastReaderEnabled(false);
      return model;
    }

    @Override
    public GenericRecord read(GenericRecord reuse, Decoder in) throws IOException {
      level = 0;
      return super.read(reuse, in);
    }

    @Override
    protected Object readWithoutConversion(Object old, Schema expected, ResolvingDecoder in)
        throws IOException {
      level++;
      if (level > MOST_LEVELS) {
        throw new BoundedDecoder.MalformedException(
            "it is nested deeper than " + MOST_LEVELS + " levels");
      }
      Object value = super.readWithoutConversion(old, expected, in);
      level--;
      return value;
    }

    @Override
    protected Object readRecord(Object old, Schema expected, ResolvingDecoder in)
        throws IOException {
      bytes.takeValues(expected.getFields().size());
      return super.readRecord(old, expected, in);
    }

    @Override
    protected Object readFixed(Object old, Schema expected, Decoder in) throws IOException {
      bytes.takeBytes(expected.getFixedSize());
      return super.readFixed(old, expected, in);
    }

    @Override
    protected Object readString(Object old, Schema expected, Decoder in) throws IOException {
      Utf8 text = in.readString(null);
      bytes.takeBytes(text.getByteLength());
      return text;
    }

    @Override
    protected Object readBytes(Object old, Schema expected, Decoder in) throws IOException {
      ByteBuffer value = in.readBytes(null);
      bytes.takeBytes(value.remaining());
      return value;
    }

    @Override
    protected void addToArray(Object array, long position, Object item) {
      takeItem();
      super.addToArray(array, position, item);
    }

    @Override
    protected void addToMap(Object map, Object key, Object value) {
      takeItem();
      super.addToMap(map, key, value);
    }

    /** Those of a default, which do not come out of the record's bytes, are counted here only. */
    private void takeItem() {
      try {
        bytes.takeValues(1);
      } catch (BoundedDecoder.MalformedException e) {
        throw new AvroTypeException(e.getMessage(), e);
      }
    }
  }
}
