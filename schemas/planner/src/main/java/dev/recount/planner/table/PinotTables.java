package dev.recount.planner.table;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.DimensionColumn;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.Topics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The Pinot hybrid table that a view version becomes: OFFLINE from batch, REALTIME from speed,
 * merged by Pinot's own time boundary on {@code _arrived}.
 */
public final class PinotTables {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Pinot cuts longer strings off (at 512 by default), which would merge keys. */
  private static final int LONGEST_STRING = Integer.MAX_VALUE;

  /**
   * When a consuming segment is completed. Only completed ones can be dropped, so these bound how
   * long a delta stays that no run needs any more (decision 28).
   */
  private static final Duration SEGMENT_AGE = Duration.ofHours(1);

  private static final int SEGMENT_ROWS = 1_000_000;

  private final RecountConfig config;

  public PinotTables(RecountConfig config) {
    this.config = config;
  }

  /** The schema, shared by both tables, as JSON. */
  public String schema(ViewPlan plan) {
    ObjectNode schema = JSON.objectNode().put("schemaName", plan.table());
    ArrayNode dimensions = schema.putArray("dimensionFieldSpecs");
    ArrayNode metrics = schema.putArray("metricFieldSpecs");
    ArrayNode times = schema.putArray("dateTimeFieldSpecs");
    ArrayNode key = schema.putArray("primaryKeyColumns");
    for (Dimension dimension : plan.dimensions()) {
      for (DimensionColumn column : dimension.columns()) {
        if (dimension.type() == ColumnType.TIMESTAMP) {
          times.add(time(column.name()));
        } else {
          dimensions.add(dimension(column));
        }
        if (column.isKey()) {
          key.add(column.name());
        }
      }
    }
    dimensions.add(JSON.objectNode().put("name", StoredColumn.CHUNK).put("dataType", "LONG"));
    plan.storedParts().forEach(p -> (isString(p) ? dimensions : metrics).add(part(p)));
    times.add(time(StoredColumn.ARRIVED));
    key.add(StoredColumn.ARRIVED).add(StoredColumn.CHUNK);
    return schema.toString();
  }

  private static ObjectNode dimension(DimensionColumn column) {
    ObjectNode spec = JSON.objectNode().put("name", column.name());
    return isString(column) ? string(spec) : spec.put("dataType", column.type().name());
  }

  /** A metric of Pinot's is a number or BYTES. */
  private static ObjectNode part(StoredColumn part) {
    ObjectNode spec = JSON.objectNode().put("name", part.name());
    return isString(part) ? string(spec) : spec.put("dataType", part.type().name());
  }

  private static ObjectNode string(ObjectNode spec) {
    return spec.put("dataType", "STRING").put("maxLength", LONGEST_STRING);
  }

  private static boolean isString(StoredColumn part) {
    return part.type() == ColumnType.STRING;
  }

  /** A LONG of milliseconds: as text, Pinot's TIMESTAMP has no years beyond 9999 and before 1. */
  private static ObjectNode time(String name) {
    return JSON.objectNode()
        .put("name", name)
        .put("dataType", "LONG")
        .put("format", "1:MILLISECONDS:EPOCH")
        .put("granularity", "1:MILLISECONDS");
  }

  /** The table of batch rows, as JSON. */
  public String offlineTable(ViewPlan plan) {
    ObjectNode table = table(plan, "OFFLINE");
    segments(table).put("replication", "1");
    StarTree.add(index(table, plan), plan);
    table
        .putObject("ingestionConfig")
        .putObject("batchIngestionConfig")
        .put("segmentIngestionType", "APPEND")
        .put("segmentIngestionFrequency", "HOURLY");
    prunedByTime(table.putObject("routing"));
    return table.toString();
  }

  /** The table of deltas, as JSON: a Kafka topic of JSON, each primary key taken once. */
  public String realtimeTable(ViewPlan plan) {
    ObjectNode table = table(plan, "REALTIME");
    segments(table)
        .put("replicasPerPartition", "1")
        .put("retentionTimeUnit", "HOURS")
        .put("retentionTimeValue", String.valueOf(hours(retention())));
    streams(index(table, plan).putObject("streamConfigs"), plan);
    // A server holds the key of every delta in memory: 128 bits of it are a fraction of a whole
    // key.
    table.putObject("dedupConfig").put("dedupEnabled", true).put("hashFunction", "MURMUR3");
    prunedByTime(table.putObject("routing")).put("instanceSelectorType", "strictReplicaGroup");
    return table.toString();
  }

  /** Whole hours, rounded up: no delta goes before its time. */
  private static long hours(Duration duration) {
    return Math.max(1, duration.plusHours(1).minusNanos(1).toHours());
  }

  private Duration retention() {
    return config.speed().retention();
  }

