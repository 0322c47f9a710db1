package dev.recount.core.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A layer that has not moved for an event for longer than {@code health.stalled-after}, though
 * there is, or may be, something to do: what the processes last said of themselves shows it, even
 * if they no longer report. A layer that never ran is not stalled, and one that was just started
 * has the same time again. A process's moments are compared by its own clock; its silence and the
 * age of a view are measured by the catalog's: the clock of the host that asks does not count. A
 * view that the speed layer has set aside is stalled alone.
 *
 * @param event null if it is the whole layer
 * @param view the version's table where it is one view only; null otherwise
 * @param sinceMs when it last moved
 * @param reason what keeps it; empty text if it did not say
 */
public record Standstill(String layer, String event, String view, long sinceMs, String reason) {
  public static final String SPEED = "speed";
  public static final String ARCHIVE = "archive";
  public static final String SCHEDULER = "scheduler";

  /** A whole layer, or all that it does for an event. */
  Standstill(String layer, String event, long sinceMs, String reason) {
    this(layer, event, null, sinceMs, reason);
  }

  /** All of them, as the catalog knows it at a moment. */
  public static List<Standstill> all(Catalog catalog, RecountConfig config) {
    List<ViewVersion> views = catalog.views().all();
    List<Standstill> found = new ArrayList<>(setAside(views));
    for (Heartbeat beat : catalog.services().heartbeats()) {
      if (beat.service().equals(SPEED)) {
        found.addAll(speed(beat, views, config.health().stalledAfter()));
      } else if (beat.service().equals(ARCHIVE)) {
        Duration allowed = config.health().stalledAfter().plus(config.archive().rollAge());
        found.addAll(archive(beat, config.health().stalledAfter(), allowed));
      } else if (beat.service().equals(SCHEDULER)) {
        found.addAll(scheduler(beat, config.health().stalledAfter()));
      }
    }
    return found;
  }

  /** What keeps the speed layer of an event, in its own words; empty if it says nothing. */
  public static Optional<String> speedProblem(List<Heartbeat> heartbeats, String event) {
    return heartbeats.stream()
        .filter(beat -> beat.service().equals(SPEED))
        .map(beat -> problem(Json.read(beat.detailJson(), JsonNode.class), event))
        .filter(problem -> !problem.isEmpty())
        .findFirst();
  }

  static List<Standstill> setAside(List<ViewVersion> views) {
    return views.stream()
        .filter(version -> version.speedFailure() != null)
        .map(
            version ->
                new Standstill(
                    SPEED,
                    version.event(),
                    version.table(),
                    version.speedFailedMs(),
                    version.speedFailure()))
        .toList();
  }

  static List<Standstill> speed(Heartbeat beat, List<ViewVersion> views, Duration allowed) {
    if (beat.ageMs() > allowed.toMillis()) {
      return List.of(silent(beat));
    }
    JsonNode detail = Json.read(beat.detailJson(), JsonNode.class);
    List<Standstill> found = new ArrayList<>();
    for (String event : views.stream().map(ViewVersion::event).distinct().toList()) {
      JsonNode moved = detail.path("events").path(event).path("advanced_ms");
      long sinceMs =
          Math.max(
              beat.startedMs(),
              moved.isNumber() ? moved.asLong() : beat.nowMs() - oldest(views, event));
      if (beat.nowMs() - sinceMs > allowed.toMillis()) {
        found.add(new Standstill(SPEED, event, sinceMs, problem(detail, event)));
      }
    }
    return found;
  }

  /** Of an event that the process says nothing of, its views' age is all that is known. */
  private static long oldest(List<ViewVersion> views, String event) {
    return views.stream()
        .filter(view -> view.event().equals(event))
        .mapToLong(ViewVersion::ageMs)
        .max()
        .orElseThrow();
  }

  private static String problem(JsonNode detail, String event) {
    JsonNode error = detail.path("events").path(event).path("error");
    return error.isMissingNode()
        ? ""
        : error.path("code").asText() + ": " + error.path("message").asText();
  }

  /**
   * @param allowed how long the process may be silent
   * @param allowedToWait how long records may wait for a file to be committed
   */
  static List<Standstill> archive(Heartbeat beat, Duration allowed, Duration allowedToWait) {
    if (beat.ageMs() > allowed.toMillis()) {
      return List.of(silent(beat));
    }
    JsonNode events = Json.read(beat.detailJson(), JsonNode.class).path("events");
    List<Standstill> found = new ArrayList<>();
    events
        .fields()
        .forEachRemaining(
            event -> {
              long sinceMs = event.getValue().path("waiting_since_ms").asLong();
              if (sinceMs > 0 && beat.nowMs() - sinceMs > allowedToWait.toMillis()) {
                found.add(
                    new Standstill(ARCHIVE, event.getKey(), sinceMs, problem(event.getValue())));
              }
            });
    return found;
  }

  /** What it fails to do it says itself; one that was stopped leaves no heartbeat. */
  static List<Standstill> scheduler(Heartbeat beat, Duration allowed) {
    return beat.ageMs() > allowed.toMillis() ? List.of(silent(beat)) : List.of();
  }

  private static String problem(JsonNode event) {
    for (JsonNode partition : event.path("partitions")) {
      if (!partition.path("problem").asText().isEmpty()) {
        return partition.path("problem").asText();
      }
    }
    return "";
  }

  private static Standstill silent(Heartbeat beat) {
    return new Standstill(beat.service(), null, beat.beatMs(), "its process does not report");
  }

  /** For people. */
  public String text() {
    return layer
        + (view != null ? " of view '" + view + "'" : event == null ? "" : " of '" + event + "'")
        + " has been stalled since "
        + Instant.ofEpochMilli(sinceMs)
        + (reason.isEmpty() ? "" : ": " + reason);
  }
}
