package dev.recount.ingest.mapping;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonPointer;
import dev.recount.core.Json;
import dev.recount.core.letter.DeadLetter;
import dev.recount.ingest.weblog.LogLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * All that is needed to read a record without its file: what a dead letter keeps beside the bytes.
 *
 * @param columns of CSV and W3C, in order; the outermost names in a file of rows; null if each
 *     record has names of its own, and until the header is read
 * @param delimiter between the values of CSV; otherwise null
 * @param map where the fields come from; null if the names are the event's own
 * @param log of a web server's log, how its lines are written; otherwise null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RecordLayout(
    RecordFormat format, List<String> columns, Character delimiter, FieldMap map, LogLayout log) {
  public RecordLayout {
    columns = columns == null ? null : List.copyOf(columns);
  }

  public static RecordLayout of(RecordFormat format) {
    return new RecordLayout(
        format,
        null,
        format == RecordFormat.CSV ? ',' : null,
        null,
        format == RecordFormat.COMBINED ? LogLayout.UNSEEN : null);
  }

  /** The one that a dead letter keeps; empty for the JSON of HTTP, and for Avro from a topic. */
  public static Optional<RecordLayout> of(DeadLetter.Source source) {
    return Optional.ofNullable(source.layout())
        .map(kept -> Json.MAPPER.convertValue(kept, RecordLayout.class));
  }

  public RecordLayout withColumns(List<String> names) {
    return new RecordLayout(format, names, delimiter, map, log);
  }

  public RecordLayout withDelimiter(char character) {
    return new RecordLayout(format, columns, character, map, log);
  }

  public RecordLayout withMap(FieldMap fields) {
    return new RecordLayout(format, columns, delimiter, fields, log);
  }

  public RecordLayout withLog(LogLayout lines) {
    return new RecordLayout(format, columns, delimiter, map, lines);
  }

  /** Whether records are rows of a file that has a schema of its own. */
  boolean isOfRows() {
    return format == RecordFormat.NDJSON && columns != null;
  }

  /** The places of columns that are left out because they have no names, from 1. */
  public List<Integer> leftOut() {
    return map != null || columns == null
        ? List.of()
        : IntStream.range(0, columns.size())
            .filter(i -> FieldMap.isUnnamed(columns.get(i)))
            .mapToObj(i -> i + 1)
            .toList();
  }

  /**
   * Where in a record's JSON a mapping's {@code from} points.
   *
   * @throws IllegalArgumentException saying that there is no such column
   */
  JsonPointer pointer(String from) {
    boolean isColumn = format == RecordFormat.CSV || format == RecordFormat.W3C;
    JsonPointer pointer = isColumn ? property(from) : path(from);
    if (columns != null && !columns.contains(pointer.getMatchingProperty())) {
      throw new IllegalArgumentException(
          "there is no column '%s'; the columns are %s"
              .formatted(pointer.getMatchingProperty(), String.join(", ", columns)));
    }
    return pointer;
  }

  private static JsonPointer path(String from) {
    if (from.startsWith("/")) {
      return JsonPointer.compile(from);
    }
    JsonPointer pointer = JsonPointer.empty();
    for (String name : from.split("\\.", -1)) {
      pointer = pointer.append(property(name));
    }
    return pointer;
  }

  private static JsonPointer property(String name) {
    return JsonPointer.compile("/" + name.replace("~", "~0").replace("/", "~1"));
  }
}
