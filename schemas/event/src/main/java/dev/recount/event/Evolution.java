package dev.recount.event;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * Whether events that were written with earlier schemas can be read with a changed one, and mean
 * the same: Avro's rules of schema resolution, and what Avro does not look at.
 *
 * <p>What is refused beyond Avro's rules would make another event of one that was counted already
 * (another default, a removed symbol, another event time), or does not show in a schema's
 * fingerprint, so that old and new records could not be told apart (logical types).
 */
public final class Evolution {
  private static final Map<Schema.Type, Set<Schema.Type>> WIDER =
      Map.of(
          Schema.Type.INT, Set.of(Schema.Type.LONG, Schema.Type.FLOAT, Schema.Type.DOUBLE),
          Schema.Type.LONG, Set.of(Schema.Type.FLOAT, Schema.Type.DOUBLE),
          Schema.Type.FLOAT, Set.of(Schema.Type.DOUBLE),
          Schema.Type.STRING, Set.of(Schema.Type.BYTES));

  private static final String ADD_ANOTHER = "keep it as it was, and add a new field";

  /**
   * Why a change is refused.
   *
   * @param field its path, such as {@code place.zip}, {@code items[].sku} or {@code prices{}}
   * @param rule what the change breaks
   * @param remedy the way round
   */
  public record Problem(String field, String rule, String remedy) {
    public String text() {
      return "field '" + field + "' " + rule + "; " + remedy;
    }
  }

  private final EventSchema changed;
  private final List<EventSchema> earlier;
  private final List<Map<String, Schema.Field>> earlierFields;

  /**
   * @param earlier every schema that events were written with
   */
  public Evolution(EventSchema changed, List<EventSchema> earlier) {
    this.changed = changed;
    this.earlier = List.copyOf(earlier);
    this.earlierFields = earlier.stream().map(e -> SchemaFields.of(e.avro())).toList();
  }

