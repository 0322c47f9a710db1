package dev.recount.core.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the catalog knows of the running system: how fresh, how far, what ran last.
 *
 * @param problems the stalled layers, and what processes say is wrong
 */
public record StatusReport(
    Instant at,
    long cutGrainMs,
    List<String> problems,
    List<Service> services,
    List<Event> events,
    List<View> views,
    List<RunReport> runs,
    List<Audit> audits) {
  private static final int RUNS = 10;

  /** A process, as it last said. */
  public record Service(
      String service, long processId, Instant started, long beatAgeMs, JsonNode detail) {}

  /**
   * @param completeUntil everything that had arrived by then has reached the speed layer; null
   *     before its first micro-batch
   * @param freshnessMs how long ago that was; null with it
   * @param archiveLag records that the archive does not hold yet; null if nothing is known
   */
  public record Event(String event, Instant completeUntil, Long freshnessMs, Long archiveLag) {}

  /**
   * A version of a view, and the batch run it is served from.
   *
   * @param active whether it is the version that readers see
   * @param cut what batch covers ends here; null, as the run and its rows, before the first one
   * @param rolledBackTo the run whose answers are served again; null if nothing was rolled back
   */
  public record View(
      String view,
      int version,
      boolean active,
      String event,
      String table,
      String runId,
      Instant cut,
      Long batchRows,
      String rolledBackTo) {}

  /**
   * The last audit of a kind of a view.
   *
   * @param kind FULL or ABSORBED
   * @param from arrivals from this on, and before {@code until}, were compared; nulls if it failed
   * @param leftOut what could not be compared, and why
   * @param cause of a failure, or the first differences
   */
  public record Audit(
      String view,
      int version,
      String kind,
      String status,
      Instant finished,
      Instant from,
      Instant until,
      Long groups,
      Long differing,
      Long drift,
      List<String> leftOut,
      String cause) {
    static Audit of(AuditResult result) {
      return new Audit(
          result.viewName(),
          result.version(),
          result.kind(),
          result.status(),
          instant(result.finishedMs()),
          instant(result.fromMs()),
          instant(result.untilMs()),
          result.groupCount(),
          result.differing(),
          result.drift(),
          result.leftOutParts(),
          result.cause());
    }

    /** Whose it is, as people read it: a version is named if it is not the first. */
    public String ofView() {
      return version == 1 ? view : view + "@" + version;
    }

    Optional<String> problem() {
      boolean isBad = status.equals(AuditResult.DIFFERS) || status.equals(AuditResult.FAILED);
      if (!isBad) {
        return Optional.empty();
      }
      return Optional.of(
          "audit of view '"
              + ofView()
              + "': "
              + (status.equals(AuditResult.FAILED)
                  ? cause
                  : differing + " of " + groups + " groups differ from the recount from raw"));
    }
  }

  /** What can be said if no catalog answers. */
  public static StatusReport none(RecountConfig config, Clock clock) {
    return new StatusReport(
        clock.instant(),
        config.cut().grain().toMillis(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** What the catalog says now. */
  public static StatusReport of(Catalog catalog, RecountConfig config, Clock clock) {
    List<Service> services = servicesIn(catalog);
    List<RunReport> runs = catalog.runs().newest(RUNS);
    List<Audit> audits =
        catalog.audits().lastOfEach().stream()
            .filter(result -> catalog.views().find(result.viewName(), result.version()).isPresent())
            .map(Audit::of)
            .toList();
    return new StatusReport(
        clock.instant(),
        config.cut().grain().toMillis(),
        problems(services, Standstill.all(catalog, config), audits, runs),
        services,
        catalog.events().names().stream().map(e -> event(catalog, services, e)).toList(),
        catalog.views().all().stream().map(view -> view(catalog, view)).toList(),
        runs,
        audits);
  }

  /** The processes that say something of themselves. */
  public static List<Service> servicesIn(Catalog catalog) {
    return catalog.services().heartbeats().stream().map(StatusReport::service).toList();
  }

  private static List<String> problems(
      List<Service> services, List<Standstill> standing, List<Audit> audits, List<RunReport> runs) {
    Set<String> problems = new LinkedHashSet<>();
    standing.forEach(s -> problems.add(s.text()));
    for (Service service : services) {
      for (JsonNode problem : service.detail().path("problems")) {
        boolean isSaid = standing.stream().anyMatch(s -> s.reason().equals(problem.asText()));
        if (!isSaid) {
          problems.add(service.service() + ": " + problem.asText());
        }
      }
    }
    audits.forEach(audit -> audit.problem().ifPresent(problems::add));
    problems.addAll(warnings(runs));
    return List.copyOf(problems);
  }

  /** What did not hold of views when they were last published. */
  private static List<String> warnings(List<RunReport> newestFirst) {
    Set<String> seen = new HashSet<>();
    List<String> warnings = new ArrayList<>();
    for (RunReport run : newestFirst) {
      for (RunView view : run.views()) {
        boolean isNewest = view.status().equals(RunView.PUBLISHED) && seen.add(view.table());
        if (isNewest) {
          view.warnings()
              .forEach(
                  text ->
                      warnings.add("view '" + view.view() + "', run " + run.runId() + ": " + text));
        }
      }
    }
    return warnings;
  }

  private static Service service(Heartbeat beat) {
    return new Service(
        beat.service(),
        beat.processId(),
        Instant.ofEpochMilli(beat.startedMs()),
        beat.ageMs(),
        Json.read(beat.detailJson(), JsonNode.class));
  }

  private static Event event(Catalog catalog, List<Service> services, String event) {
    Optional<SpeedProgress> progress = catalog.services().speedProgress(event);
    Long lag =
        services.stream()
            .filter(service -> service.service().equals(Standstill.ARCHIVE))
            .map(service -> service.detail().path("events").path(event).path("lag"))
            .filter(JsonNode::isNumber)
            .map(JsonNode::asLong)
            .findFirst()
            .orElse(null);
    return new Event(
        event,
        instant(progress.map(SpeedProgress::completeUntilMs).orElse(null)),
        progress.map(SpeedProgress::freshnessMs).orElse(null),
        lag);
  }

  private static boolean isActive(Catalog catalog, String view, int version) {
    return catalog.views().active(view).filter(a -> a.version() == version).isPresent();
  }

  private static View view(Catalog catalog, ViewVersion view) {
    String table = view.plan().table();
    Optional<Publication> batch = catalog.batch().serving(table);
    return new View(
        view.viewName(),
        view.version(),
        isActive(catalog, view.viewName(), view.version()),
        view.event(),
        table,
        batch.map(Publication::runId).orElse(null),
        instant(batch.map(Publication::cutMs).orElse(null)),
        batch.map(Publication::rowCount).orElse(null),
        batch.map(Publication::rolledBackTo).orElse(null));
  }

  private static Instant instant(Long millis) {
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }
}
