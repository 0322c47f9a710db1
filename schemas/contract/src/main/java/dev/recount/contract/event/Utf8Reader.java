package dev.recount.contract.event;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Reads records, and refuses text that is not UTF-8: layers that repair such text do it in
 * different ways, and would then count different things.
 */
final class Utf8Reader extends GenericDatumReader<GenericRecord> {
  Utf8Reader(Schema writer, Schema reader, GenericData model) {
    super(writer, reader, model);
  }

  @Override
  protected Object readString(Object old, Schema expected, Decoder in) throws IOException {
    return readString(old, in);
  }

  @Override
  protected Object readString(Object old, Decoder in) throws IOException {
    Utf8 text = in.readString(null);
    if (!isAscii(text)) {
      requireUtf8(text);
    }
    return text;
  }

  private static boolean isAscii(Utf8 text) {
    byte[] bytes = text.getBytes();
    int signs = 0;
    for (int at = 0; at < text.getByteLength(); at++) {
      signs |= bytes[at];
    }
    return signs >= 0;
  }

  private static void requireUtf8(Utf8 text) {
    try {
      StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(text.getBytes(), 0, text.getByteLength()));
    } catch (CharacterCodingException e) {
      throw new AvroRuntimeException("a text is not UTF-8", e);
    }
  }
}
