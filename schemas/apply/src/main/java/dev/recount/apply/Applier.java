package dev.recount.apply;

import dev.recount.apply.Difference.State;
import dev.recount.apply.Difference.ViewState;
import dev.recount.core.Deadline;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.planner.table.PinotTables;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes what checked events and views need. Each step finds what is there already, and a view
 * enters the catalog last, so that an apply that was cut off is finished by the next.
 */
final class Applier {
  private static final Duration PINOT_PATIENCE = Duration.ofSeconds(30);

  /** Longer than the catalog takes to commit and a decoder believes that a schema is unknown. */
  private static final Duration REGISTERED_AHEAD = Duration.ofSeconds(2);

  private static final Duration POLL = Duration.ofMillis(50);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final BrokerClock brokers;
  private final Consumer<String> say;

  Applier(RecountConfig config, Catalog catalog, Clock clock, Consumer<String> say) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.brokers = new BrokerClock(KafkaClients.of(config));
    this.say = say;
  }

  void apply(CheckedSchemas schemas, Difference difference) {
    try (TopicMaker topics = new TopicMaker(config, say)) {
      topics.deadLetters();
      schemas.events().values().forEach(topics::raw);
      schemas.views().stream()
          .filter(v -> v.join() != null)
          .forEach(v -> topics.requireWhole(v.join().state()));
      schemas.views().forEach(v -> topics.deltas(v.table()));
    }
    try (brokers) {
      for (EventSchema event : schemas.events().values()) {
        applyEvent(event, difference.events().get(event.name()));
      }
    }
    PinotController pinot = new PinotController(config, PINOT_PATIENCE);
    makeTables(schemas.views(), pinot);
    for (ViewPlan view : schemas.views()) {
      applyView(view, difference.views().get(view.view()), pinot);
      keepTests(view.view(), schemas.tests(view.view()));
    }
  }

  /** The tests belong to the version that the folder has, which is the newest. */
  private void keepTests(String view, Optional<CaseFile> tests) {
    int version =
        catalog.views().all().stream()
            .filter(v -> v.viewName().equals(view))
            .mapToInt(ViewVersion::version)
            .max()
            .orElseThrow();
    Optional<CaseFile> kept = catalog.cases().of(view, version);
    if (tests.isEmpty()) {
      if (kept.isPresent()) {
        catalog.cases().drop(view, version);
        say.accept("tests of " + view + ": removed");
      }
    } else if (!kept.map(CaseFile::text).equals(tests.map(CaseFile::text))) {
      CaseFile file = tests.get();
      catalog.cases().put(view, version, "tests/" + view + ".yaml", file.text());
      say.accept(
          "tests of "
              + view
              + ": "
              + file.cases().size()
              + " cases, "
              + file.assertions().size()
              + " assertions");
    }
  }

  /**
   * Since when a schema is known is compared with arrivals, so it is measured by the brokers'
   * clocks.
   */
  private void applyEvent(EventSchema event, State state) {
    if (state == State.UNCHANGED) {
      say.accept("event " + event.name() + ": unchanged");
      return;
    }
    if (state == State.NEW) {
      catalog.events().apply(event, brokers.nowMs());
    } else {
      register(event);
    }
    say.accept("event " + event.name() + ": " + (state == State.NEW ? "added" : "changed"));
  }

  /**
   * A changed schema counts for records that arrive from a moment on at which every reader can know
   * it; the door uses it from then on, and whoever waits for the command to end writes after it.
   */
  private void register(EventSchema event) {
    long sinceMs = brokers.nowMs() + REGISTERED_AHEAD.toMillis();
    catalog.events().apply(event, sinceMs);
    Deadline.after(REGISTERED_AHEAD.multipliedBy(2)).await(POLL, () -> brokers.nowMs() >= sinceMs);
  }

  private void makeTables(List<ViewPlan> views, PinotController pinot) {
    PinotTables tables = new PinotTables(config);
    for (ViewPlan view : views) {
      boolean made = pinot.makeSchema(view.table(), tables.schema(view));
      made |= pinot.makeTable(view.table(), "OFFLINE", tables.offlineTable(view));
      made |= pinot.makeTable(view.table(), "REALTIME", tables.realtimeTable(view));
      say.accept("Pinot table " + view.table() + ": " + (made ? "made" : "is there"));
    }
    ServedTables served = new ServedTables(config);
    views.forEach(v -> served.awaitAnswer(v.table()));
  }

  private void applyView(ViewPlan view, ViewState difference, PinotController pinot) {
    switch (difference.state()) {
      case NEW:
        catalog.views().add(view, clock.millis());
        say.accept("view " + view.view() + ": added");
        break;
      case CHANGED:
        adjust(view, pinot);
        say.accept("view " + view.view() + ": changed: " + String.join("; ", difference.changes()));
        break;
      default:
        say.accept("view " + view.view() + ": unchanged");
        break;
    }
  }

  /** Brings the header of a running view, and its indexes, to what the file says. */
  private void adjust(ViewPlan view, PinotController pinot) {
    ViewVersion running = catalog.views().active(view.view()).orElseThrow();
    ViewPlan adjusted = view.withVersion(running.version());
    PinotTables tables = new PinotTables(config);
    if (!tables.offlineTable(running.plan()).equals(tables.offlineTable(adjusted))) {
      pinot.changeTable(adjusted.table(), "OFFLINE", tables.offlineTable(adjusted));
      pinot.changeTable(adjusted.table(), "REALTIME", tables.realtimeTable(adjusted));
      awaitText(running.plan(), adjusted);
    }
    catalog.views().adjust(adjusted);
  }

  private void awaitText(ViewPlan before, ViewPlan view) {
    ServedTables served = new ServedTables(config);
    view.indexes().stream()
        .filter(i -> i.kind() == IndexKind.TEXT && !before.indexes().contains(i))
        .map(i -> view.textColumn(i.column()).orElseThrow())
        .forEach(column -> served.awaitText(view.table(), column));
  }
}
