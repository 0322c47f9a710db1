package dev.recount.ingest.letters;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.mapping.FieldMap;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sends dead letters in again. */
@Command(
    name = "put-back",
    mixinStandardHelpOptions = true,
    description = {
      "Sends dead letters in again, as events that arrive now. Fix the reason first: the event's schema,"
          + " events.max-size, or the mapping.",
      "A letter is read as it was when it was refused: with the format and mapping of that 'ingest', unless"
          + " --map gives another mapping.",
      "Each goes in exactly once, however often this is run or killed. Letters that are still wrong stay."
    })
final class PutBackCommand implements Callable<Integer> {
  @Mixin private HomeOptions options;
  @Mixin private LetterFilter filter;
  @Spec private CommandSpec spec;

  @Option(names = "--dry-run", description = "Only show what would go in; send nothing.")
  private boolean isDry;

  @Option(
      names = "--map",
      paramLabel = "FILE",
      description =
          "A mapping that replaces the letters' own. With it, only letters from files of EVENT go in,"
              + " not those from web server logs.")
  private Path map;

  @Override
  public Integer call() {
    if (map != null && filter.event().isEmpty()) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot put back with the mapping '%s': name the event it is for, as in "
              + "put-back EVENT --map FILE",
          map);
    }
    RecountConfig config = options.config();
    UnaryOperator<RecordLayout> layouts = UnaryOperator.identity();
    if (map != null) {
      FieldMap fields = FieldMap.read(map);
      layouts = layout -> layout.withMap(fields);
    }
    Map<ErrorCode, Long> stay = new TreeMap<>();
    Map<ErrorCode, String> examples = new TreeMap<>();
    long accepted;
    try (Catalog catalog = Catalog.open(config);
        PutBack putBack = new PutBack(config, catalog, isDry, layouts)) {
      accepted =
          putBack.run(
              letter -> filter.fits(letter) && (map == null || isMappable(letter)),
              reason -> {
                stay.merge(reason.code(), 1L, Long::sum);
                examples.putIfAbsent(reason.code(), reason.getMessage());
              });
    }
    PrintWriter out = spec.commandLine().getOut();
    stay.forEach((code, n) -> out.println(n + " stay by " + code + ": " + examples.get(code)));
    long stays = stay.values().stream().mapToLong(Long::longValue).sum();
    out.println((isDry ? "would put back " : "put back ") + accepted + ", " + stays + " stay");
    out.flush();
    return 0;
  }

  /** A letter whose layout cannot be read is none: it stays, and says why. */
  static boolean isMappable(DeadLetter letter) {
    try {
      return RecordLayout.of(letter.source())
          .filter(layout -> layout.format() != RecordFormat.COMBINED)
          .isPresent();
    } catch (IllegalArgumentException e) {
      return true;
    }
  }
}
