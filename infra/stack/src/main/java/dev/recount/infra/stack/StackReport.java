package dev.recount.infra.stack;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.recount.core.Json;
import dev.recount.core.catalog.CatalogRoom;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.StatusReport;
import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What {@code recount status} shows.
 *
 * @param disk what is wrong with the room on the disk; null if there is enough
 */
record StackReport(
    String home,
    @JsonInclude(JsonInclude.Include.NON_NULL) String disk,
    List<ProcessStatus> processes,
    @JsonUnwrapped StatusReport layers) {
  /** Batch runs in the table. */
  private static final int RUNS = 5;

  /** The command's own names of what the report has. */
  private static final ObjectMapper NAMES =
      Json.MAPPER
          .copy()
          .addMixIn(StatusReport.class, OfReport.class)
          .addMixIn(StatusReport.Service.class, OfService.class)
          .addMixIn(StatusReport.Event.class, OfEvent.class)
          .addMixIn(StatusReport.View.class, OfView.class)
          .addMixIn(RunReport.class, OfRun.class)
          .addMixIn(StatusReport.Audit.class, OfAudit.class);

  private interface OfReport {
    @JsonProperty("last_runs")
    List<RunReport> runs();

    @JsonProperty("last_audits")
    List<StatusReport.Audit> audits();
  }

  private interface OfService {
    @JsonProperty("name")
    String service();

    @JsonProperty("silent_ms")
    long beatAgeMs();
  }

  private interface OfEvent {
    @JsonProperty("name")
    String event();
  }

  private interface OfView {
    @JsonProperty("name")
    String view();

    @JsonProperty("rows")
    Long batchRows();
  }

  private interface OfRun {
    @JsonProperty("id")
    String runId();
  }

  private interface OfAudit {
    @JsonProperty("name")
    String view();
  }

  static StackReport of(RecountConfig config) {
    LocalStack stack = LocalStack.of(config);
    try {
      Optional<StatusReport> told = stack.listen().map(ToldStatus::layers);
      List<ProcessStatus> processes = stack.status();
      StatusReport layers =
          told.or(
                  () ->
                      stack
                          .catalog()
                          .map(catalog -> StatusReport.of(catalog, config, Clock.systemUTC())))
              .orElseGet(() -> StatusReport.none(config, Clock.systemUTC()));
      return new StackReport(
          config.home().path().toString(),
          new DiskSpace(config).problem().or(() -> CatalogRoom.problem(config)).orElse(null),
          processes,
          layers);
    } finally {
      stack.forget();
    }
  }

  boolean isDown() {
    return processes.stream().allMatch(p -> p.health() == Health.DOWN);
  }

  /** Then all that is told by heartbeats is missing. */
  private boolean isCatalogAway() {
    return !isDown()
        && processes.stream().anyMatch(p -> p.name().equals("catalog") && p.health() != Health.UP);
  }

  /** Whether there is nothing that somebody should look after. */
  boolean isWell() {
    return processes.stream()
            .allMatch(p -> p.health() == Health.UP || p.health() == Health.STARTING)
        && layers.problems().isEmpty()
        && disk == null;
  }

  String json() {
    try {
      return NAMES.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  String table() {
    StringBuilder text = new StringBuilder();
    String form = "%-14s %-10s %-8s %-8s %s%n";
    text.append(String.format(form, "process", "health", "pid", "restarts", "ports"));
    for (ProcessStatus p : processes) {
      int restarts = p.restarts() == null ? 0 : p.restarts().count();
      text.append(String.format(form, p.name(), p.health(), orDash(p.pid()), restarts, ports(p)));
    }
    deaths(text);
    if (isCatalogAway()) {
      text.append(
          "The catalog does not answer: what services without a port do is not known; they wait "
              + "for it.\n");
    }
    if (isDown()) {
      boolean isNew = !Files.exists(Path.of(home));
      text.append(isNew ? "There is no home '" + home + "' yet" : "The stack is down");
      text.append("; 'recount up' starts it.\n");
    }
    events(text);
    views(text);
    runs(text);
    audits(text);
    if (disk != null) {
      text.append("disk: ").append(disk).append("; events are refused until there is more\n");
    }
    problems(text);
    return text.toString();
  }

  private void deaths(StringBuilder text) {
    for (ProcessStatus p : processes) {
      Restarts restarts = p.restarts();
      if (restarts != null) {
        text.append(
            String.format(
                "%s ended at %s: %s%s%n",
                p.name(),
                restarts.died(),
                restarts.why(),
                restarts.next() == null ? "" : "; it is started again at " + restarts.next()));
      }
      if (p.name().equals(StackProcesses.WATCH) && p.health() == Health.DOWN) {
        text.append(
            "The watch ended: what dies now is not started again; 'recount up' restarts it.\n");
      }
    }
  }

  private void events(StringBuilder text) {
    String form = "%-24s %-12s %s%n";
    heading(text, layers.events(), form, "event", "speed behind", "archive behind");
    for (StatusReport.Event e : layers.events()) {
      String lag = e.archiveLag() == null ? "-" : e.archiveLag() + " records";
      text.append(String.format(form, e.event(), seconds(e.freshnessMs()), lag));
    }
  }

  private void views(StringBuilder text) {
    String form = "%-24s %-8s %-7s %-24s %s%n";
    heading(
        text,
        layers.views(),
        form,
        "view",
        "version",
        "active",
        "batch covers until",
        "batch rows");
    for (StatusReport.View v : layers.views()) {
      text.append(
          String.format(
              form,
              v.view(),
              v.version(),
              v.active() ? "yes" : "no",
              orDash(v.cut()),
              orDash(v.batchRows())));
      if (v.rolledBackTo() != null) {
        text.append("  rolled back to run ").append(v.rolledBackTo()).append('\n');
      }
    }
  }

  private void runs(StringBuilder text) {
    String form = "%-30s %-10s %-24s %-8s %s%n";
    List<RunReport> last = layers.runs().stream().limit(RUNS).toList();
    heading(text, last, form, "last batch runs", "status", "started", "took", "events");
    for (RunReport r : last) {
      Instant until = r.hasEnded() ? r.finished() : layers.at();
      Long took = until == null ? null : Duration.between(r.started(), until).toMillis();
      text.append(
          String.format(
              form, r.runId(), r.status(), r.started(), seconds(took), orDash(r.eventsRead())));
      r.doing().ifPresent(doing -> text.append("  ").append(doing).append('\n'));
      if (r.error() != null) {
        text.append("  ").append(r.error()).append('\n');
      }
    }
  }

  private void audits(StringBuilder text) {
    String form = "%-24s %-10s %-8s %-24s %10s %10s %10s%n";
    heading(
        text,
        layers.audits(),
        form,
        "last audits",
        "kind",
        "status",
        "finished",
        "groups",
        "differing",
        "drift");
    for (StatusReport.Audit a : layers.audits()) {
      text.append(
          String.format(
              form,
              a.ofView(),
              a.kind(),
              a.status(),
              a.finished(),
              orDash(a.groups()),
              orDash(a.differing()),
              orDash(a.drift())));
    }
  }

  private void problems(StringBuilder text) {
    layers.problems().forEach(problem -> text.append(problem).append('\n'));
  }

  private static void heading(StringBuilder text, List<?> rows, String form, Object... names) {
    if (!rows.isEmpty()) {
      text.append('\n').append(String.format(form, names));
    }
  }

  private static String seconds(Long ms) {
    return ms == null ? "-" : seconds(Duration.ofMillis(ms));
  }

  private static String orDash(Object value) {
    return value == null ? "-" : value.toString();
  }

  private static String ports(ProcessStatus process) {
    return process.ports().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(port -> port.getKey() + " " + port.getValue())
        .collect(Collectors.joining(", "));
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
