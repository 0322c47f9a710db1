package dev.recount.batch.clean;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code recount batch clean}. */
@Command(
    name = "clean",
    mixinStandardHelpOptions = true,
    description = {
      "Removes what failed runs left behind, and history that is older than batch.keep-history.",
      "What serves or is kept stays; safe beside a run that is under way. The scheduler does this by"
          + " itself."
    })
public final class CleanCommand implements Callable<Integer> {
  /** How the report is printed. */
  enum Format {
    text,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Option(names = "--dry-run", description = "Only say what would be removed.")
  private boolean dryRun;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    PrintWriter out = spec.commandLine().getOut();
    try (Catalog catalog = Catalog.open(config)) {
      Optional<CleanReport> report = new Janitor(config, catalog, Clock.systemUTC()).clean(dryRun);
      if (format == Format.json) {
        out.println(Json.write(report.orElse(new CleanReport(dryRun, List.of(), List.of()))));
      } else {
        out.println(report.map(CleanReport::text).orElse("Another process is doing this already."));
      }
    }
    return 0;
  }
}
