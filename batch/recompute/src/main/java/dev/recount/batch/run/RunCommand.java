package dev.recount.batch.run;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount batch run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Recomputes views from the archive and serves the result.",
      "Covers everything that had arrived when the run began, and returns when the new answers are"
          + " served. Waits while another run is under way. If a view fails, its old answers stay,"
          + " and the other views are served."
    })
public final class RunCommand implements Callable<Integer> {
  /** How the summary is printed. */
  enum Format {
    text,
    json
  }

  /** What is read. */
  enum Mode {
    full,
    incremental
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VIEW",
      description =
          "Views to recompute, in all their versions, or versions such as VIEW@2 (default: all).")
  private List<String> views = List.of();

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description =
          "What is read: all history, or only what has arrived since the last run"
              + " (${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}).")
  private Mode mode = Mode.full;

  @Option(
      names = "--due",
      description = "Only what schedules, retries or a person have asked for, if it is due.")
  private boolean due;

  @Option(
      names = "--no-wait",
      description = "Fail if another run is under way (default: wait until it ends).")
  private boolean noWait;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    if (due && !views.isEmpty()) {
      throw new RecountException(
          ErrorCode.USAGE, "Cannot run: --due takes all that is due; leave out the names of views");
    }
    String asked = mode == Mode.incremental ? RunRequest.INCREMENTAL : RunRequest.FULL;
    RunOrder order = new RunOrder(views, asked, due, !noWait);
    RecountConfig config = home.config();
    PrintWriter out = spec.commandLine().getOut();
    try (Catalog catalog = Catalog.open(config)) {
      Optional<RunSummary> summary =
          new BatchRunner(config, catalog, Clock.systemUTC(), Progress.ofProcess()).run(order);
      if (format == Format.json) {
        out.println(summary.map(Json::write).orElse("{}"));
      } else {
        out.println(summary.map(RunSummary::text).orElse("Nothing is due."));
      }
    }
    return 0;
  }
}
