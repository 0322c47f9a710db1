package dev.recount.ingest.init;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.RowJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** A place in the records, and those inside of it. Not thread-safe. */
final class Place {
  /** An object of more names than these is rather a map. */
  private static final int MOST_NAMES = 60;

  private static final int DEEPEST = 4;
  private static final Schema TEXT = Schema.create(Schema.Type.STRING);

  private final List<String> path;
  private final List<TimeGuess.Form> forms;
  private final Observed seen;
  private final Map<String, Place> inner = new LinkedHashMap<>();
  private long objects;
  private boolean isWide;

  /**
   * The records themselves.
   *
   * @param zone of times that name none
   */
  Place(String zone) {
    this(List.of(), TimeGuess.Form.all(zone));
  }

  private Place(List<String> path, List<TimeGuess.Form> forms) {
    this.path = path;
    this.forms = forms;
    this.seen = new Observed(forms);
  }

  /**
   * Takes a record, or a value of one, into account.
   *
   * @param ofRows whether it is from a file of rows, where bytes are written in their own way
   */
  void see(JsonNode value, boolean ofRows) {
    if (value.isNull() || value.isMissingNode()) {
      return;
    }
    if (ofRows && RowJson.isBytes(value)) {
      seeBytes(value);
      return;
    }
    if (!value.isObject()) {
      seen.see(value);
      return;
    }
    objects++;
    if (!path.isEmpty()) {
      seen.see(value);
    }
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      if (inner.size() < MOST_NAMES || inner.containsKey(entry.getKey())) {
        inner
            .computeIfAbsent(entry.getKey(), name -> new Place(within(name), forms))
            .see(entry.getValue(), ofRows);
      } else {
        isWide = true;
      }
    }
  }

  private void seeBytes(JsonNode value) {
    try {
      seen.see(RowJson.resolved(value, TEXT));
    } catch (FieldException e) {
      seen.seeBytes();
    }
  }

  private List<String> within(String name) {
    List<String> longer = new ArrayList<>(path);
    longer.add(name);
    return List.copyOf(longer);
  }

  /** The places whose values become fields: objects of a few names are taken apart. */
  List<Place> fields() {
    List<Place> fields = new ArrayList<>();
    for (Place place : inner.values()) {
      if (place.isTakenApart()) {
        fields.addAll(place.fields());
      } else if (place.seen.count() > 0) {
        fields.add(place);
      }
    }
    return fields;
  }

  private boolean isTakenApart() {
    return objects > 0
        && objects == seen.count()
        && !isWide
        && path.size() < DEEPEST
        && !fields().isEmpty();
  }

  /** Whether all that the records hold becomes fields of their own names: nothing is left out. */
  boolean isFlat() {
    return !isWide
        && inner.values().stream()
            .allMatch(place -> !place.isTakenApart() && place.seen.count() > 0);
  }

  /** Whether some names were left out, because there are too many. */
  boolean isWide() {
    return isWide;
  }

  List<String> path() {
    return path;
  }

  Observed seen() {
    return seen;
  }
}
