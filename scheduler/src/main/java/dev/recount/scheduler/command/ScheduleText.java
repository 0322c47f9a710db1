package dev.recount.scheduler.command;

import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunView;
import dev.recount.core.schedule.ScheduleReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Schedules and runs as people read them. */
final class ScheduleText {
  private static final String LIST = "%-24s %-10s %-24s %-22s %-22s %s%n";
  private static final String HISTORY = "%-27s %-10s %-9s %-12s %-21s %9s %14s  %s%n";
  private static final int MIB = 1 << 20;

  private ScheduleText() {}

  static String list(List<ScheduleReport> schedules) {
    if (schedules.isEmpty()) {
      return "There are no views yet; 'recount apply' makes them.\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(String.format(LIST, "view", "state", "schedule", "next", "last run", "ended as"));
    for (ScheduleReport s : schedules) {
      Optional<ScheduleReport.LastRun> last = Optional.ofNullable(s.lastRun());
      text.append(
          String.format(
              LIST,
              s.view(),
              s.state(),
              orDash(s.schedule()),
              time(s.next()),
              time(last.map(ScheduleReport.LastRun::started).orElse(null)),
              orDash(last.map(ScheduleReport.LastRun::status).orElse(null))));
      details(text, s);
    }
    return text.toString();
  }

  private static void details(StringBuilder text, ScheduleReport s) {
    if (s.mode() != null && !s.mode().equals("full")) {
      line(text, "  mode: %s", s.mode());
    }
    if (s.zone() != null && !s.zone().equals("UTC")) {
      line(text, "  zone: %s", s.zone());
    }
    if (s.nextAudit() != null) {
      line(text, "  audit: %s, next %s", s.audit(), time(s.nextAudit()));
    }
    if (s.running() != null) {
      line(text, "  running: %s", s.running());
    }
    if (s.pending() != null) {
      line(
          text,
          "  asked for: %s, by %s%s, due from %s",
          s.pending().mode(),
          s.pending().origin(),
          s.pending().attempt() > 0 ? ", failed " + s.pending().attempt() + " times" : "",
          time(s.pending().notBefore()));
    }
    if (s.lastRun() != null && s.lastRun().error() != null) {
      line(text, "  last run: %s", s.lastRun().error());
    }
    if (s.problem() != null) {
      line(text, "  problem: %s", s.problem());
    }
  }

  static String history(List<RunReport> runs) {
    if (runs.isEmpty()) {
      return "There are no such runs.\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            HISTORY, "run", "status", "origin", "mode", "started", "took", "events", "views"));
    for (RunReport run : runs) {
      text.append(
          String.format(
              HISTORY,
              run.runId(),
              run.status(),
              run.origin(),
              run.mode(),
              time(run.started()),
              took(run),
              count(run.eventsRead()),
              run.views().stream()
                  .map(RunView::view)
                  .distinct()
                  .collect(Collectors.joining(", "))));
      run.doing().ifPresent(doing -> line(text, "  %s", doing));
      if (run.error() != null) {
        line(text, "  %s", run.error());
      }
    }
    return text.toString();
  }

  static String run(RunReport run) {
    StringBuilder text = new StringBuilder();
    line(text, "run         %s", run.runId());
    line(text, "status      %s", run.status());
    run.doing().ifPresent(doing -> line(text, "doing       %s", doing));
    line(text, "origin      %s%s", run.origin(), attempt(run));
    line(text, "mode        %s", run.mode());
    line(text, "started     %s", run.started());
    line(text, "finished    %s", orDash(run.finished()));
    line(text, "took        %s", took(run));
    line(text, "process     %s on %s", orDash(run.processId()), orDash(run.host()));
    line(text, "cut         %s", orDash(run.cut()));
    line(text, "events      %s", count(run.eventsRead()));
    line(text, "rows        %s", count(run.rowsWritten()));
    for (RunView view : run.views()) {
      line(text, "view        %s", view(view));
      view.warnings().forEach(warning -> line(text, "warning     %s: %s", view.name(), warning));
    }
    run.seconds().forEach((step, seconds) -> line(text, "%-11s %.1f s", step, seconds));
    line(text, "CPU         %s", run.cpuSeconds() == null ? "-" : seconds(run.cpuSeconds()));
    line(text, "read        %s", bytes(run.bytesRead()));
    line(text, "written     %s", bytes(run.bytesWritten()));
    line(text, "memory      %s at most", bytes(run.peakMemoryBytes()));
    if (run.error() != null) {
      line(text, "cause       %s", run.error());
    }
    return text.toString();
  }

  private static String attempt(RunReport run) {
    return run.attempt() > 0 ? ", after " + run.attempt() + " that failed" : "";
  }

  private static String view(RunView view) {
    return view.name()
        + ", "
        + view.mode()
        + ", "
        + view.status()
        + (view.rows() == null ? "" : ", " + count(view.rows()) + " rows")
        + (view.error() == null ? "" : ": " + view.error());
  }

  private static String took(RunReport run) {
    return run.finished() == null || run.processId() == null
        ? "-"
        : seconds(Duration.between(run.started(), run.finished()).toMillis() / 1000.0);
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }

  private static String count(Long number) {
    return number == null ? "-" : String.format(Locale.ROOT, "%,d", number);
  }

  private static String bytes(Long bytes) {
    return bytes == null ? "-" : String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) MIB);
  }

  private static String time(Instant time) {
    return time == null ? "-" : time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String orDash(Object value) {
    return value == null ? "-" : value.toString();
  }

  private static void line(StringBuilder text, String form, Object... values) {
    text.append(String.format(Locale.ROOT, form, values)).append(System.lineSeparator());
  }
}
