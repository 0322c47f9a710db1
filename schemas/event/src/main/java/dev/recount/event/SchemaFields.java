package dev.recount.event;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/** Finds fields in schemas, those of nested records too. */
public final class SchemaFields {
  private SchemaFields() {}

  /**
   * All fields by their paths, such as {@code place.zip}, {@code items[].sku}, {@code prices{}.x}.
   *
   * @param record not recursive
   */
  static Map<String, Schema.Field> of(Schema record) {
    Map<String, Schema.Field> fields = new LinkedHashMap<>();
    collect(record, "", fields);
    return fields;
  }

  private static void collect(Schema record, String path, Map<String, Schema.Field> fields) {
    for (Schema.Field field : record.getFields()) {
      fields.put(path + field.name(), field);
      inside(field.schema(), path + field.name(), fields);
    }
  }

  private static void inside(Schema schema, String path, Map<String, Schema.Field> fields) {
    switch (schema.getType()) {
      case RECORD -> collect(schema, path + ".", fields);
      case ARRAY -> inside(schema.getElementType(), path + "[]", fields);
      case MAP -> inside(schema.getValueType(), path + "{}", fields);
      case UNION -> schema.getTypes().forEach(member -> inside(member, path, fields));
      default -> {}
    }
  }

  /** The first record that contains itself, at whatever depth: no row has room for it. */
  static Optional<String> recursiveRecord(Schema schema) {
    return Optional.ofNullable(recursiveRecord(schema, new HashSet<>(), new HashSet<>()));
  }

  private static String recursiveRecord(Schema schema, Set<String> outer, Set<String> checked) {
    Stream<Schema> inner =
        switch (schema.getType()) {
          case RECORD -> schema.getFields().stream().map(Schema.Field::schema);
          case ARRAY -> Stream.of(schema.getElementType());
          case MAP -> Stream.of(schema.getValueType());
          case UNION -> schema.getTypes().stream();
          default -> Stream.empty();
        };
    boolean isRecord = schema.getType() == Schema.Type.RECORD;
    if (isRecord && !outer.add(schema.getFullName())) {
      return schema.getFullName();
    }
    if (isRecord && !checked.add(schema.getFullName())) {
      outer.remove(schema.getFullName());
      return null;
    }
    String found =
        inner
            .map(part -> recursiveRecord(part, outer, checked))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    if (isRecord) {
      outer.remove(schema.getFullName());
    }
    return found;
  }

  /** What is wrong with the first alias that would make one field of two, in nested records too. */
  static Optional<String> problemOfAliases(Schema record) {
    return records(record, new LinkedHashMap<>()).values().stream()
        .map(SchemaFields::problemOfOwnAliases)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> problemOfOwnAliases(Schema record) {
    Map<String, String> owners = new LinkedHashMap<>();
    record.getFields().forEach(field -> owners.put(field.name(), field.name()));
    for (Schema.Field field : record.getFields()) {
      for (String alias : field.aliases()) {
        String owner = owners.putIfAbsent(alias, field.name());
        if (owner != null && !owner.equals(field.name())) {
          return Optional.of(
              String.format(
                  "the alias '%s' of field '%s' is %s of field '%s'",
                  alias, field.name(), owner.equals(alias) ? "the name" : "an alias", owner));
        }
      }
    }
    return Optional.empty();
  }

  private static Map<String, Schema> records(Schema schema, Map<String, Schema> found) {
    switch (schema.getType()) {
      case RECORD -> {
        if (found.put(schema.getFullName(), schema) == null) {
          schema.getFields().forEach(field -> records(field.schema(), found));
        }
      }
      case ARRAY -> records(schema.getElementType(), found);
      case MAP -> records(schema.getValueType(), found);
      case UNION -> schema.getTypes().forEach(member -> records(member, found));
      default -> {}
    }
    return found;
  }

  /** Every field of an earlier record that has the field's name or one of its aliases. */
  static List<String> allEarlier(Schema.Field field, Schema then) {
    return Stream.concat(Stream.of(field.name()), field.aliases().stream())
        .distinct()
        .filter(name -> then.getField(name) != null)
        .toList();
  }

  /** What a field is called in an earlier record: by its name, or by one of its aliases. */
  public static Optional<Schema.Field> earlier(Schema.Field field, Schema then) {
    Schema.Field same = then.getField(field.name());
    return same != null
        ? Optional.of(same)
        : field.aliases().stream().map(then::getField).filter(f -> f != null).findFirst();
  }

  /** The one type beside null of a union; the schema itself if it has none or several. */
  public static Schema withoutNull(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      return schema;
    }
    var members = schema.getTypes().stream().filter(t -> t.getType() != Schema.Type.NULL).toList();
    return members.size() == 1 ? members.get(0) : schema;
  }
}
