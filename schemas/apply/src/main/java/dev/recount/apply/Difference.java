package dev.recount.apply;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the files are beside what runs; problems are added to those of the files.
 *
 * @param warnings of what works, but probably not as it was meant
 */
record Difference(
    Map<String, State> events,
    Map<String, ViewState> views,
    List<String> onlyRunning,
    List<String> warnings) {

  /** Of an event or a view. */
  enum State {
    NEW,
    UNCHANGED,
    /** Apply changes it to what the file says. */
    CHANGED,
    /** It runs, and cannot become what the file says. */
    REFUSED
  }

  /**
   * Of a view.
   *
   * @param changes in words
   */
  record ViewState(State state, List<String> changes) {}

  static Difference of(
      CheckedSchemas schemas,
      Catalog catalog,
      ViewCompiler compiler,
      RecountConfig config,
      Instant now) {
    Map<String, State> events = new LinkedHashMap<>();
    for (EventSchema event : schemas.events().values()) {
      events.put(event.name(), event(event, schemas, catalog, compiler));
    }
    Map<String, ViewState> views = new LinkedHashMap<>();
    for (ViewPlan view : schemas.views()) {
      views.put(view.view(), view(view, schemas, catalog, compiler));
    }
    List<String> onlyRunning =
        catalog.views().all().stream()
            .map(ViewVersion::viewName)
            .filter(name -> !views.containsKey(name))
            .distinct()
            .toList();
    return new Difference(
        events,
        views,
        onlyRunning,
        ScheduleWarnings.of(
            schemas.views(),
            catalog.batch().newestTookMs(ScheduleWarnings.RUNS),
            held(config),
            now));
  }

  /** How long deltas wait for their audit. */
  private static Duration held(RecountConfig config) {
    Duration hold = config.audit().hold();
    Duration kept = config.speed().retention();
    return hold.compareTo(kept) < 0 ? hold : kept;
  }

  private static State event(
      EventSchema event, CheckedSchemas schemas, Catalog catalog, ViewCompiler compiler) {
    Optional<EventSchema> running = catalog.events().schema(event.name());
    if (running.isEmpty()) {
      return State.NEW;
    }
    if (running.get().json().equals(event.json())) {
      return State.UNCHANGED;
    }
    schemas.problems().addAll(EventChange.of(event, catalog).problems(compiler));
    return State.CHANGED;
  }

  private static ViewState view(
      ViewPlan view, CheckedSchemas schemas, Catalog catalog, ViewCompiler compiler) {
    Optional<ViewPlan> running = catalog.views().active(view.view()).map(ViewVersion::plan);
    if (running.isEmpty()) {
      return new ViewState(State.NEW, List.of());
    }
    ViewChanges changes = ViewChanges.between(running.get(), view, compiler);
    if (changes.all().isEmpty()) {
      return new ViewState(State.UNCHANGED, List.of());
    }
    if (changes.rewrites().isEmpty()) {
      return new ViewState(State.CHANGED, changes.all());
    }
    schemas.problems().add(another(view, running.get(), changes));
    return new ViewState(State.REFUSED, changes.all());
  }

  private static RecountException another(ViewPlan view, ViewPlan running, ViewChanges changes) {
    return new Refusal(view.view())
        .invalid(
            "it differs from the running "
                + running.table()
                + " ("
                + String.join("; ", changes.rewrites())
                + "), and what a running view counts cannot be changed; give the new view another"
                + " name, such as views/"
                + view.view()
                + "_2.sql, or put the old text back");
  }
}
