package dev.recount.ingest.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.ingest.value.RowJson;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.Type;

/** Rows of Parquet as JSON: groups are objects; lists and maps are arrays and objects. */
final class GroupJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private GroupJson() {}

  static ObjectNode json(Group group) {
    ObjectNode json = JSON.objectNode();
    GroupType type = group.getType();
    for (int field = 0; field < type.getFieldCount(); field++) {
      json.set(type.getFieldName(field), field(group, field));
    }
    return json;
  }

  private static JsonNode field(Group group, int field) {
    if (group.getType().getType(field).isRepetition(Type.Repetition.REPEATED)) {
      ArrayNode array = JSON.arrayNode();
      for (int at = 0; at < group.getFieldRepetitionCount(field); at++) {
        array.add(value(group, field, at));
      }
      return array;
    }
    return group.getFieldRepetitionCount(field) == 0 ? JSON.nullNode() : value(group, field, 0);
  }

  private static JsonNode value(Group group, int field, int at) {
    Type type = group.getType().getType(field);
    if (type.isPrimitive()) {
      return PrimitiveJson.json(group, field, at);
    }
    Group inner = group.getGroup(field, at);
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation instanceof ListLogicalTypeAnnotation) {
      return list(inner, type.getName());
    }
    if (annotation instanceof MapLogicalTypeAnnotation
        || annotation instanceof MapKeyValueTypeAnnotation) {
      return map(inner);
    }
    return RowJson.object(json(inner));
  }

  /** A group of one repeated field, which holds the elements or, by some writers, is them. */
  private static ArrayNode list(Group list, String name) {
    Type repeated = list.getType().getType(0);
    boolean isElement = isElement(repeated, name);
    ArrayNode array = JSON.arrayNode();
    for (int at = 0; at < list.getFieldRepetitionCount(0); at++) {
      array.add(isElement ? value(list, 0, at) : field(list.getGroup(0, at), 0));
    }
    return array;
  }

  /** The rules of Parquet's format for lists of old writers. */
  private static boolean isElement(Type repeated, String list) {
    return repeated.isPrimitive()
        || repeated.asGroupType().getFieldCount() > 1
        || repeated.getName().equals("array")
        || repeated.getName().equals(list + "_tuple");
  }

  private static ObjectNode map(Group map) {
    ObjectNode json = JSON.objectNode();
    for (int at = 0; at < map.getFieldRepetitionCount(0); at++) {
      Group entry = map.getGroup(0, at);
      JsonNode value = entry.getType().getFieldCount() > 1 ? field(entry, 1) : JSON.nullNode();
      json.set(RowJson.key(field(entry, 0)), value);
    }
    return RowJson.object(json);
  }
}
