package dev.recount.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.text.JsonWords;
import dev.recount.text.TextFile;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericRecord;

/**
 * An event type: an Avro record whose fields are documented and one of which is the event time.
 *
 * <p>The name of the event is the simple name of the record, the same as its file's.
 */
public final class EventSchema {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MARK = "recount";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,99}");

  private static final List<String> MARKS = List.of("event-time", "event-id", "key");
  private static final Set<Schema.Type> KEY_TYPES =
      EnumSet.of(
          Schema.Type.STRING,
          Schema.Type.ENUM,
          Schema.Type.INT,
          Schema.Type.LONG,
          Schema.Type.BOOLEAN);

  private final Schema avro;
  private final long fingerprint;
  private final String eventTimeField;
  private final Optional<String> eventIdField;
  private final List<String> keyFields;

  private EventSchema(
      Schema avro, String eventTimeField, Optional<String> eventIdField, List<String> keyFields) {
    this.avro = avro;
    this.fingerprint = SchemaNormalization.parsingFingerprint64(avro);
    this.eventTimeField = eventTimeField;
    this.eventIdField = eventIdField;
    this.keyFields = keyFields;
  }

  /**
   * @param source names the text in errors, such as its file
   * @throws RecountException EVENT_SCHEMA_INVALID
   */
  public static EventSchema parse(String json, String source) {
    requireJson(json, source);
    Schema avro;
    try {
      avro = new Schema.Parser().parse(json);
    } catch (AvroRuntimeException e) {
      throw invalid(source, e.getMessage(), e);
    }
    if (avro.getType() != Schema.Type.RECORD) {
      throw invalid(source, "it is a " + avro.getType().getName() + ", not a record", null);
    }
    if (!NAME.matcher(avro.getName()).matches()) {
      throw invalid(source, "the name '" + avro.getName() + "' must match " + NAME, null);
    }
    SchemaFields.recursiveRecord(avro)
        .ifPresent(
            name -> {
              throw invalid(
                  source, "the record '" + name + "' contains itself, and has no columns", null);
            });
    avro.getFields().forEach(field -> checkField(field, source));
    SchemaFields.problemOfAliases(avro)
        .ifPresent(
            problem -> {
              throw invalid(source, problem, null);
            });
    String eventTime =
        marked(avro, "event-time", source)
            .orElseThrow(
                () ->
                    invalid(
                        source,
                        "no field is marked \"recount\": \"event-time\"; mark the timestamp-millis"
                            + " field that says when the event happened",
                        null));
    if (!(avro.getField(eventTime).schema().getLogicalType()
        instanceof LogicalTypes.TimestampMillis)) {
      throw invalid(
          source, "the event time '" + eventTime + "' must be a long of timestamp-millis", null);
    }
    return new EventSchema(
        avro, eventTime, marked(avro, "event-id", source), allMarked(avro, "key"));
  }

  /** Avro's parser names classes of another library if a text is not even JSON. */
  private static void requireJson(String json, String source) {
    try {
      JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw invalid(source, "it is not JSON: " + JsonWords.of(e), e);
    }
  }

  private static void checkField(Schema.Field field, String source) {
    if (field.doc() == null || field.doc().isBlank()) {
      throw invalid(source, "field '" + field.name() + "' has no \"doc\"; say what it holds", null);
    }
    if (field.name().startsWith("_")) {
      throw invalid(
          source,
          "field '" + field.name() + "' begins with '_', which is reserved for Recount",
          null);
    }
    Object mark = field.getObjectProp(MARK);
    if (mark != null && !MARKS.contains(mark)) {
      throw invalid(
          source,
          "field '%s' is marked \"%s\": \"%s\"; the marks are %s"
              .formatted(field.name(), MARK, mark, String.join(", ", MARKS)),
          null);
    }
    if ("key".equals(mark) && !KEY_TYPES.contains(field.schema().getType())) {
      throw invalid(
          source,
          String.format(
              "the key field '%s' is %s; a key is made of strings, enums, whole numbers, "
                  + "booleans, dates and timestamps that are never null",
              field.name(), field.schema()),
          null);
    }
  }

  /** Reads {@code <event>.avsc}; the file's name must be the event's. */
  public static EventSchema read(Path file) {
    String json = TextFile.read(file, "the event schema");
    EventSchema schema = parse(json, file.toString());
    if (!file.getFileName().toString().equals(schema.name() + ".avsc")) {
      throw invalid(
          file.toString(),
          "the record is named '" + schema.name() + "'; name the file " + schema.name() + ".avsc",
          null);
    }
    return schema;
  }

  private static Optional<String> marked(Schema avro, String mark, String source) {
    List<String> names = allMarked(avro, mark);
    if (names.size() > 1) {
      throw invalid(source, "more than one field is marked \"" + mark + "\": " + names, null);
    }
    return names.stream().findFirst();
  }

  private static List<String> allMarked(Schema avro, String mark) {
    return avro.getFields().stream()
        .filter(f -> mark.equals(f.getProp(MARK)))
        .map(Schema.Field::name)
        .toList();
  }

  private static RecountException invalid(String source, String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.EVENT_SCHEMA_INVALID,
        cause,
        "Cannot use the event schema '%s': %s",
        source,
        reason);
  }

  public String name() {
    return avro.getName();
  }

  public Schema avro() {
    return avro;
  }

  public String json() {
    return avro.toString();
  }

  /** The CRC-64-AVRO fingerprint that is in front of every record encoded by this schema. */
  public long fingerprint() {
    return fingerprint;
  }

  public String eventTimeField() {
    return eventTimeField;
  }

  public Optional<String> eventIdField() {
    return eventIdField;
  }

  /**
   * The fields that say what a record is the state of, in the schema's order; empty if the event is
   * not a state. The latest record of a key is its state.
   */
  public List<String> keyFields() {
    return keyFields;
  }

  /**
   * What a record is sent with, so that what is of one key, or of one id, goes to one partition.
   * Null if the event has neither: the producer then fills a batch for one partition, and goes on
   * to the next.
   */
  public byte[] key(GenericRecord event) {
    return EventKey.of(keyFields, eventIdField(), event);
  }
}
