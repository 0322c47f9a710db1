package dev.recount.apply;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
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
    /** Of a view: it counts something else than its newest version, so it becomes the next one. */
    NEXT_VERSION,
    /**
     * Of a view: its newest version counts something else, but an older one that is kept does not.
     */
    KEPT
  }

  /**
   * Of a view.
   *
   * @param version which one the file is, or becomes
   * @param changes in words: from that version, or from the newest to the next
   */
  record ViewState(State state, int version, List<String> changes) {}

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
      views.put(view.view(), view(view, catalog, compiler));
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
      // One that was dropped may have an archive.
      schemas.problems().addAll(EventChange.of(event, catalog).problems(compiler));
      return State.NEW;
    }
    if (running.get().json().equals(event.json())) {
      return State.UNCHANGED;
    }
    schemas.problems().addAll(EventChange.of(event, catalog).problems(compiler));
    return State.CHANGED;
  }

  /** Versions are compared from the newest on, whichever of them readers see. */
  private static ViewState view(ViewPlan view, Catalog catalog, ViewCompiler compiler) {
    List<ViewVersion> versions = new ArrayList<>(catalog.views().ofView(view.view()));
    if (versions.isEmpty()) {
      return new ViewState(State.NEW, nextVersion(view, catalog), List.of());
    }
    Collections.reverse(versions);
    List<ViewChanges> changes =
        versions.stream().map(v -> ViewChanges.between(v.plan(), view, compiler)).toList();
    for (int i = 0; i < versions.size(); i++) {
      List<String> adjustments = changes.get(i).adjustments();
      if (changes.get(i).rewrites().isEmpty()) {
        return new ViewState(
            i > 0 ? State.KEPT : adjustments.isEmpty() ? State.UNCHANGED : State.CHANGED,
            versions.get(i).version(),
            adjustments);
      }
    }
    return new ViewState(State.NEXT_VERSION, nextVersion(view, catalog), changes.get(0).all());
  }

  /** A version whose making was cut off is gone on with if the file is the same still. */
  private static int nextVersion(ViewPlan view, Catalog catalog) {
    return catalog.views().unfinished().stream()
        .filter(v -> v.state().equals(ViewVersion.MAKING))
        .filter(v -> v.plan().equals(view.withVersion(v.version())))
        .map(ViewVersion::version)
        .max(Integer::compare)
        .orElseGet(() -> catalog.views().nextVersion(view.view()));
  }
}
