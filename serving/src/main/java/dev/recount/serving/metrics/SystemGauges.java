package dev.recount.serving.metrics;

import dev.recount.core.catalog.StatusReport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is so of the whole system. What is not known now is not shown, rather than shown as it was:
 * that the catalog does not answer is a value of its own.
 */
final class SystemGauges {
  private static final String SECONDS = "seconds";
  private static final String VIEW = "view";

  private final MeterRegistry registry;
  private final Clock clock;
  private final Map<String, MultiGauge> gauges = new HashMap<>();

  SystemGauges(MeterRegistry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /** Shows these from now on. */
  void show(
      Optional<SystemFacts> system, Optional<FreshnessFacts> freshness, Optional<Long> letters) {
    one("recount.catalog.up", "Whether the catalog answers", null, system.isPresent() ? 1 : 0);
    rows(
        "recount.view.freshness",
        "How long ago arrived what is not served yet",
        SECONDS,
        freshness
            .map(
                f ->
                    f.seconds().entrySet().stream()
                        .map(e -> row(Tags.of(VIEW, e.getKey()), e.getValue()))
                        .toList())
            .orElse(List.of()));
    rows(
        "recount.dead.letters",
        "Records that the topic of dead letters has taken",
        null,
        letters.map(count -> List.of(row(Tags.empty(), count))).orElse(List.of()));
    Optional<StatusReport> status = system.map(SystemFacts::status);
    one(
        "recount.problems",
        "What recount status calls a problem",
        null,
        status.map(s -> s.problems().size()).orElse(null));
    views(status.map(StatusReport::views).orElse(List.of()));
    events(status.map(StatusReport::events).orElse(List.of()));
    audits(status.map(StatusReport::audits).orElse(List.of()));
    processes(status.map(StatusReport::services).orElse(List.of()));
    runs(system.map(SystemFacts::runs).orElse(List.of()));
    one(
        "recount.runs.running",
        "Batch runs under way",
        null,
        system.map(SystemFacts::running).orElse(null));
  }

  private void views(List<StatusReport.View> views) {
    List<Row<?>> cuts = new ArrayList<>();
    List<Row<?>> rows = new ArrayList<>();
    for (StatusReport.View view : views) {
      Tags tags =
          Tags.of(
              VIEW,
              view.view(),
              "version",
              String.valueOf(view.version()),
              "active",
              String.valueOf(view.active()));
      if (view.cut() != null) {
        cuts.add(row(tags, (clock.millis() - view.cut().toEpochMilli()) / 1e3));
        rows.add(row(tags, view.batchRows()));
      }
    }
    rows("recount.view.cut.age", "How long ago the batch of a view was cut", SECONDS, cuts);
    rows("recount.view.batch.rows", "Rows that the batch of a view serves", null, rows);
  }

  private void events(List<StatusReport.Event> events) {
    List<Row<?>> fresh = new ArrayList<>();
    List<Row<?>> lag = new ArrayList<>();
    for (StatusReport.Event event : events) {
      Tags tags = Tags.of("event", event.event());
      if (event.freshnessMs() != null) {
        fresh.add(row(tags, event.freshnessMs() / 1e3));
      }
      if (event.archiveLag() != null) {
        lag.add(row(tags, event.archiveLag()));
      }
    }
    rows(
        "recount.event.speed.age",
        "How long ago arrived what the speed layer has not counted yet",
        SECONDS,
        fresh);
    rows("recount.event.archive.lag", "Records that the archive does not hold yet", null, lag);
  }

  private void audits(List<StatusReport.Audit> audits) {
    List<Row<?>> finished = new ArrayList<>();
    List<Row<?>> differing = new ArrayList<>();
    for (StatusReport.Audit audit : audits) {
      Tags tags =
          Tags.of(
              VIEW,
              audit.view(),
              "version",
              String.valueOf(audit.version()),
              "kind",
              audit.kind().toLowerCase(Locale.ROOT));
      finished.add(
          row(
              tags.and("result", audit.status().toLowerCase(Locale.ROOT)),
              audit.finished().toEpochMilli() / 1e3));
      if (audit.differing() != null) {
        differing.add(row(tags, audit.differing()));
      }
    }
    rows(
        "recount.audit.finished",
        "When the last audit of a view ended, in seconds since 1970, by its result",
        SECONDS,
        finished);
    rows("recount.audit.differing", "Groups that differed in the last audit", null, differing);
  }

  private void processes(List<StatusReport.Service> services) {
    rows(
        "recount.process.silence",
        "How long ago a process last reported",
        SECONDS,
        services.stream()
            .map(s -> row(Tags.of("process", s.service()), s.beatAgeMs() / 1e3))
            .toList());
  }

  private void runs(List<SystemFacts.LastRun> runs) {
    rows(
        "recount.run.finished",
        "When the last run of a view with this result ended, in seconds since 1970",
        SECONDS,
        runs.stream()
            .map(r -> row(Tags.of(VIEW, r.view(), "result", r.result()), r.finishedSeconds()))
            .toList());
    rows(
        "recount.run.duration",
        "How long the last run of a view with this result took",
        SECONDS,
        runs.stream()
            .filter(r -> r.seconds() != null)
            .map(r -> row(Tags.of(VIEW, r.view(), "result", r.result()), r.seconds()))
            .toList());
  }

  private void one(String name, String description, String unit, Number value) {
    rows(name, description, unit, value == null ? List.of() : List.of(row(Tags.empty(), value)));
  }

  private static Row<?> row(Tags tags, Number value) {
    return Row.of(tags, value);
  }

  private void rows(String name, String description, String unit, List<? extends Row<?>> rows) {
    gauges
        .computeIfAbsent(
            name,
            n -> MultiGauge.builder(n).description(description).baseUnit(unit).register(registry))
        .register(rows, true);
  }
}
