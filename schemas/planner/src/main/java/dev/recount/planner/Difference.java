package dev.recount.planner;

import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.catalog.ViewVersion;
import dev.recount.contract.event.EventSchema;
import dev.recount.contract.view.ViewPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What the files are beside what runs; problems are added to those of the files. */
record Difference(Map<String, State> events, Map<String, State> views, List<String> onlyRunning) {

  /** Of an event or a view. */
  enum State {
    NEW,
    UNCHANGED,
    CHANGED
  }

  static Difference of(CheckedSchemas schemas, Catalog catalog, ViewCompiler compiler) {
    Map<String, State> events = new LinkedHashMap<>();
    for (EventSchema event : schemas.events().values()) {
      events.put(event.name(), event(event, schemas, catalog, compiler));
    }
    Map<String, State> views = new LinkedHashMap<>();
    for (ViewPlan view : schemas.views()) {
      views.put(view.view(), view(view, schemas, catalog, compiler));
    }
    List<String> onlyRunning =
        catalog.views().all().stream()
            .map(ViewVersion::viewName)
            .filter(name -> !views.containsKey(name))
            .distinct()
            .toList();
    return new Difference(events, views, onlyRunning);
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

  private static State view(
      ViewPlan view, CheckedSchemas schemas, Catalog catalog, ViewCompiler compiler) {
    Optional<ViewPlan> running = catalog.views().active(view.view()).map(ViewVersion::plan);
    if (running.isEmpty()) {
      return State.NEW;
    }
    boolean same =
        running.get().event().equals(view.event())
            && running.get().distinct().equals(view.distinct())
            && running.get().dimensions().equals(view.dimensions())
            && running.get().measures().equals(view.measures())
            && Objects.equals(running.get().join(), view.join())
            && compiler.isSame(running.get(), view);
    if (same) {
      return State.UNCHANGED;
    }
    schemas
        .problems()
        .add(
            new Refusal(view.view())
                .invalid(
                    "its SELECT (or @distinct) is not the one that runs as "
                        + running.get().table()
                        + ", and a view that runs cannot be changed; name a new view, such as"
                        + " views/"
                        + view.view()
                        + "_2.sql, or put the SELECT back"));
    return State.CHANGED;
  }
}
