package dev.recount.speed;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.compile.ViewCompiler;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The views of one event, and all that they need beside its records: which take part, compiled,
 * with the states that they join and the copies that they leave out. Computes one micro-batch at a
 * time.
 */
final class EventViews implements AutoCloseable {
  /**
   * When a micro-batch is computed.
   *
   * @param startedMs events in it arrived before
   * @param completeUntilMs events that arrived before are computed
   */
  record Moment(long startedMs, long completeUntilMs) {}

  private static final Logger LOG = LoggerFactory.getLogger(EventViews.class);

  private final String event;
  private final RecountConfig config;
  private final Catalog catalog;
  private final Admission admission;
  private final Copies copies;
  private final JoinedStates states;
  private final EventWorkers workers;
  private final LongAccumulator undecodable;
  private final LongAccumulator deltas;
  private Definition usedDefinition;
  private List<ViewPlan> usedPlans;

  EventViews(
      String event,
      RecountConfig config,
      SparkSession spark,
      Catalog catalog,
      JoinedStates states,
      Admission admission) {
    this.event = event;
    this.config = config;
    this.catalog = catalog;
    this.admission = admission;
    this.copies = new Copies(event, config);
    this.states = states;
    this.workers = new EventWorkers(config, new ViewCompiler(spark), copies, states);
    this.undecodable = spark.sparkContext().longAccumulator("undecodable." + event);
    this.deltas = spark.sparkContext().longAccumulator("deltas." + event);
  }

  /** See {@link JoinedStates#begin}. */
  void begin(long computedUntilMs) {
    states.begin(computedUntilMs);
  }

  /** Begins as if no micro-batch had ever been: one of that number will come again. */
  void beginAgain() {
    admission.forget();
  }

  /**
   * Begins with versions that no micro-batch has seen.
   *
   * @param id of the next micro-batch
   */
  void beginNew(Definition definition, long id) {
    admission.admit(definition.onlyNew(), id);
  }

  /**
   * Returns when each delta of a micro-batch is acknowledged, but for those of views that are set
   * aside.
   *
   * @param raw the records from the start to the end
   */
  void compute(
      Dataset<Row> raw,
      long id,
      Positions start,
      Positions end,
      Definition definition,
      Moment moment) {
    List<ViewPlan> plans = admission.admit(definition, id);
    if (end.since(start) == 0) {
      return;
    }
    Map<ViewPlan, ViewFailure> failed = use(definition, plans);
    Map<String, Throwable> missing = states.catchUp(moment.startedMs(), moment.completeUntilMs());
    plans.stream()
        .filter(plan -> plan.join() != null && missing.containsKey(plan.join().state()))
        .forEach(plan -> failed.put(plan, ViewFailure.of(missing.get(plan.join().state()))));
    copies.begin(start);
    write(raw, id, plans, failed);
    copies.done(end);
  }

  /**
   * Writes the deltas of a micro-batch.
   *
   * @param failed of views that cannot be run
   */
  private void write(
      Dataset<Row> raw, long id, List<ViewPlan> plans, Map<ViewPlan, ViewFailure> failed) {
    Map<String, ViewPlan> byTopic = new LinkedHashMap<>();
    plans.forEach(plan -> byTopic.put(Topics.deltas(plan.table()), plan));
    Set<String> without =
        failed.keySet().stream()
            .map(plan -> Topics.deltas(plan.table()))
            .collect(Collectors.toSet());
    try {
      MicroBatch.Result result =
          new MicroBatch(
                  workers.reference(),
                  event,
                  id,
                  KafkaClients.of(config),
                  without,
                  undecodable,
                  deltas)
              .write(raw);
      result.failures().forEach((topic, failure) -> failed.put(byTopic.get(topic), failure));
      if (!failed.isEmpty() && states.fail()) {
        throw RecountException.of(
            ErrorCode.INTERNAL,
            "Cannot join states of event '%s' as they were: they are read again",
            event);
      }
      admission.settle(plans, failed, result.acknowledged());
      states.end();
    } catch (RuntimeException e) {
      states.fail();
      throw e;
    }
  }

  /**
   * Views are compiled when they or the events change, not with each micro-batch.
   *
   * @return why some cannot be run
   */
  private Map<ViewPlan, ViewFailure> use(Definition known, List<ViewPlan> plans) {
    Map<ViewPlan, ViewFailure> failed = new LinkedHashMap<>();
    if (states.isStale() || !known.hasSameEvents(usedDefinition) || !plans.equals(usedPlans)) {
      usedPlans = null; // until all below has worked
      workers
          .use(known, new CurrentSchema(catalog.events(), known.schema()), plans)
          .forEach(
              (plan, e) -> {
                LOG.warn("{} cannot be run", plan.table(), e);
                failed.put(plan, ViewFailure.of(e));
              });
      usedDefinition = known;
      usedPlans = failed.isEmpty() ? plans : null;
    }
    return failed;
  }

  /** What the heartbeat says of them. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("undecodable", undecodable.value());
    facts.put("deltas", deltas.value());
    facts.put("state_keys", states.keys());
    facts.put("state_bytes", states.bytes());
    facts.put("distinct", copies.facts());
    return facts;
  }

  @Override
  public void close() {
    workers.close();
  }
}
