package dev.recount.batch.run;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount batch rollback}. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    description = {
      "Serves a view as an earlier run published it, with everything that arrived since then.",
      "Counts nothing again, and pauses the view's schedule until 'recount schedule resume'. One can"
          + " go forward again to a later run that is kept. Waits while a run is under way."
    })
public final class RollbackCommand implements Callable<Integer> {
  /** How the report is printed. */
  enum Format {
    text,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VIEW",
      description = "The view, or one of its versions, such as page_views@2.")
  private String view;

  @Option(
      names = "--to",
      paramLabel = "RUN",
      required = true,
      description = "The run; 'recount batch runs VIEW' lists those that are kept.")
  private String run;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Option(
      names = "--no-wait",
      description = "Fail if a run is under way (default: wait until it ends).")
  private boolean noWait;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    try (Catalog catalog = Catalog.open(config)) {
      RollbackReport report =
          new BatchRunner(config, catalog, Clock.systemUTC(), Progress.ofProcess())
              .rollBack(new RollbackOrder(view, run, dryRun, !noWait));
      spec.commandLine()
          .getOut()
          .println(format == Format.json ? Json.write(report) : report.text());
    }
    return 0;
  }
}
