package dev.recount.apply;

import dev.recount.core.Json;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.DurationText;
import dev.recount.error.RecountException;
import dev.recount.planner.table.PinotTables;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code recount plan} prints, as a table or as JSON. */
record PlanReport(
    List<Event> events,
    List<View> views,
    List<String> onlyRunning,
    List<Problem> problems,
    List<String> warnings) {
  /** Next times of a schedule that are shown. */
  private static final int TIMES = 3;

  record Event(String name, String state) {}

  /**
   * @param state new, unchanged, changed, next_version or kept; unknown while the stack is down
   * @param version which one the file is, or becomes; null while the stack is down
   * @param changes what differs from that version, or from the newest to the next
   * @param join the state that it looks up; null if it has none
   * @param distinct null if it counts every event
   * @param time the dimension that is its time; null if it has none
   * @param schedule the cron of its runs; null if they are by hand
   * @param zone of its crons
   * @param mode of its scheduled runs
   * @param nextRuns its first scheduled runs after it is applied
   * @param audit the cron of its audits; null if they are by hand
   * @param indexes of the Pinot tables, kind to columns
   */
  record View(
      String name,
      String state,
      Integer version,
      List<String> changes,
      String event,
      ViewJoin join,
      Distinct distinct,
      String description,
      String time,
      String schedule,
      String zone,
      String mode,
      List<Instant> nextRuns,
      String audit,
      List<Column> columns,
      List<String> pinotTables,
      Map<String, List<String>> indexes) {}

  /**
   * @param relativeStandardError of a sketch; null for exact ones
   */
  record Column(
      String name,
      String type,
      String role,
      String measureClass,
      Double relativeStandardError,
      List<String> storedAs) {}

  /**
   * @param horizonMs how far back the speed layer knows values that have arrived
   */
  record Distinct(String field, long horizonMs) {}

  record Problem(String code, String message) {}

  /**
   * @param horizon of distinct views
   */
  static PlanReport of(
      CheckedSchemas schemas, Optional<Difference> difference, Duration horizon, Instant now) {
    return new PlanReport(
        schemas.events().keySet().stream()
            .map(e -> new Event(e, state(difference.map(d -> d.events().get(e)))))
            .toList(),
        schemas.views().stream()
            .map(v -> view(v, difference.map(d -> d.views().get(v.view())), horizon, now))
            .toList(),
        difference.map(Difference::onlyRunning).orElse(List.of()),
        schemas.problems().stream().map(PlanReport::problem).toList(),
        difference.map(Difference::warnings).orElse(List.of()));
  }

  private static Problem problem(RecountException e) {
    return new Problem(e.code().name(), e.getMessage());
  }

  private static String state(Optional<Difference.State> state) {
    return state.map(s -> s.name().toLowerCase(Locale.ROOT)).orElse("unknown");
  }

  private static View view(
      ViewPlan file, Optional<Difference.ViewState> difference, Duration horizon, Instant now) {
    ViewPlan plan = difference.map(d -> file.withVersion(d.version())).orElse(file);
    ViewSchedule schedule = ViewSchedule.of(plan);
    List<Column> columns = new ArrayList<>();
    plan.dimensions().forEach(d -> columns.add(dimension(d)));
    plan.measures().forEach(m -> columns.add(measure(m)));
    return new View(
        plan.view(),
        state(difference.map(Difference.ViewState::state)),
        difference.map(Difference.ViewState::version).orElse(null),
        difference.map(Difference.ViewState::changes).orElse(List.of()),
        plan.event(),
        plan.join(),
        plan.distinct().map(field -> new Distinct(field, horizon.toMillis())).orElse(null),
        plan.header().get("description"),
        plan.header().get("time"),
        plan.header().get(ViewSchedule.CRON),
        schedule.zone().getId(),
        schedule.mode().text(),
        schedule.cron() == null ? List.of() : schedule.cron().next(now, TIMES),
        plan.header().get(ViewSchedule.AUDIT),
        columns,
        List.of(plan.table() + "_OFFLINE", plan.table() + "_REALTIME"),
        PinotTables.indexes(plan));
  }

  private static Column dimension(Dimension dimension) {
    return new Column(
        dimension.name(), dimension.type().name(), "dimension", null, null, List.of());
  }

  private static Column measure(Measure measure) {
    return new Column(
        measure.name(),
        measure.type().name(),
        "measure",
        measure.kind().measureClass().label(),
        measure.kind().relativeStandardError(),
        measure.parts().stream().map(p -> p.name() + " " + p.type() + " by " + p.merge()).toList());
  }

  String json() {
    return Json.write(this);
  }

  String table() {
    StringBuilder text = new StringBuilder();
    for (Event event : events) {
      text.append(String.format("event %-24s %s%n", event.name(), event.state()));
    }
    views.forEach(v -> text.append(lines(v)));
    if (!onlyRunning.isEmpty()) {
      text.append(String.format("%nnot in this folder, keeps running: %s%n", onlyRunning));
    }
    return text.toString();
  }

  private static String lines(View view) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%nview  %-24s %s, over %s, Pinot %s%n",
            view.name(), inWords(view), view.event(), String.join(" + ", view.pinotTables())));
    view.changes().forEach(c -> text.append(String.format("  change: %s%n", c)));
    if (view.join() != null) {
      text.append(String.format("  joins %s%n", view.join().describe()));
    }
    if (view.distinct() != null) {
      text.append(
          String.format(
              "  distinct by %s: batch over all history, speed within %s%n",
              view.distinct().field(),
              DurationText.of(Duration.ofMillis(view.distinct().horizonMs()))));
    }
    text.append(
        String.format(
            "  time %s, batch %s%n",
            view.time() == null ? "(none)" : view.time(),
            view.schedule() == null ? "by hand" : scheduled(view)));
    if (view.audit() != null) {
      text.append(String.format("  audit scheduled %s (%s)%n", view.audit(), view.zone()));
    }
    view.columns().forEach(c -> text.append(line(c)));
    view.indexes()
        .forEach(
            (kind, columns) ->
                text.append(String.format("  index %-16s %s%n", kind, String.join(", ", columns))));
    return text.toString();
  }

  /** How the file stands to what runs. */
  private static String inWords(View view) {
    return switch (view.state()) {
      case "next_version" -> "becomes version " + view.version() + ", beside those that run";
      case "kept" -> "is what its older version " + view.version() + " counts, which is kept";
      default -> view.state();
    };
  }

  private static String scheduled(View view) {
    return "scheduled "
        + view.schedule()
        + " ("
        + view.zone()
        + "), "
        + view.mode()
        + "; next "
        + view.nextRuns().stream().map(Instant::toString).collect(Collectors.joining(", "));
  }

  private static String line(Column column) {
    String error =
        column.relativeStandardError() == null
            ? ""
            : String.format(
                Locale.ROOT, ", within %.1f %% (1 sigma)", 100 * column.relativeStandardError());
    String merge = column.storedAs().stream().collect(Collectors.joining(", "));
    return column.role().equals("dimension")
        ? String.format("  %-22s %-10s dimension%n", column.name(), column.type())
        : String.format(
            "  %-22s %-10s measure, %s%s; stored as %s%n",
            column.name(), column.type(), column.measureClass(), error, merge);
  }
}
