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
import dev.recount.planner.row.SparkSessions;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
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
  @Mixin private Confirmation confirmation;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EVENT", description = "The event.")
  private String event;

  @Option(
      names = "--where",
      required = true,
      paramLabel = "CONDITION",
      description = "Which events: SQL over its fields, such as \"user_id = 'u17'\".")
  private String condition;

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
    SparkSession spark = null;
    try (Catalog catalog = Catalog.open(config)) {
      CompactCommand.requireKnown(event, catalog.events().names());
      EventSchema schema = catalog.events().schema(event).orElseThrow();
      confirmation.requireAnswer("to erase");
      spark = SparkSessions.local("recount archive erase", config.batch().threads());
      FoundEvents.requireCondition(spark, schema, condition);
      progress.say("Waiting until the archive holds what has arrived ...");
      new FinishedFiles(config, catalog).await(event);
      ErasureReport report =
          new EventErasure(config, catalog, clock, progress, spark, step -> {})
              .erase(
                  schema,
                  condition,
                  ArchiveRewriter.user(),
                  grace == null ? config.archive().compactionGrace() : grace,
                  this::isMeant);
      spec.commandLine()
          .getOut()
          .println(format == Format.json ? Json.write(report) : report.text());
    } finally {
      if (spark != null) {
        spark.stop();
      }
    }
    return 0;
  }

  private boolean isMeant(ErasureReport found) {
    return found.events() == 0
        ? !confirmation.isDryRun()
        : confirmation.isMeant(found.found() + ". Erase them for good?");
  }
}
