package dev.recount.batch.archive;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.recount.core.Json;
import dev.recount.core.Nearest;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount archive compact}. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = {
      "Merges small files of the archive, without any reader noticing, and removes what became too old"
          + " to be kept (archive.retention).",
      "Returns when the files that were replaced are gone: as soon as no command reads them, and other"
          + " engines have had their time (archive.compaction-grace)."
    })
public final class CompactCommand implements Callable<Integer> {
  /** How the report is printed. */
  enum Format {
    text,
    json
  }

  /** A duration as settings have it, such as 10m. */
  public static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      try {
        Duration duration =
            ConfigFactory.parseMap(java.util.Map.of("value", value)).getDuration("value");
        if (!duration.isNegative()) {
          return duration;
        }
      } catch (ConfigException e) {
        // Told below.
      }
      throw new CommandLine.TypeConversionException("'" + value + "' is no duration such as 10m");
    }
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "EVENT",
      arity = "0..*",
      description = "Events whose files are merged (default: all).")
  private List<String> events = List.of();

  @Option(
      names = "--due",
      description = {
        "For a schedule: merge only files of days that are over, and many small ones of today;"
            + " leave to the next time what readers may still hold, and what another process does."
      })
  private boolean due;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "How long other engines may read replaced files (archive.compaction-grace).")
  private Duration grace;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    try (Catalog catalog = Catalog.open(config)) {
      ArchiveCompaction compaction =
          new ArchiveCompaction(
              config, catalog, Clock.systemUTC(), Progress.ofProcess(), step -> {});
      ArchiveCompaction.Manner manner =
          new ArchiveCompaction.Manner(
              due, dryRun, grace == null ? config.archive().compactionGrace() : grace);
      List<CompactionReport> reports = new ArrayList<>();
      List<RecountException> failures = new ArrayList<>();
      for (String event : chosen(catalog)) {
        try {
          reports.add(compaction.compact(event, manner));
        } catch (RecountException e) {
          failures.add(e);
        }
      }
      print(reports);
      if (!failures.isEmpty()) {
        failures.stream()
            .skip(1)
            .forEach(e -> spec.commandLine().getErr().println(e.code() + ": " + e.getMessage()));
        throw failures.get(0);
      }
    }
    return 0;
  }

  private List<String> chosen(Catalog catalog) {
    List<String> known = catalog.events().names();
    for (String event : events) {
      requireKnown(event, known);
    }
    return events.isEmpty() ? known : events;
  }

  /**
   * @throws RecountException EVENT_UNKNOWN
   */
  public static void requireKnown(String event, List<String> known) {
    if (!known.contains(event)) {
      throw RecountException.of(
          ErrorCode.EVENT_UNKNOWN,
          "Cannot find the event '%s': %s",
          event,
          known.isEmpty()
              ? "there are no events yet; run 'recount apply' first"
              : Nearest.hint(event, known) + "known are " + String.join(", ", known));
    }
  }

  private void print(List<CompactionReport> reports) {
    if (format == Format.json) {
      spec.commandLine().getOut().println(Json.write(reports));
    } else {
      reports.forEach(report -> spec.commandLine().getOut().println(report.text()));
    }
  }
}
