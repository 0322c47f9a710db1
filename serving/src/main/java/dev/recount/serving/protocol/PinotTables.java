package dev.recount.serving.protocol;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.ViewPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Views as a controller of Pinot describes its tables. */
final class PinotTables {
  static final List<String> TYPES = List.of("OFFLINE", "REALTIME");
  static final String TENANT = "DefaultTenant";

  private PinotTables() {}

  /** The view that the name of a table means, which may have the suffix of a type. */
  static String view(String table) {
    for (String type : TYPES) {
      if (table.endsWith("_" + type)) {
        return table.substring(0, table.length() - type.length() - 1);
      }
    }
    return table;
  }

  /** Dimensions and times as they are, measures as metrics. */
  static Map<String, Object> schema(ViewPlan plan) {
    List<Map<String, Object>> dimensions = new ArrayList<>();
    List<Map<String, Object>> times = new ArrayList<>();
    for (Dimension dimension : plan.dimensions()) {
      Map<String, Object> field = field(dimension.name(), dimension.type());
      switch (dimension.type()) {
        case TIMESTAMP -> times.add(time(field, "1:MILLISECONDS:EPOCH", "1:MILLISECONDS"));
        case DATE -> times.add(time(field, "1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM-dd", "1:DAYS"));
        default -> dimensions.add(field);
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("schemaName", plan.view());
    schema.put("dimensionFieldSpecs", dimensions);
    schema.put("metricFieldSpecs", plan.measures().stream().map(PinotTables::metric).toList());
    schema.put("dateTimeFieldSpecs", times);
    return schema;
  }

  private static Map<String, Object> metric(Measure measure) {
    return field(measure.name(), measure.type());
  }

  private static Map<String, Object> field(String name, ColumnType type) {
    Map<String, Object> field = new LinkedHashMap<>();
    field.put("name", name);
    field.put("dataType", PinotTypes.of(type));
    return field;
  }

  private static Map<String, Object> time(
      Map<String, Object> field, String format, String granularity) {
    field.put("format", format);
    field.put("granularity", granularity);
    return field;
  }

  /** What clients read of a table's two configurations. */
  static Map<String, Object> configuration(ViewPlan plan) {
    Map<String, Object> both = new LinkedHashMap<>();
    for (String type : TYPES) {
      Map<String, Object> segments = new LinkedHashMap<>();
      plan.time().ifPresent(time -> segments.put("timeColumnName", time));
      segments.put("schemaName", plan.view());
      segments.put("replication", "1");
      Map<String, Object> table = new LinkedHashMap<>();
      table.put("tableName", plan.view() + "_" + type);
      table.put("tableType", type);
      table.put("segmentsConfig", segments);
      table.put("tenants", Map.of("broker", TENANT, "server", TENANT));
      table.put("tableIndexConfig", Map.of("loadMode", "MMAP"));
      table.put("metadata", Map.of());
      table.put("query", Map.of());
      table.put("ingestionConfig", Map.of());
      both.put(type, table);
    }
    return both;
  }
}
