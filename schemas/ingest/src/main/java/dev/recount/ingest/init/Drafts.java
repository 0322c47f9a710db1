package dev.recount.ingest.init;

import dev.recount.core.Json;
import dev.recount.ingest.mapping.RecordFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes what was guessed as the files that a user would write. */
final class Drafts {
  /** In SQL, these are not names unless they are quoted. */
  private static final Set<String> WORDS_OF_SQL =
      Set.of(
          "all",
          "and",
          "any",
          "case",
          "cast",
          "cross",
          "current_date",
          "current_timestamp",
          "distinct",
          "else",
          "end",
          "except",
          "exists",
          "false",
          "from",
          "full",
          "group",
          "having",
          "in",
          "inner",
          "intersect",
          "interval",
          "is",
          "join",
          "left",
          "like",
          "limit",
          "natural",
          "not",
          "null",
          "on",
          "or",
          "order",
          "right",
          "select",
          "table",
          "then",
          "true",
          "union",
          "using",
          "when",
          "where");

  private final String event;
  private final Guesses.Draft draft;

  Drafts(String event, Guesses.Draft draft) {
    this.event = event;
    this.draft = draft;
  }

  /** The event's schema. */
  String schema() {
    return "{\n"
        + "  \"type\": \"record\",\n"
        + "  \"name\": \""
        + event
        + "\",\n"
        + "  \"namespace\": \"events\",\n"
        + "  \"doc\": \"Drafted by recount init. Say here what happened.\",\n"
        + "  \"fields\": [\n"
        + draft.fields().stream().map(Drafts::field).collect(Collectors.joining(",\n"))
        + "\n  ]\n}\n";
  }

  private static String field(Field field) {
    return "    {\"name\": \""
        + field.name()
        + "\", \"type\": "
        + (field.isNullable()
            ? "[\"null\", " + field.type() + "], \"default\": null"
            : field.type())
        + field.mark().map(mark -> ", \"recount\": \"" + mark + "\"").orElse("")
        + ", \"doc\": "
        + Json.write(field.doc())
        + "}";
  }

  /**
   * The mapping.
   *
   * @param format of the files
   * @param isWhole whether every name of the records is a field
   * @return empty if ingest finds everything by its name
   */
  Optional<String> mapping(RecordFormat format, boolean isWhole, String command) {
    boolean isText = format == RecordFormat.CSV || format == RecordFormat.W3C;
    if (isWhole && draft.fields().stream().allMatch(field -> field.isPlain(isText))) {
      return Optional.empty();
    }
    int width = draft.fields().stream().mapToInt(field -> field.name().length()).max().orElse(0);
    return Optional.of(
        "# Where the fields of '"
            + event
            + "' come from. Drafted by recount init.\n#   "
            + command
            + "\n"
            + draft.fields().stream()
                .map(field -> source(field, width, isText))
                .collect(Collectors.joining("\n", "", "\n")));
  }

  private static String source(Field field, int width, boolean isText) {
    List<String> places =
        field.paths().stream()
            .map(path -> Json.write(isText ? path.get(0) : pointer(path)))
            .toList();
    String from = places.size() == 1 ? places.get(0) : "[" + String.join(", ", places) + "]";
    List<String> more = new ArrayList<>();
    field.time().ifPresent(form -> more.add("time = " + Json.write(form)));
    field.zone().ifPresent(zone -> more.add("zone = " + Json.write(zone)));
    String padded = String.format(Locale.ROOT, "%-" + width + "s ", field.name());
    return more.isEmpty() && places.size() == 1
        ? padded + "= " + from
        : padded
            + "{ from = "
            + from
            + more.stream().map(key -> ", " + key).collect(Collectors.joining())
            + " }";
  }

  private static String pointer(List<String> path) {
    boolean isPlain = path.stream().allMatch(name -> name.matches("[^./~]+"));
    return isPlain
        ? String.join(".", path)
        : path.stream()
            .map(name -> "/" + name.replace("~", "~0").replace("/", "~1"))
            .collect(Collectors.joining());
  }

  /** The name of the first view. */
  String view() {
    return event + "_by_" + draft.grain().toLowerCase(Locale.ROOT);
  }

  /** The first view. */
  String sql() {
    String time = free(draft.grain().toLowerCase(Locale.ROOT));
    List<String> columns = new ArrayList<>();
    columns.add(
        "date_trunc('" + draft.grain() + "', " + quoted(draft.timeField()) + ") AS " + time);
    of(Field.Role.DIMENSION).forEach(field -> columns.add(quoted(field.name())));
    columns.add("count(*) AS " + free("events"));
    of(Field.Role.SUM)
        .forEach(
            field ->
                columns.add("sum(" + quoted(field.name()) + ") AS " + free("sum_" + field.name())));
    of(Field.Role.DISTINCT)
        .forEach(
            field ->
                columns.add(
                    "theta_sketch_agg("
                        + quoted(field.name())
                        + ") AS "
                        + free("distinct_" + field.name())));
    List<Field> dimensions = of(Field.Role.DIMENSION);
    return "-- @description  Events by "
        + draft.grain().toLowerCase(Locale.ROOT)
        + (dimensions.isEmpty()
            ? ""
            : " and " + dimensions.stream().map(Field::name).collect(Collectors.joining(", ")))
        + ". Drafted by recount init.\n"
        + "-- @time         "
        + time
        + "\n-- @schedule     0 0 * * * ?\nSELECT "
        + String.join(",\n       ", columns)
        + "\nFROM "
        + event
        + "\nGROUP BY ALL\n";
  }

  private List<Field> of(Field.Role role) {
    return draft.fields().stream().filter(field -> field.role() == role).toList();
  }

  /** A name for a column that no dimension has. */
  private String free(String wanted) {
    return of(Field.Role.DIMENSION).stream().anyMatch(field -> field.name().equals(wanted))
        ? event + "_" + wanted
        : wanted;
  }

  private static String quoted(String name) {
    return WORDS_OF_SQL.contains(name) ? "`" + name + "`" : name;
  }
}
