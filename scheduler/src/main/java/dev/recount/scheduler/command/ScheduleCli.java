package dev.recount.scheduler.command;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunFilter;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.schedule.Schedules;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands of this module: {@code recount schedule}. */
@Command(
    name = "recount",
    mixinStandardHelpOptions = true,
    subcommands = ScheduleCli.Schedule.class)
public final class ScheduleCli {
  private ScheduleCli() {}

  public static void main(String[] arguments) {
    Commands.main(new ScheduleCli(), arguments);
  }

  /** {@code recount schedule}. */
  @Command(
      name = "schedule",
      mixinStandardHelpOptions = true,
      description = {
        "Shows when views are recomputed by themselves, and how that went.",
        "A view's schedule is its header line '-- @schedule CRON'; 'recount apply' has it followed."
      },
      subcommands = {
        Listing.class,
        Trigger.class,
        Pause.class,
        Resume.class,
        History.class,
        Cancel.class
      })
  static final class Schedule {}

  private enum Format {
    TABLE,
    JSON
  }

  /** What all of them do: open the catalog, print a report or what was done. */
  private abstract static class Action implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Spec private CommandSpec spec;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "TABLE",
        description = "table or json (default: table).")
    private Format format;

    abstract void act(Schedules schedules, RecountConfig config);

    @Override
    public final Integer call() {
      RecountConfig config = home.config();
      try (Catalog catalog = Catalog.open(config)) {
        act(new Schedules(catalog, Clock.systemUTC()), config);
      }
      return 0;
    }

    final void print(Object json, String table) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(format == Format.JSON ? Json.write(json) + "\n" : table);
      out.flush();
    }

    final void printDone(Map<String, Schedules.Done> done) {
      StringBuilder text = new StringBuilder();
      done.values().forEach(d -> text.append(d.message()).append(".\n"));
      print(done, text.toString());
    }

    final void warn(List<String> problems) {
      PrintWriter err = spec.commandLine().getErr();
      problems.forEach(problem -> err.println("WARNING: " + problem));
      err.flush();
    }
  }

  /** One action on each of some views; all are known before anything is done. */
  private abstract static class OnViews extends Action {
    @Parameters(paramLabel = "VIEW", arity = "1..*", description = "Names of views.")
    private List<String> views;

    abstract Schedules.Done act(Schedules schedules, String view);

    @Override
    final void act(Schedules schedules, RecountConfig config) {
      views.forEach(schedules::find);
      Map<String, Schedules.Done> done = new LinkedHashMap<>();
      views.forEach(view -> done.put(view, act(schedules, view)));
      printDone(done);
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Shows the schedule of each view: when it is due next, and how it went last.")
  private static final class Listing extends Action {
    @Override
    void act(Schedules schedules, RecountConfig config) {
      var list = schedules.list();
      print(list, ScheduleText.list(list));
      warn(schedules.problems());
    }
  }

  @Command(
      name = "trigger",
      mixinStandardHelpOptions = true,
      description = {
        "Has views recomputed now, whether they have a schedule or not, and returns at once.",
        "They share one run. 'recount batch run' does the same and waits."
      })
  private static final class Trigger extends OnViews {
    private enum Mode {
      FULL,
      INCREMENTAL
    }

    @Option(
        names = "--mode",
        paramLabel = "MODE",
        defaultValue = "FULL",
        description = "full, or incremental: only what arrived since the last cut (default: full).")
    private Mode mode;

    @Override
    Schedules.Done act(Schedules schedules, String view) {
      return schedules.trigger(view, mode == Mode.FULL ? RunRequest.FULL : RunRequest.INCREMENTAL);
    }
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = {
        "Has the schedules of views rest until they are resumed, also over restarts.",
        "A run that is under way goes on."
      })
  private static final class Pause extends OnViews {
    @Override
    Schedules.Done act(Schedules schedules, String view) {
      return schedules.pause(view);
    }
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description =
          "Has paused schedules go on, from now; what was due meanwhile is not made up for.")
  private static final class Resume extends OnViews {
    @Override
    Schedules.Done act(Schedules schedules, String view) {
      return schedules.resume(view);
    }
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Shows the newest runs, or all that is known of one.")
  private static final class History extends Action {
    @Parameters(
        paramLabel = "VIEW",
        arity = "0..1",
        description = "Only runs over this view (default: all).")
    private String view;

    @Option(names = "--run", paramLabel = "RUN", description = "All that is known of this run.")
    private String run;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "20",
        description = "How many runs (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
        names = "--before",
        paramLabel = "RUN",
        description = "Only runs that began before this one: the next page of a list that ends so.")
    private String before;

    @Override
    void act(Schedules schedules, RecountConfig config) {
      if (run == null) {
        RunFilter filter = RunFilter.ALL.ofView(view).before(before);
        var runs = schedules.history(filter, Math.max(1, limit));
        print(runs, ScheduleText.history(runs));
        return;
      }
      var report = schedules.run(run);
      Path log = config.home().logs().resolve("runs").resolve(run + ".log");
      String where = Files.exists(log) ? "log         " + log + "\n" : "";
      print(report, ScheduleText.run(report) + where);
    }
  }

  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "Asks a run to end; the answers of before stay.")
  private static final class Cancel extends Action {
    @Parameters(
        paramLabel = "RUN",
        arity = "0..*",
        description = "Names of runs (default: the one that is under way).")
    private List<String> runs = List.of();

    @Override
    void act(Schedules schedules, RecountConfig config) {
      String by = "recount schedule cancel";
      List<Schedules.Done> done = new ArrayList<>();
      if (runs.isEmpty()) {
        done.add(schedules.cancel(null, by));
      }
      runs.forEach(schedules::run);
      runs.forEach(run -> done.add(schedules.cancel(run, by)));
      StringBuilder text = new StringBuilder();
      done.forEach(d -> text.append(d.message()).append(".\n"));
      print(done, text.toString());
    }
  }
}
