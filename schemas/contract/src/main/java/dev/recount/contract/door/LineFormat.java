package dev.recount.contract.door;

import dev.recount.contract.event.EventSchema;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;

/** How a file's lines hold events. */
public enum LineFormat {
  NDJSON,
  COMBINED;

  /** A reader of lines for one thread. */
  public Function<byte[], GenericRecord> reader(EventSchema schema, Browsers browsers) {
    if (this == NDJSON) {
      return new JsonEvents(schema)::read;
    }
    CombinedLog log = new CombinedLog(schema, browsers);
    return line -> log.read(text(line));
  }

  /** UTF-8, or where it is not, a character for each byte: nothing is lost. */
  private static String text(byte[] line) {
    String text = new String(line, StandardCharsets.UTF_8);
    return text.indexOf('\uFFFD') < 0 ? text : new String(line, StandardCharsets.ISO_8859_1);
  }
}
