package dev.recount.speed;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.EventCatalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.pass.HeapBudget;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.StateTable;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;

/**
 * The states that the views of one event join, in memory. Before a micro-batch runs, they hold
 * every record that arrived before any of its events did; they are read from the log when they are
 * first needed, and never from anywhere else, so that a repeated micro-batch finds the same. Not
 * thread-safe, but for what tasks ask of the tables.
 */
final class JoinedStates implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  /**
   * A micro-batch that was cut off by a restart is about this old at most; if it is older, the
   * states are read twice.
   */
  private static final Duration REPEATED = Duration.ofMinutes(1);

  /** For the states that all events join: half of what this process has. */
  private static final HeapBudget MEMORY = HeapBudget.shared(Runtime.getRuntime().maxMemory() / 2);

  /** A table of a state event: one for all views that match it by the same fields. */
  private record TableKey(String state, List<String> matched) {
    static TableKey of(ViewJoin join) {
      return new TableKey(join.state(), join.on().stream().map(ViewJoin.Match::field).toList());
    }
  }

  /** What the tables depend on. */
  private record Needs(Map<String, Schema> states, Map<TableKey, Set<String>> tables) {}

  private final RecountConfig config;
  private final EventCatalog events;
  private final Admin admin;
  private final Clock clock;
  private final Map<TableKey, StateTable> tables = new ConcurrentHashMap<>();
  private final Map<String, StateFeed> feeds = new HashMap<>();
  private Map<String, EventSchema> states = Map.of();
  private Needs needs = new Needs(Map.of(), Map.of());
  private long computedBeforeMs;
  private long refusedMs = Long.MAX_VALUE;
  private boolean isStale;

  /** This event's part, so that another event's states do not fail its views; null without any. */
  private HeapBudget.Share memory;

  JoinedStates(RecountConfig config, EventCatalog events, Admin admin, Clock clock) {
    this.config = config;
    this.events = events;
    this.admin = admin;
    this.clock = clock;
  }

  /**
   * Holds what these views join from now on; what it already holds stays if nothing changed.
   *
   * @param schemasByName of the events that they join
   */
  void use(Map<ViewPlan, ViewProgram> views, Map<String, EventSchema> schemasByName) {
    Map<TableKey, Set<String>> read = new HashMap<>();
    Map<TableKey, ViewJoin> joins = new HashMap<>();
    views.forEach(
        (plan, program) -> {
          if (plan.join() != null) {
            TableKey key = TableKey.of(plan.join());
            read.computeIfAbsent(key, k -> new TreeSet<>()).addAll(program.columns());
            joins.put(key, plan.join());
          }
        });
    Map<String, Schema> schemas = new HashMap<>();
    joins.values().forEach(j -> schemas.put(j.state(), schemasByName.get(j.state()).avro()));
    Needs now = new Needs(schemas, read);
    if (now.equals(needs) && !isStale()) {
      return;
    }
    isStale = true; // until all below has worked
    close();
    memory = joins.isEmpty() ? null : MEMORY.open();
    joins.forEach(
        (key, join) ->
            tables.put(
                key,
                new StateTable(
                    join, EventRows.type(schemasByName.get(key.state())), read.get(key), memory)));
    states = Map.copyOf(schemasByName);
    needs = now;
    isStale = false;
  }

  private StateFeed feed(EventSchema state) {
    List<StateTable> fed =
        tables.entrySet().stream()
            .filter(t -> t.getKey().state().equals(state.name()))
            .map(Map.Entry::getValue)
            .toList();
    return new StateFeed(
        state, new CurrentSchema(events, state), new EventLog(admin, state.name()), config, fed);
  }

  StateTable table(ViewJoin join) {
    return tables.get(TableKey.of(join));
  }

  /**
   * Begins, or begins again after a failure.
   *
   * @param computedUntilMs as was reported last: events that arrived before it are computed, but
   *     for a micro-batch that is repeated
   */
  void begin(long computedUntilMs) {
    computedBeforeMs = computedUntilMs - REPEATED.toMillis();
  }

  /**
   * Reads until all is there that arrived before a moment. A state of which that fails keeps no
   * other from being read.
   *
   * @param beforeMs the moment
   * @param computedUntilMs events that were readable then and arrived before are computed
   * @return why, of each state that is not to be had
   * @throws RuntimeException if the brokers do not answer
   */
  Map<String, Throwable> catchUp(long beforeMs, long computedUntilMs) {
    if (needs.states().isEmpty()) {
      return Map.of();
    }
    long readableMs =
        beforeMs + Cut.APPEND_IN_FLIGHT.toMillis() + config.cut().clockMargin().toMillis();
    Deadline.after(Duration.ofMillis(Math.max(0, readableMs - clock.millis())))
        .await(POLL, () -> clock.millis() >= readableMs);
    computedBeforeMs =
        Math.max(computedBeforeMs, computedUntilMs - Cut.APPEND_IN_FLIGHT.toMillis());
    long neverAskedMs = Math.min(computedBeforeMs, refusedMs);
    tables.values().forEach(t -> t.keepFrom(neverAskedMs));
    Map<String, Throwable> failures = new HashMap<>();
    for (String state : needs.states().keySet()) {
      try {
        feeds.computeIfAbsent(state, s -> feed(states.get(s))).catchUp();
      } catch (Exception | LinkageError | StackOverflowError e) {
        Failures.requireOfView(e, null);
        if (Failures.isOfBroker(e)) {
          throw e;
        }
        failures.put(state, e);
      }
    }
    return failures;
  }

  /** A micro-batch is done. */
  void end() {
    refusedMs = Long.MAX_VALUE;
  }

  /**
   * A micro-batch failed, or a view in it. If an event asked for states that were no longer to be
   * asked for, they are read again, and kept from that event's arrival on.
   *
   * @return whether that was so
   */
  boolean fail() {
    long asked =
        tables.values().stream().mapToLong(StateTable::refusedMs).min().orElse(Long.MAX_VALUE);
    if (asked < Long.MAX_VALUE) {
      refusedMs = Math.min(refusedMs, asked);
      isStale = true;
    }
    return asked < Long.MAX_VALUE;
  }

  /** Whether {@link #use} must be called before anything else. */
  boolean isStale() {
    return isStale || feeds.values().stream().anyMatch(StateFeed::isBroken);
  }

  /** How many keys have a state. */
  long keys() {
    return tables.values().stream().mapToLong(StateTable::keys).sum();
  }

  /** About how much memory they take. */
  long bytes() {
    return tables.values().stream().mapToLong(StateTable::bytes).sum();
  }

  @Override
  public void close() {
    feeds.values().forEach(StateFeed::close);
    feeds.clear();
    tables.values().forEach(StateTable::close);
    tables.clear();
    if (memory != null) {
      memory.close();
      memory = null;
    }
    needs = new Needs(Map.of(), Map.of());
  }
}
