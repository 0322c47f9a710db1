package dev.recount.batch.archive;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Erasure;
import dev.recount.core.cli.HomeOptions;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code recount archive erasures}. */
@Command(
    name = "erasures",
    mixinStandardHelpOptions = true,
    description = {
      "Lists what was erased: who asked, when, and how many events in how many files; never which.",
      "ERASED: no file that counts holds them, but replaced files do; GONE: no file does; FAILED: it"
          + " ended too early, ask again."
    })
public final class ErasuresCommand implements Callable<Integer> {
  /** How the list is printed. */
  enum Format {
    text,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    try (Catalog catalog = Catalog.open(home.config())) {
      List<Erasure> erasures = catalog.archive().erasures();
      if (format == Format.json) {
        spec.commandLine().getOut().println(Json.write(erasures));
      } else {
        erasures.forEach(erasure -> spec.commandLine().getOut().println(text(erasure)));
      }
    }
    return 0;
  }

  private static String text(Erasure erasure) {
    return String.format(
        Locale.ROOT,
        "%s  %-20s %-8s %,12d events  %,6d files  by %s",
        Instant.ofEpochMilli(erasure.startedMs()),
        erasure.event(),
        erasure.state(),
        erasure.events(),
        erasure.files(),
        erasure.askedBy());
  }
}
