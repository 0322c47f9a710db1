package dev.recount.infra.pinot;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pinot.common.metadata.segment.SegmentZKMetadata;
import org.apache.pinot.common.request.PinotQuery;
import org.apache.pinot.common.utils.DataTable;
import org.apache.pinot.core.common.datatable.DataTableFactory;
import org.apache.pinot.core.common.datatable.DataTableUtils;
import org.apache.pinot.core.plan.maker.InstancePlanMakerImplV2;
import org.apache.pinot.core.query.optimizer.QueryOptimizer;
import org.apache.pinot.core.query.reduce.BrokerReduceService;
import org.apache.pinot.core.query.request.context.QueryContext;
import org.apache.pinot.core.query.request.context.utils.QueryContextConverterUtils;
import org.apache.pinot.core.transport.ServerRoutingInstance;
import org.apache.pinot.plugin.inputformat.json.JSONMessageDecoder;
import org.apache.pinot.segment.local.indexsegment.mutable.MutableSegmentImpl;
import org.apache.pinot.segment.local.io.writer.impl.DirectMemoryManager;
import org.apache.pinot.segment.local.realtime.impl.RealtimeSegmentConfig;
import org.apache.pinot.segment.local.realtime.impl.RealtimeSegmentStatsHistory;
import org.apache.pinot.segment.local.recordtransformer.CompositeTransformer;
import org.apache.pinot.segment.spi.IndexSegment;
import org.apache.pinot.spi.config.table.TableConfig;
import org.apache.pinot.spi.config.table.TableType;
import org.apache.pinot.spi.data.Schema;
import org.apache.pinot.spi.data.readers.GenericRow;
import org.apache.pinot.spi.env.PinotConfiguration;
import org.apache.pinot.spi.utils.CommonConstants;
import org.apache.pinot.spi.utils.builder.TableConfigBuilder;
import org.apache.pinot.sql.parsers.CalciteSqlCompiler;
import org.apache.pinot.sql.parsers.CalciteSqlParser;

/**
 * Pinot's own query engine over rows that are given, without a server: a broker's parser and
 * reduction around a server's plan. For tests of views, which load it with this module's class path
 * beside their own; so it takes and gives what the JDK has.
 */
public final class RowsInMemory {
  private static final String TIME = "_arrived";
  private static final int MOST_GROUPS = 1_000_000;
  private static final long TIMEOUT_MS = TimeUnit.MINUTES.toMillis(1);

  /** As the servers' settings have it: no group is dropped before it is merged. */
  private static final InstancePlanMakerImplV2 PLANS =
      new InstancePlanMakerImplV2(1_000, MOST_GROUPS, -1, -1, Integer.MAX_VALUE);

  private static final BrokerReduceService BROKER =
      new BrokerReduceService(
          new PinotConfiguration(
              Map.of(
                  CommonConstants.Broker.CONFIG_OF_BROKER_GROUPBY_TRIM_THRESHOLD,
                  Integer.MAX_VALUE)));

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "pinot in memory");
            thread.setDaemon(true);
            return thread;
          });

  private final Schema schema;
  private final Clock clock;
  private final CompositeTransformer transformer;
  private final JSONMessageDecoder decoder = new JSONMessageDecoder();
  private final RealtimeSegmentStatsHistory history;

  /**
   * A table.
   *
   * @param schemaJson Pinot's schema
   */
  public RowsInMemory(String schemaJson, Clock clock) throws Exception {
    this.clock = clock;
    this.schema = Schema.fromString(schemaJson);
    TableConfig table =
        new TableConfigBuilder(TableType.REALTIME)
            .setTableName(schema.getSchemaName())
            .setTimeColumnName(TIME)
            .build();
    this.transformer = CompositeTransformer.getDefaultTransformer(table, schema);
    this.history = RealtimeSegmentStatsHistory.deserialzeFrom(new File("no such file"));
    decoder.init(Map.of(), schema.getColumnNames(), schema.getSchemaName());
  }

  /**
   * Asks.
   *
   * @param batch rows of the table's OFFLINE side: column to value
   * @param speed rows of its REALTIME side, as the JSON of its topic
   * @return what a broker answers, as JSON
   */
  public String ask(List<Map<String, Object>> batch, List<String> speed, String sql)
      throws Exception {
    PinotQuery pinot = CalciteSqlParser.compileToPinotQuery(sql);
    new QueryOptimizer().optimize(pinot, schema);
    QueryContext query = QueryContextConverterUtils.getQueryContext(pinot);
    query.setEndTimeMs(clock.millis() + TIMEOUT_MS);
    Map<ServerRoutingInstance, DataTable> answers = new HashMap<>();
    List<GenericRow> rows = new ArrayList<>();
    for (Map<String, Object> row : batch) {
      GenericRow values = new GenericRow();
      row.forEach(values::putValue);
      rows.add(values);
    }
    answers.put(server(TableType.OFFLINE), answer(rows, query));
    rows.clear();
    for (String delta : speed) {
      rows.add(decoder.decode(delta.getBytes(StandardCharsets.UTF_8), new GenericRow()));
    }
    answers.put(server(TableType.REALTIME), answer(rows, query));
    var request = CalciteSqlCompiler.convertToBrokerRequest(pinot);
    return BROKER.reduceOnDataTable(request, request, answers, TIMEOUT_MS, null).toJsonString();
  }

  private static ServerRoutingInstance server(TableType side) {
    return new ServerRoutingInstance("localhost", 1, side);
  }

  /** What a server answers, as it arrives at a broker. */
  private DataTable answer(List<GenericRow> rows, QueryContext query) throws Exception {
    if (rows.isEmpty()) {
      return received(DataTableUtils.buildEmptyDataTable(query));
    }
    IndexSegment segment = segment(rows);
    try {
      return received(PLANS.makeInstancePlan(List.of(segment), query, THREADS, null).execute());
    } finally {
      segment.destroy();
    }
  }

  private static DataTable received(DataTable sent) throws IOException {
    return DataTableFactory.getDataTable(sent.toBytes());
  }

  private IndexSegment segment(List<GenericRow> rows) throws IOException {
    String name = schema.getSchemaName();
    Set<String> raw = new HashSet<>(schema.getMetricNames());
    MutableSegmentImpl segment =
        new MutableSegmentImpl(
            new RealtimeSegmentConfig.Builder()
                .setTableNameWithType(name + "_REALTIME")
                .setSegmentName(name)
                .setStreamName(name)
                .setSchema(schema)
                .setTimeColumnName(TIME)
                .setCapacity(rows.size() + 1)
                .setAvgNumMultiValues(1)
                .setNoDictionaryColumns(raw)
                .setVarLengthDictionaryColumns(new HashSet<>())
                .setInvertedIndexColumns(new HashSet<>())
                .setJsonIndexColumns(new HashSet<>())
                .setSegmentZKMetadata(new SegmentZKMetadata(name))
                .setMemoryManager(new DirectMemoryManager(name))
                .setStatsHistory(history)
                .setIngestionAggregationConfigs(List.of())
                .build(),
            null);
    for (GenericRow row : rows) {
      segment.index(transformer.transform(row), null);
    }
    return segment;
  }
}
