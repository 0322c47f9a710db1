package dev.recount.event;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.util.Map;

/** Reads the schema that a Kafka client's settings name. */
public final class SchemaSetting {
  /** The path of {@code <event>.avsc}. */
  static final String FILE = "recount.schema.file";

  /** The text of the schema, if there is no file. */
  static final String JSON = "recount.schema.json";

  public static final String HOW =
      "set " + FILE + " to the path of <event>.avsc, or " + JSON + " to its text";

  private SchemaSetting() {}

  public static EventSchema read(Map<String, ?> settings) {
    Object file = settings.get(FILE);
    Object json = settings.get(JSON);
    if ((file == null) == (json == null)) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot configure the event's schema: %s; %s",
          file == null ? "neither setting is there" : "both settings are there",
          HOW);
    }
    return file != null
        ? EventSchema.read(Path.of(file.toString()))
        : EventSchema.parse(json.toString(), JSON);
  }
}
