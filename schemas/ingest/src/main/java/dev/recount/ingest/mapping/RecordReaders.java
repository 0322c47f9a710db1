package dev.recount.ingest.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.event.EventSchema;
import dev.recount.ingest.weblog.Browsers;
import dev.recount.ingest.weblog.CombinedLog;
import dev.recount.ingest.weblog.LogLayout;
import dev.recount.text.Utf8Text;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;

/** Makes what reads records of a layout as events. */
public final class RecordReaders {
  private RecordReaders() {}

  /**
   * Records of a layout as JSON, whatever event they may become: texts alone in CSV and W3C. Not
   * for a web server's log, whose lines have no names.
   *
   * @throws dev.recount.error.RecountException (the function) EVENT_MALFORMED
   */
  public static Function<byte[], JsonNode> plain(RecordLayout layout, String event) {
    return switch (layout.format()) {
      case CSV -> {
        CsvRecords records = new CsvRecords(event, layout.columns(), layout.delimiter());
        yield row -> records.read(Utf8Text.readOrLatin1(row));
      }
      case W3C -> {
        W3cRecords records = new W3cRecords(event, layout.columns());
        yield line -> records.read(Utf8Text.readOrLatin1(line));
      }
      case NDJSON -> json -> JsonEvents.parse(json, event);
      case COMBINED -> throw new IllegalArgumentException("a web server's log has no names");
    };
  }

  /**
   * A reader of records for one thread; it throws the codes of {@link JsonEvents}.
   *
   * @throws dev.recount.error.RecountException USAGE if the event cannot be in this format;
   *     MAPPING_INVALID if mapping, columns and event do not fit together
   */
  public static Function<byte[], GenericRecord> of(
      RecordLayout layout, EventSchema schema, Browsers browsers) {
    if (layout.format() == RecordFormat.COMBINED) {
      CombinedLog lines =
          new CombinedLog(schema, browsers, layout.log() == null ? LogLayout.UNSEEN : layout.log());
      return line -> lines.read(Utf8Text.readOrLatin1(line));
    }
    JsonEvents events = new JsonEvents(schema);
    if (layout.map() == null && layout.columns() == null) {
      return events::read;
    }
    FieldMap fields =
        layout.map() == null ? FieldMap.byName(layout.columns(), schema) : layout.map();
    RecordMapper mapper = RecordMapper.of(fields.json(), schema, layout, browsers);
    if (layout.format() == RecordFormat.CSV) {
      CsvRecords records = new CsvRecords(schema.name(), layout.columns(), layout.delimiter());
      return row -> mapper.read(records.read(Utf8Text.readOrLatin1(row)), events);
    }
    if (layout.format() == RecordFormat.W3C) {
      W3cRecords records = new W3cRecords(schema.name(), layout.columns());
      return line -> mapper.read(records.read(Utf8Text.readOrLatin1(line)), events);
    }
    return line -> mapper.read(events.parse(line), events);
  }
}