  private void streams(ObjectNode streams, ViewPlan plan) {
    String kafka = "stream.kafka.";
    streams
        .put("streamType", "kafka")
        .put(kafka + "consumer.type", "lowlevel")
        .put(kafka + "topic.name", Topics.deltas(plan.table()))
        .put(kafka + "broker.list", config.kafkaBootstrap())
        .put(
            kafka + "consumer.factory.class.name",
            "org.apache.pinot.plugin.stream.kafka20.KafkaConsumerFactory")
        .put(
            kafka + "decoder.class.name",
            "org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder")
        .put(kafka + "consumer.prop.auto.offset.reset", "smallest")
        // A segment that is to end waits for its fetch; 5 s each, one after the other, otherwise.
        .put(kafka + "fetch.timeout.millis", "500")
        .put("realtime.segment.flush.threshold.rows", String.valueOf(SEGMENT_ROWS))
        .put("realtime.segment.flush.threshold.time", SEGMENT_AGE.toHours() + "h");
    config.kafka().client().forEach(streams::put);
  }

  private static ObjectNode table(ViewPlan plan, String type) {
    ObjectNode table = JSON.objectNode().put("tableName", plan.table()).put("tableType", type);
    table
        .putObject("segmentsConfig")
        .put("timeColumnName", StoredColumn.ARRIVED)
        .put("schemaName", plan.table());
    fields(table, plan);
    table.putObject("tenants");
    table.putObject("metadata");
    return table;
  }

  private static ObjectNode segments(ObjectNode table) {
    return (ObjectNode) table.get("segmentsConfig");
  }

  /**
   * Measures are as they are: the values of most hardly repeat. Dimensions have dictionaries, and
   * strings and dates an inverted index; the view may ask for more.
   */
  private static ObjectNode index(ObjectNode table, ViewPlan plan) {
    ObjectNode index = table.putObject("tableIndexConfig").put("loadMode", "MMAP");
    add(
        index.putArray("noDictionaryColumns"),
        plan.storedParts().filter(p -> !p.isRepetitive()).map(StoredColumn::name));
    add(index.putArray("invertedIndexColumns"), inverted(plan));
    add(index.putArray("rangeIndexColumns"), indexed(plan, IndexKind.RANGE));
    add(index.putArray("bloomFilterColumns"), indexed(plan, IndexKind.BLOOM));
    add(index.putArray("varLengthDictionaryColumns"), strings(plan));
    return index;
  }

  private static Stream<String> inverted(ViewPlan plan) {
    Stream<String> days =
        plan.dimensions().stream()
            .filter(d -> d.type() == ColumnType.DATE)
            .map(Dimension::orderedColumn);
    return Stream.of(strings(plan), days, indexed(plan, IndexKind.INVERTED))
        .flatMap(names -> names)
        .distinct();
  }

  private static Stream<String> strings(ViewPlan plan) {
    return plan.dimensionColumns().filter(PinotTables::isString).map(DimensionColumn::name);
  }

  /** The indexes of the tables: kind to columns. */
  public static Map<String, List<String>> indexes(ViewPlan plan) {
    Map<String, List<String>> indexes = new LinkedHashMap<>();
    for (IndexKind kind : IndexKind.values()) {
      List<String> columns =
          (kind == IndexKind.INVERTED ? inverted(plan) : indexed(plan, kind)).toList();
      if (!columns.isEmpty()) {
        indexes.put(kind.label(), columns);
      }
    }
    if (!StarTree.dimensions(plan).isEmpty()) {
      indexes.put(
          "star-tree (batch) of " + String.join(", ", StarTree.dimensions(plan)),
          StarTree.pairs(plan));
    }
    return indexes;
  }

  private static Stream<String> indexed(ViewPlan plan, IndexKind kind) {
    return plan.indexes().stream()
        .filter(i -> i.kind() == kind)
        .map(ViewIndex::column)
        .map(name -> plan.dimension(name).map(Dimension::orderedColumn).orElse(name));
  }

  /** What Pinot takes field by field: Lucene's index, and how strings of measures are stored. */
  private static void fields(ObjectNode table, ViewPlan plan) {
    Set<String> texts =
        plan.indexes().stream()
            .filter(i -> i.kind() == IndexKind.TEXT)
            .map(ViewIndex::column)
            .map(column -> plan.textColumn(column).orElseThrow())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    plan.storedParts()
        .filter(PinotTables::isString)
        .forEach(part -> raw(field(table, part.name(), texts.remove(part.name()))));
    texts.forEach(column -> field(table, column, true).put("encodingType", "DICTIONARY"));
  }

  private static ObjectNode field(ObjectNode table, String name, boolean isText) {
    ObjectNode field = table.withArray("fieldConfigList").addObject().put("name", name);
    ArrayNode types = field.putArray("indexTypes");
    if (isText) {
      types.add("TEXT");
    }
    return field;
  }

  /** Chunks of as many values as fill them, not of 1000 times the longest. */
  private static void raw(ObjectNode field) {
    field.put("encodingType", "RAW");
    field.putObject("properties").put("deriveNumDocsPerChunkForRawIndex", "true");
  }

  private static boolean isString(DimensionColumn column) {
    return column.type() == ColumnType.STRING;
  }

  private static void add(ArrayNode array, Stream<String> names) {
    names.forEach(array::add);
  }

  private static ObjectNode prunedByTime(ObjectNode routing) {
    routing.putArray("segmentPrunerTypes").add("time");
    return routing;
  }
}