  /** Everything that is wrong with the change, each thing once; empty if it is fine. */
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    for (EventSchema then : earlier) {
      List<Problem> found = new ArrayList<>();
      record(changed.avro(), then.avro(), "", found);
      if (!then.eventTimeField().equals(changed.eventTimeField())) {
        found.add(eventTime(then));
      }
      if (!then.keyFields().isEmpty() && !then.keyFields().equals(changed.keyFields())) {
        found.add(key(then));
      }
      if (found.isEmpty()) {
        avro(then).ifPresent(found::add);
      }
      problems.addAll(found);
    }
    return problems.stream().distinct().toList();
  }

  private Problem eventTime(EventSchema then) {
    return new Problem(
        changed.eventTimeField(),
        "is marked as the event time, which was '" + then.eventTimeField() + "'",
        "leave the mark where it was; a view may use any other time field as well");
  }

  private Problem key(EventSchema then) {
    if (Set.copyOf(then.keyFields()).equals(Set.copyOf(changed.keyFields()))) {
      return new Problem(
          String.join(", ", then.keyFields()),
          "was the key in this order, but the key is "
              + changed.keyFields()
              + " now: records of a key would go to other partitions than before",
          "leave the fields in their order");
    }
    return new Problem(
        String.join(", ", then.keyFields()),
        "was marked as the key, which is "
            + (changed.keyFields().isEmpty() ? "gone" : "now " + changed.keyFields())
            + ": another record would be the latest of a key",
        "leave the marks where they were, or make a new event");
  }

  private void record(Schema now, Schema then, String path, List<Problem> found) {
    for (Schema.Field field : now.getFields()) {
      String inside = path + field.name();
      Optional<Schema.Field> old = SchemaFields.earlier(field, then);
      if (SchemaFields.allEarlier(field, then).size() > 1) {
        found.add(several(field, then, inside));
      } else if (old.isPresent() && wasReadByDefault(inside, old.get(), then)) {
        found.add(lateAlias(old.get(), inside));
      } else if (old.isPresent()) {
        type(field.schema(), old.get().schema(), inside, found);
      } else if (hadAlias(inside, then)) {
        found.add(lostAlias(inside));
      } else if (field.hasDefaultValue()) {
        sameDefault(field, inside, found);
      } else {
        found.add(hadDefault(inside) ? lostDefault(inside) : added(field, now, then, inside));
      }
    }
  }

  /** Events without the field may be in the archive with an earlier default already. */
  private void sameDefault(Schema.Field field, String path, List<Problem> found) {
    for (Map<String, Schema.Field> fields : earlierFields) {
      Schema.Field old = fields.get(path);
      if (old != null && old.hasDefaultValue() && !isSame(old.defaultVal(), field.defaultVal())) {
        found.add(
            new Problem(
                path,
                String.format(
                    "had the default %s and has %s, but older events without the field were counted "
                        + "with the first",
                    shown(old), shown(field)),
                "put the default back; producers can send another value instead"));
        return;
      }
    }
  }

  /** A number's default has the type of its field, which may have become wider. */
  private static boolean isSame(Object one, Object other) {
    return one instanceof Number && other instanceof Number
        ? new BigDecimal(one.toString()).compareTo(new BigDecimal(other.toString())) == 0
        : Objects.equals(one, other);
  }

  private static String shown(Schema.Field field) {
    Object value = field.defaultVal();
    return value == org.apache.avro.JsonProperties.NULL_VALUE ? "null" : String.valueOf(value);
  }

  private boolean hadDefault(String path) {
    return earlierFields.stream()
        .anyMatch(fields -> fields.containsKey(path) && fields.get(path).hasDefaultValue());
  }

  /** Whether an earlier schema has found the field under another name. */
  private boolean hadAlias(String path, Schema then) {
    return earlierFields.stream()
        .map(fields -> fields.get(path))
        .anyMatch(field -> field != null && SchemaFields.earlier(field, then).isPresent());
  }

  /** Whether an earlier schema had the field, and did not read it from the older one. */
  private boolean wasReadByDefault(String path, Schema.Field old, Schema then) {
    String name = path.substring(path.lastIndexOf('.') + 1);
    return !old.name().equals(name)
        && !old.aliases().contains(name)
        && earlierFields.stream()
            .map(fields -> fields.get(path))
            .anyMatch(field -> field != null && SchemaFields.earlier(field, then).isEmpty());
  }

  private static Problem lateAlias(Schema.Field old, String path) {
    return new Problem(
        path,
        "has the alias '"
            + old.name()
            + "' now, but older events with that field were counted with the default",
        "leave the alias out");
  }

  private static Problem several(Schema.Field field, Schema then, String path) {
    return new Problem(
        path,
        "is several fields of older events, by its name and aliases: "
            + String.join(", ", SchemaFields.allEarlier(field, then)),
        "leave the alias out");
  }

  private static Problem lostAlias(String path) {
    return new Problem(
        path, "has lost an alias that older events are read by", "put the alias back");
  }

  private static Problem lostDefault(String path) {
    return new Problem(
        path,
        "has lost its default, but older events do not have the field",
        "put the default back");
  }

  private Problem added(Schema.Field field, Schema now, Schema then, String path) {
    String hint =
        then.getFields().stream()
            .filter(old -> now.getField(old.name()) == null && isReadable(field, old))
            .map(Schema.Field::name)
            .findFirst()
            .map(
                old ->
                    String.format(
                        "; if it is '%s' renamed, keep that name and rename in views with AS, or"
                            + " write \"aliases\": [\"%s\"]",
                        old, old))
            .orElse("");
    return new Problem(
        path,
        "is new and has no default, but older events do not have it",
        "give it one, such as \"type\": [\"null\", ...], \"default\": null" + hint);
  }

  private boolean isReadable(Schema.Field now, Schema.Field then) {
    List<Problem> found = new ArrayList<>();
    type(now.schema(), then.schema(), now.name(), found);
    return found.isEmpty();
  }

  private void type(Schema nowOrNull, Schema thenOrNull, String path, List<Problem> found) {
    if (thenOrNull.isNullable() && !nowOrNull.isNullable()) {
      found.add(
          new Problem(
              path,
              "may no longer be null, but older events may hold null",
              "keep \"null\" in its type"));
      return;
    }
    Schema now = SchemaFields.withoutNull(nowOrNull);
    Schema then = SchemaFields.withoutNull(thenOrNull);
    if (!meaning(now).equals(meaning(then))) {
      found.add(
          new Problem(
              path,
              "was %s and is %s: a value would mean something else"
                  .formatted(shown(then), shown(now)),
              ADD_ANOTHER));
    } else if (now.getType() != then.getType()) {
      anotherType(now, then, path, found);
    } else {
      sameType(now, then, path, found);
    }
  }

  private void sameType(Schema now, Schema then, String path, List<Problem> found) {
    switch (now.getType()) {
      case ARRAY -> type(now.getElementType(), then.getElementType(), path + "[]", found);
      case MAP -> type(now.getValueType(), then.getValueType(), path + "{}", found);
      case RECORD, ENUM, FIXED -> named(now, then, path, found);
      default -> {}
    }
  }

  private void named(Schema now, Schema then, String path, List<Problem> found) {
    if (!now.getFullName().equals(then.getFullName())) {
      found.add(
          new Problem(
              path,
              "has a type named '%s', which was '%s': Avro cannot read one as the other"
                  .formatted(now.getFullName(), then.getFullName()),
              "keep the type's name and namespace"));
    } else if (now.getType() == Schema.Type.RECORD) {
      record(now, then, path + ".", found);
    } else if (now.getType() == Schema.Type.ENUM) {
      symbols(now, then, path, found);
    } else if (now.getFixedSize() != then.getFixedSize()) {
      found.add(
          new Problem(
              path,
              "had " + then.getFixedSize() + " bytes and has " + now.getFixedSize(),
              ADD_ANOTHER));
    }
  }

  private static void symbols(Schema now, Schema then, String path, List<Problem> found) {
    Set<String> gone = new HashSet<>(then.getEnumSymbols());
    now.getEnumSymbols().forEach(gone::remove);
    if (!gone.isEmpty()) {
      found.add(
          new Problem(
              path,
              "has no symbol "
                  + gone.stream().sorted().collect(Collectors.joining(", "))
                  + " any more, but older events may hold it",
              "keep the symbol, and let producers stop using it"));
    }
  }

  private static void anotherType(Schema now, Schema then, String path, List<Problem> found) {
    if (WIDER.getOrDefault(then.getType(), Set.of()).contains(now.getType())) {
      return;
    }
    boolean isNarrower = WIDER.getOrDefault(now.getType(), Set.of()).contains(then.getType());
    found.add(
        new Problem(
            path,
            isNarrower
                ? "was narrowed from %s to %s, but older events may hold values that do not fit"
                    .formatted(shown(then), shown(now))
                : "was " + shown(then) + " and is " + shown(now) + ", which cannot be read from it",
            isNarrower ? "keep " + shown(then) : ADD_ANOTHER));
  }

  /** What a stored value means beside its type; uuid is text or bytes like any other. */
  private static String meaning(Schema schema) {
    LogicalType type = schema.getLogicalType();
    if (type == null || type.getName().equals(LogicalTypes.uuid().getName())) {
      return "";
    }
    return type instanceof LogicalTypes.Decimal decimal
        ? "decimal(" + decimal.getPrecision() + "," + decimal.getScale() + ")"
        : type.getName();
  }

  private static String shown(Schema schema) {
    String type = schema.getType().getName();
    return meaning(schema).isEmpty() ? type : meaning(schema) + " of " + type;
  }

  /** Avro's own word on what this class let pass. */
  private Optional<Problem> avro(EventSchema then) {
    SchemaCompatibility.SchemaCompatibilityResult result;
    try {
      result =
          SchemaCompatibility.checkReaderWriterCompatibility(changed.avro(), then.avro())
              .getResult();
    } catch (AvroRuntimeException e) {
      return Optional.of(
          new Problem("/", "cannot be read from older events: " + e.getMessage(), ADD_ANOTHER));
    }
    if (result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE) {
      return Optional.empty();
    }
    SchemaCompatibility.Incompatibility reason = result.getIncompatibilities().get(0);
    return Optional.of(
        new Problem(
            reason.getLocation(),
            reason.getType() + " (" + reason.getMessage() + ")",
            ADD_ANOTHER));
  }
}
