package dev.recount.batch.erase;

import dev.recount.batch.archive.ArchiveRewriter;
import dev.recount.batch.archive.CompactCommand;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Confirmation;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventSchema;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount archive erase}. */
@Command(
    name = "erase",
    mixinStandardHelpOptions = true,
    description = {
      "Removes events from the archive for good, as when a person asks for their data to go.",
      "Shows how many there are, asks, rewrites the files that hold them, and returns when the old"
          + " files are gone. The next run of each view is full, and no longer counts them."
    })
public final class EraseCommand implements Callable<Integer> {
  /** How the report is printed. */
  enum Format {
    text,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EVENT", description = "The event.")
  private String event;

  @Option(
      names = "--where",
      required = true,
      paramLabel = "CONDITION",
      description = "Which events: SQL over its fields, such as \"user_id = 'u17'\".")
  private String condition;

  @Option(names = "--dry-run", description = "Only say how many there are.")
  private boolean dryRun;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      converter = CompactCommand.DurationConverter.class,
      description = "How long other engines may read replaced files (archive.compaction-grace).")
  private Duration grace;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    Clock clock = Clock.systemUTC();
    Progress progress = Progress.ofProcess();
    try (Catalog catalog = Catalog.open(config)) {
      CompactCommand.requireKnown(event, catalog.events().names());
      EventSchema schema = catalog.events().schema(event).orElseThrow();
      Confirmation.requireAnswer(dryRun || yes, "to erase");
      progress.say("Waiting until the archive holds what has arrived ...");
      new FinishedFiles(config, catalog, clock).await(event);
      ErasureReport report =
          new EventErasure(config, catalog, clock, progress, step -> {})
              .erase(
                  schema,
                  condition,
                  ArchiveRewriter.user(),
                  grace == null ? config.archive().compactionGrace() : grace,
                  this::isMeant);
      spec.commandLine()
          .getOut()
          .println(format == Format.json ? Json.write(report) : report.text());
    }
    return 0;
  }

  private boolean isMeant(ErasureReport found) {
    if (dryRun || yes || found.events() == 0) {
      return !dryRun;
    }
    return Confirmation.isMeant(found.found() + ". Erase them for good?");
  }
}
