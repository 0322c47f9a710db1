package dev.recount.batch.run;

import dev.recount.batch.lake.RunFolders;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeptRun;
import dev.recount.core.catalog.KeptRuns;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount batch runs}. */
@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the runs of a view that are kept, newest first: which of them is served, and which it"
          + " can be rolled back to.",
      "How many are kept is the setting batch.keep-runs."
    })
public final class RunsCommand implements Callable<Integer> {
  private static final String LINE = "%-20s %-12s %-21s %-21s %,14d %9d %16s  %s%n";
  private static final String HEAD = "%-20s %-12s %-21s %-21s %14s %9s %16s  %s%n";

  /** How the list is printed. */
  enum Format {
    table,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VIEW",
      description = "The view, or one of its versions, such as page_views@2.")
  private String view;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table or json (default: table).")
  private Format format = Format.table;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    PrintWriter out = spec.commandLine().getOut();
    try (Catalog catalog = Catalog.open(config)) {
      KeptRuns runs = new KeptRuns(catalog, config, Clock.systemUTC());
      RunFolders folders = new RunFolders(config.lakeUri(), new Configuration());
      List<KeptRun> kept = runs.list(runs.view(view), folders::missing);
      if (format == Format.json) {
        out.println(Json.write(kept));
      } else {
        out.print(text(kept));
        out.flush();
      }
    }
    return 0;
  }

  static String text(List<KeptRun> kept) {
    if (kept.isEmpty()) {
      return "No run of the view has been published yet; 'recount batch run' makes one.\n";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            HEAD,
            "run",
            "mode",
            "published",
            "cut",
            "rows",
            "segments",
            "bytes",
            "can be rolled back to"));
    for (KeptRun run : kept) {
      text.append(
          String.format(
              Locale.ROOT,
              LINE,
              run.run(),
              run.mode(),
              run.published() == null ? "-" : run.published().truncatedTo(ChronoUnit.SECONDS),
              run.cut(),
              run.rows(),
              run.segments(),
              String.format(Locale.ROOT, "%,d", run.bytes()),
              state(run)));
    }
    return text.toString();
  }

  private static String state(KeptRun run) {
    if (run.serving()) {
      return run.rolledBackBy() == null
          ? "serving"
          : "serving, by the roll-back " + run.rolledBackBy();
    }
    return run.canRollBack() ? "yes" : "no: " + run.reason();
  }
}
