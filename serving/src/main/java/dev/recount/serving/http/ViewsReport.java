package dev.recount.serving.http;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.gateway.Gateway;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What {@code GET /v1/views} answers: what a user needs to know of each view to query it. */
final class ViewsReport {
  private final Catalog catalog;
  private final Gateway gateway;

  ViewsReport(Catalog catalog, Gateway gateway) {
    this.catalog = catalog;
    this.gateway = gateway;
  }

  /** All views. */
  record Views(List<View> views) {}

  /**
   * A view.
   *
   * @param time the dimension that {@code from}, {@code to} and {@code grain} go by; null for none
   * @param cut the batch covers what arrived before it; null if there is no batch yet
   * @param completeUntil everything that arrived before it is served; null if that is not known
   * @param freshnessMs how long ago that was
   */
  record View(
      String view,
      int version,
      String event,
      String description,
      String time,
      List<Dimension> dimensions,
      List<ViewMeasure> measures,
      List<ViewIndex> indexes,
      Instant cut,
      Instant completeUntil,
      Long freshnessMs,
      String sql) {}

  /**
   * A measure as its users see it.
   *
   * @param ask how to write it in SQL
   */
  record ViewMeasure(String name, String type, String kind, String accuracy, String ask) {}

  /**
   * @param isShown whether the caller may know of a view, by its name
   */
  Views read(Predicate<String> isShown) {
    return new Views(
        catalog.views().active().stream()
            .filter(version -> isShown.test(version.viewName()))
            .map(this::view)
            .toList());
  }

  private View view(ViewVersion version) {
    ViewPlan plan = version.plan();
    Optional<Gateway.Freshness> fresh = gateway.freshness(version);
    return new View(
        plan.view(),
        plan.version(),
        plan.event(),
        plan.header().getOrDefault("description", ""),
        plan.header().get("time"),
        plan.dimensions(),
        plan.measures().stream().map(ViewsReport::measure).toList(),
        plan.indexes(),
        catalog
            .batch()
            .serving(plan.table())
            .map(Publication::cutMs)
            .map(Instant::ofEpochMilli)
            .orElse(null),
        fresh.map(Gateway.Freshness::until).orElse(null),
        fresh.map(Gateway.Freshness::ageMs).orElse(null),
        plan.sql());
  }

  private static ViewMeasure measure(Measure measure) {
    String argument = measure.kind() == MeasureKind.TDIGEST ? ", 95" : "";
    return new ViewMeasure(
        measure.name(),
        measure.type().name(),
        measure.kind().name(),
        measure.kind().measureClass().label(),
        "MEASURE(" + measure.name() + argument + ")");
  }
}
