package dev.recount.infra.stack;

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
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the catalog knows of the layers: how fresh, how far, what ran last.
 *
 * @param problems the layers that stand still, and what processes say is amiss
 */
record LayerReport(
    List<String> problems,
    List<Service> services,
    List<Event> events,
    List<View> views,
    List<Run> lastRuns) {
  private static final int RUNS = 5;

  /** A service's last heartbeat. */
  record Service(String name, long silentMs, JsonNode detail) {}

  /**
   * @param freshnessMs how long ago everything had reached the speed layer; null before its first
   *     micro-batch
   * @param archiveLag records that the archive does not hold yet; null where nothing is known
   */
  record Event(String name, Long freshnessMs, Long archiveLag) {}

  /**
   * @param cut what batch covers ends here; null before the first batch run
   */
  record View(String name, int version, String event, Instant cut, Long rows) {}

  /** A batch run. */
  record Run(
      String id,
      String mode,
      String status,
      Instant started,
      Instant finished,
      Instant cut,
      Long eventsRead,
      String error) {}

  static LayerReport none() {
    return new LayerReport(List.of(), List.of(), List.of(), List.of(), List.of());
  }

  static LayerReport of(Catalog catalog, RecountConfig config) {
    List<Service> services =
        catalog.services().heartbeats().stream().map(LayerReport::service).toList();
    return new LayerReport(
        problems(services, Standstill.all(catalog, config)),
        services,
        catalog.events().names().stream().map(e -> event(catalog, services, e)).toList(),
        catalog.views().all().stream().map(view -> view(catalog, view)).toList(),
        catalog.batch().runs().stream()
            .sorted(Comparator.comparingLong(BatchRun::startedMs).reversed())
            .limit(RUNS)
            .map(LayerReport::run)
            .toList());
  }

  private static List<String> problems(List<Service> services, List<Standstill> standing) {
    Set<String> problems = new LinkedHashSet<>();
    standing.forEach(s -> problems.add(s.text()));
    for (Service service : services) {
      for (JsonNode problem : service.detail().path("problems")) {
        boolean isSaid = standing.stream().anyMatch(s -> s.reason().equals(problem.asText()));
        if (!isSaid) {
          problems.add(service.name() + ": " + problem.asText());
        }
      }
    }
    return List.copyOf(problems);
  }

  private static Service service(Heartbeat beat) {
    return new Service(beat.service(), beat.ageMs(), Json.read(beat.detailJson(), JsonNode.class));
  }

  private static Event event(Catalog catalog, List<Service> services, String event) {
    Long freshnessMs =
        catalog.services().speedProgress(event).map(SpeedProgress::freshnessMs).orElse(null);
    Long lag =
        services.stream()
            .filter(service -> service.name().equals("archive"))
            .map(service -> service.detail().path("events").path(event).path("lag"))
            .filter(JsonNode::isNumber)
            .map(JsonNode::asLong)
            .findFirst()
            .orElse(null);
    return new Event(event, freshnessMs, lag);
  }

  private static View view(Catalog catalog, ViewVersion view) {
    Optional<Publication> publication = catalog.batch().serving(view.plan().table());
    return new View(
        view.viewName(),
        view.version(),
        view.event(),
        publication.map(p -> Instant.ofEpochMilli(p.cutMs())).orElse(null),
        publication.map(Publication::rowCount).orElse(null));
  }

  private static Run run(BatchRun run) {
    return new Run(
        run.runId(),
        run.mode(),
        run.status(),
        Instant.ofEpochMilli(run.startedMs()),
        instant(run.finishedMs()),
        instant(run.cutMs()),
        run.eventsRead(),
        run.error());
  }

  private static Instant instant(Long ms) {
    return ms == null ? null : Instant.ofEpochMilli(ms);
  }
}
