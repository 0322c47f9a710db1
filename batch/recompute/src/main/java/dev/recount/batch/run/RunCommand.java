package dev.recount.batch.run;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.util.List;
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
      "Recomputes views over the whole archive and serves the result.",
      "Covers everything that had arrived when the command started, and returns when the new answers"
          + " are served. If a run fails, the old answers stay."
    })
public final class RunCommand implements Callable<Integer> {
  /** How the summary is printed. */
  enum Format {
    text,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VIEW", description = "Views to recompute (default: all).")
  private List<String> views = List.of();

  @Option(names = "--format", description = "How the summary is printed: ${COMPLETION-CANDIDATES}.")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    try (Catalog catalog = Catalog.open(config)) {
      RunSummary summary =
          new BatchRunner(config, catalog, Clock.systemUTC(), Progress.ofProcess()).run(views);
      spec.commandLine()
          .getOut()
          .println(format == Format.json ? Json.write(summary) : summary.text());
    }
    return 0;
  }
}
