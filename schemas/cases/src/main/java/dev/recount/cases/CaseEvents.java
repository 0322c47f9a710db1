package dev.recount.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Nearest;
import dev.recount.core.cases.CaseSource;
import dev.recount.core.cases.ViewCase;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.planner.row.RawRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes records of the events of a case, as the door does of JSON. */
final class CaseEvents {
  private record Writer(JsonEvents reader, EventCodec codec) {
    byte[] bytes(JsonNode fields) {
      return codec.encode(reader.read(fields));
    }
  }

  private final Map<String, Writer> writers = new LinkedHashMap<>();
  private final CaseSource source;

  /**
   * @param events of the view: the one that it counts, then the one that it joins
   */
  CaseEvents(CaseSource source, List<EventSchema> events) {
    this.source = source;
    events.forEach(
        event ->
            writers.put(
                event.name(),
                new Writer(
                    new JsonEvents(event),
                    new EventCodec(event, fingerprint -> Optional.empty()))));
  }

  List<RawRecord> records(ViewCase viewCase) {
    return viewCase.events().stream().map(this::record).toList();
  }

  private RawRecord record(ViewCase.Event event) {
    String name = writers.keySet().iterator().next();
    JsonNode fields = event.fields();
    if (writers.size() > 1) {
      name = named(event);
      fields = event.fields().get(name);
    }
    try {
      return new RawRecord(name, writers.get(name).bytes(fields));
    } catch (RecountException e) {
      throw source.wrong(event.line(), "%s", e.getMessage());
    }
  }

  /** The one key of an event of a view that joins. */
  private String named(ViewCase.Event event) {
    ObjectNode fields = event.fields();
    String first = fields.isEmpty() ? "" : fields.fieldNames().next();
    if (fields.size() != 1 || !writers.containsKey(first)) {
      throw source.wrong(
          event.line(),
          "the view reads several events, so each begins with its name; %swrite one of %s, a colon,"
              + " and its fields",
          fields.size() == 1 ? Nearest.hint(first, writers.keySet()) : "",
          writers.keySet());
    }
    return first;
  }
}
