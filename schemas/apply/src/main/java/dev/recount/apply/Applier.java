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
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.planner.table.PinotTables;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final Runnable requireOurs;

  /**
   * @param say told, in a sentence, what was done
   * @param requireOurs throws if another may apply now; asked before a version is begun or counts
   */
  Applier(
      RecountConfig config,
      Catalog catalog,
      Clock clock,
      Consumer<String> say,
      Runnable requireOurs) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.brokers = new BrokerClock(KafkaClients.of(config));
    this.say = say;
    this.requireOurs = requireOurs;
  }

  void apply(CheckedSchemas schemas, Difference difference) {
    List<ViewPlan> views =
        schemas.views().stream()
            .map(file -> file.withVersion(difference.views().get(file.view()).version()))
            .toList();
    views.stream()
        .filter(view -> isBegun(difference.views().get(view.view())))
        .forEach(this::begin);
    try (TopicMaker topics = new TopicMaker(config, say)) {
      topics.deadLetters();
      schemas.events().values().forEach(topics::raw);
      schemas.views().stream()
          .filter(v -> v.join() != null)
          .forEach(v -> topics.requireWhole(v.join().state()));
      views.forEach(v -> topics.deltas(v.table()));
    }
    try (brokers) {
      for (EventSchema event : schemas.events().values()) {
        applyEvent(event, difference.events().get(event.name()));
      }
    }
    PinotController pinot = new PinotController(config, PINOT_PATIENCE);
    makeTables(views, pinot);
    for (ViewPlan view : views) {
      keepTests(view.view(), view.version(), schemas.tests(view.view()));
      applyView(view, difference, pinot);
    }
  }

  private static boolean isBegun(ViewState state) {
    return state.state() == State.NEW || state.state() == State.NEXT_VERSION;
  }

  /** Whatever ends this process, what is made of a version from here on is found again. */
  private void begin(ViewPlan view) {
    requireOurs.run();
    boolean isUnfinished = false;
    for (ViewVersion version : catalog.views().unfinished()) {
      if (version.viewName().equals(view.view()) && version.state().equals(ViewVersion.MAKING)) {
        if (version.version() == view.version()) {
          isUnfinished = true;
        } else {
          catalog.views().markDropped(version.viewName(), version.version());
        }
      }
    }
    if (!isUnfinished) {
      catalog.views().begin(view, clock.millis());
    }
  }

  /** The tests belong to the version that the folder has. */
  private void keepTests(String view, int version, Optional<CaseFile> tests) {
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
    views.forEach(v -> awaitAnswer(v, served));
  }

  /** A table that Pinot has made by half, because it was ended meanwhile, never answers. */
  private void awaitAnswer(ViewPlan view, ServedTables served) {
    try {
      served.awaitAnswer(view.table());
    } catch (RecountException e) {
      if (catalog.views().find(view.view(), view.version()).isPresent()) {
        throw e;
      }
      throw RecountException.of(
          e.code(),
          e,
          "Cannot begin version %s of view '%s': %s; apply again when Pinot is well (recount"
              + " status), or, if it was ended while it made the table, after 'recount version drop"
              + " %s'",
          view.version(),
          view.view(),
          e.getMessage(),
          view.versionName());
    }
  }

  private void applyView(ViewPlan view, Difference all, PinotController pinot) {
    ViewState difference = all.views().get(view.view());
    String changes = String.join("; ", difference.changes());
    String about = "view " + view.view() + ": ";
    switch (difference.state()) {
      case NEW:
        boolean isFirst = all.events().get(view.event()) == State.NEW;
        live(view, !isFirst && isScheduled(view));
        say.accept(about + "added" + (isFirst ? "" : firstRun(view)));
        break;
      case NEXT_VERSION:
        live(view, isScheduled(view));
        say.accept(
            about
                + "version "
                + view.version()
                + " begins beside those that run: "
                + changes
                + firstRun(view)
                + "; readers see it after 'recount version promote "
                + view.view()
                + "'");
        break;
      case CHANGED:
        adjust(view, pinot);
        say.accept(about + "changed: " + changes);
        break;
      case KEPT:
        adjust(view, pinot);
        say.accept(about + kept(view) + (changes.isEmpty() ? "" : "; changed: " + changes));
        break;
      default:
        say.accept(about + "unchanged");
        break;
    }
    followSchedule(view);
  }

  /** Speed counts a new version from now on; batch has to count what was before. */
  private void live(ViewPlan view, boolean isDue) {
    requireOurs.run();
    if (isDue) {
      catalog.views().liveAndDue(view);
    } else {
      catalog.views().live(view);
    }
  }

  private static boolean isScheduled(ViewPlan view) {
    return ViewSchedule.of(view).cron() != null;
  }

  private static String firstRun(ViewPlan view) {
    return (isScheduled(view)
            ? "; its first batch run is asked for"
            : "; the next 'recount batch run " + view.view() + "' gives it all history")
        + ", and 'recount version list "
        + view.view()
        + "' shows how far it is";
  }

  private String kept(ViewPlan view) {
    int active = catalog.views().active(view.view()).orElseThrow().version();
    return "is what its version "
        + view.version()
        + " counts, which "
        + (active == view.version()
            ? "readers see; 'recount version drop VIEW@N' removes the later ones"
            : "is kept; 'recount version promote "
                + view.view()
                + " --to "
                + view.version()
                + "' leads readers back to it");
  }

  /** When a view is computed and audited is the same for all its versions. */
  private void followSchedule(ViewPlan file) {
    for (ViewVersion version : catalog.views().ofView(file.view())) {
      ViewPlan plan = version.plan();
      Map<String, String> header = new HashMap<>(plan.header());
      for (String key : ViewSchedule.KEYS) {
        header.remove(key);
        if (file.header().containsKey(key)) {
          header.put(key, file.header().get(key));
        }
      }
      if (!header.equals(plan.header())) {
        catalog.views().adjust(plan.withHeader(header));
      }
    }
  }

  /** Brings the header of a running version, and its indexes, to what the file says. */
  private void adjust(ViewPlan adjusted, PinotController pinot) {
    ViewPlan running =
        catalog.views().find(adjusted.view(), adjusted.version()).orElseThrow().plan();
    PinotTables tables = new PinotTables(config);
    if (!tables.offlineTable(running).equals(tables.offlineTable(adjusted))) {
      pinot.changeTable(adjusted.table(), "OFFLINE", tables.offlineTable(adjusted));
      pinot.changeTable(adjusted.table(), "REALTIME", tables.realtimeTable(adjusted));
      awaitText(running, adjusted);
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
