package dev.recount.serving.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the catalog knows of the running system, for people and monitors. */
final class StatusReport {
  private static final int RUNS = 10;

  private final Catalog catalog;
  private final RecountConfig config;
  private final Clock clock;

  StatusReport(Catalog catalog, RecountConfig config, Clock clock) {
    this.catalog = catalog;
    this.config = config;
    this.clock = clock;
  }

  /** Everything at a moment; the problems are the layers that stand still. */
  record Status(
      Instant at,
      long cutGrainMs,
      List<String> problems,
      List<Service> services,
      List<Event> events,
      List<View> views,
      List<Run> runs) {}

  /** A process, as it last said. */
  record Service(
      String service, long processId, Instant started, long beatAgeMs, JsonNode detail) {}

  /** How far the speed layer is with an event; nulls where it has not reported. */
  record Event(String event, Instant completeUntil, Long freshnessMs) {}

  /** A view and the batch run it is served from; nulls where there is none yet. */
  record View(String view, int version, String table, String runId, Instant cut, Long batchRows) {}

  /** A batch run; nulls where it has not come so far. */
  record Run(
      String runId,
      String mode,
      String status,
      Instant started,
      Instant finished,
      Instant cut,
      Long eventsRead,
      String error) {}

  Status read() {
    return new Status(
        clock.instant(),
        config.cut().grain().toMillis(),
        Standstill.all(catalog, config).stream().map(Standstill::text).toList(),
        catalog.services().heartbeats().stream().map(this::service).toList(),
        catalog.events().names().stream().map(this::event).toList(),
        catalog.views().all().stream()
            .map(ViewVersion::viewName)
            .distinct()
            .map(this::view)
            .toList(),
        catalog.batch().runs().stream().limit(RUNS).map(StatusReport::run).toList());
  }

  private Service service(Heartbeat beat) {
    return new Service(
        beat.service(),
        beat.processId(),
        Instant.ofEpochMilli(beat.startedMs()),
        beat.ageMs(),
        Json.read(beat.detailJson(), JsonNode.class));
  }

  private Event event(String name) {
    Optional<SpeedProgress> progress = catalog.services().speedProgress(name);
    return new Event(
        name,
        instant(progress.map(SpeedProgress::completeUntilMs).orElse(null)),
        progress.map(SpeedProgress::freshnessMs).orElse(null));
  }

  private View view(String name) {
    ViewVersion active = catalog.views().active(name).orElseThrow();
    String table = active.plan().table();
    Optional<Publication> batch = catalog.batch().serving(table);
    return new View(
        name,
        active.version(),
        table,
        batch.map(Publication::runId).orElse(null),
        instant(batch.map(Publication::cutMs).orElse(null)),
        batch.map(Publication::rowCount).orElse(null));
  }

  private static Run run(BatchRun run) {
    return new Run(
        run.runId(),
        run.mode(),
        run.status(),
        instant(run.startedMs()),
        instant(run.finishedMs()),
        instant(run.cutMs()),
        run.eventsRead(),
        run.error());
  }

  private static Instant instant(Long millis) {
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }
}
