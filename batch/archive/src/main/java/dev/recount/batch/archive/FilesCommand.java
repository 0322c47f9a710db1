package dev.recount.batch.archive;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount archive files}. */
@Command(
    name = "files",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the files that hold an event, each record once: what other engines should read.",
      "They stay for archive.compaction-grace at least; take a new list for each query. (A pattern"
          + " such as *.parquet may find a record twice, in a merged file and in those it replaced.)"
    })
public final class FilesCommand implements Callable<Integer> {
  /** How the list is printed. */
  enum Format {
    text,
    json
  }

  /** A file as it is listed. */
  private record Listed(
      String path,
      int partition,
      long firstPosition,
      long nextPosition,
      long records,
      Instant firstArrival,
      Instant lastArrival,
      long bytes) {}

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "EVENT", description = "The event.")
  private String event;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "text or json (default: text); text is a path a line.")
  private Format format = Format.text;

  @Override
  public Integer call() {
    RecountConfig config = home.config();
    try (Catalog catalog = Catalog.open(config)) {
      CompactCommand.requireKnown(event, catalog.events().names());
      List<ArchiveFile> files =
          Archive.open(config, catalog, event, new Configuration()).files().stream()
              .filter(file -> file.records() > 0)
              .toList();
      if (format == Format.json) {
        spec.commandLine()
            .getOut()
            .println(Json.write(files.stream().map(FilesCommand::listed).toList()));
      } else {
        files.forEach(file -> spec.commandLine().getOut().println(file.path()));
      }
    }
    return 0;
  }

  private static Listed listed(ArchiveFile file) {
    return new Listed(
        file.path(),
        file.partition(),
        file.firstPosition(),
        file.nextPosition(),
        file.records(),
        Instant.ofEpochMilli(file.minArrivalMs()),
        Instant.ofEpochMilli(file.maxArrivalMs()),
        file.sizeBytes());
  }
}
