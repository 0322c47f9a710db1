package dev.recount.serving.gateway;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.DimensionColumn;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;

/** The Pinot tables of a view, as JSON. */
final class TestingTables {
  private final String bootstrap;

  /**
   * @param bootstrap of the Kafka with the delta topics
   */
  TestingTables(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  String schema(ViewPlan plan) {
    ObjectNode schema = Json.MAPPER.createObjectNode().put("schemaName", plan.table());
    ArrayNode dimensions = schema.putArray("dimensionFieldSpecs");
    ArrayNode metrics = schema.putArray("metricFieldSpecs");
    ArrayNode times = schema.putArray("dateTimeFieldSpecs");
    ArrayNode keys = schema.putArray("primaryKeyColumns");
    for (Dimension dimension : plan.dimensions()) {
      for (DimensionColumn column : dimension.columns()) {
        if (column.isKey()) {
          keys.add(column.name());
        }
        if (dimension.type() == ColumnType.TIMESTAMP) {
          time(times, column.name());
        } else {
          dimensions.addObject().put("name", column.name()).put("dataType", column.type().name());
        }
      }
    }
    for (StoredColumn part : plan.storedParts().toList()) {
      ArrayNode specs = part.type() == ColumnType.STRING ? dimensions : metrics;
      specs.addObject().put("name", part.name()).put("dataType", part.type().name());
    }
    dimensions.addObject().put("name", StoredColumn.CHUNK).put("dataType", "LONG");
    time(times, StoredColumn.ARRIVED);
    keys.add(StoredColumn.ARRIVED).add(StoredColumn.CHUNK);
    return schema.toString();
  }

  private static void time(ArrayNode times, String name) {
    times
        .addObject()
        .put("name", name)
        .put("dataType", "LONG")
        .put("format", "1:MILLISECONDS:EPOCH")
        .put("granularity", "1:MILLISECONDS");
  }

  private static ObjectNode table(ViewPlan plan, String type) {
    ObjectNode table =
        Json.MAPPER.createObjectNode().put("tableName", plan.table()).put("tableType", type);
    table.putObject("tenants");
    table.putObject("metadata");
    table
        .putObject("segmentsConfig")
        .put("timeColumnName", StoredColumn.ARRIVED)
        .put("schemaName", plan.table())
        .put("replication", "1")
        .put("replicasPerPartition", "1");
    table.putObject("tableIndexConfig").put("loadMode", "MMAP");
    ArrayNode fields = table.putArray("fieldConfigList");
    plan.indexes().stream()
        .filter(i -> i.kind() == IndexKind.TEXT)
        .forEach(
            i ->
                fields
                    .addObject()
                    .put("name", plan.textColumn(i.column()).orElseThrow())
                    .put("encodingType", "DICTIONARY")
                    .put("indexType", "TEXT"));
    table.putObject("routing").putArray("segmentPrunerTypes").add("time");
    return table;
  }

  String offline(ViewPlan plan) {
    ObjectNode table = table(plan, "OFFLINE");
    table
        .putObject("ingestionConfig")
        .putObject("batchIngestionConfig")
        .put("segmentIngestionType", "APPEND")
        .put("segmentIngestionFrequency", "HOURLY");
    return table.toString();
  }

  String realtime(ViewPlan plan) {
    ObjectNode table = table(plan, "REALTIME");
    ((ObjectNode) table.path("routing")).put("instanceSelectorType", "strictReplicaGroup");
    table.putObject("dedupConfig").put("dedupEnabled", true).put("hashFunction", "NONE");
    String kafka = "stream.kafka.";
    ((ObjectNode) table.path("tableIndexConfig"))
        .putObject("streamConfigs")
        .put("streamType", "kafka")
        .put(kafka + "consumer.type", "lowlevel")
        .put(kafka + "topic.name", "deltas." + plan.table())
        .put(kafka + "broker.list", bootstrap)
        .put(
            kafka + "consumer.factory.class.name",
            "org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory")
        .put(
            kafka + "decoder.class.name",
            "org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder")
        .put(kafka + "consumer.prop.auto.offset.reset", "smallest")
        .put("realtime.segment.flush.threshold.rows", "1000000")
        .put("realtime.segment.flush.threshold.time", "1h");
    return table.toString();
  }
}
