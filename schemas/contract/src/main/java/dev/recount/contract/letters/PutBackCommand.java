package dev.recount.contract.letters;

import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.cli.HomeOptions;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.error.ErrorCode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
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
      "Sends dead letters in again, as events that arrive now, once the reason is gone: the event's schema, or"
          + " events.max-size.",
      "Each goes in once, however often this is run or killed. What is still wrong stays where it is."
    })
final class PutBackCommand implements Callable<Integer> {
  @Mixin private HomeOptions options;
  @Mixin private LetterFilter filter;
  @Spec private CommandSpec spec;

  @Option(names = "--dry-run", description = "Only say what would go in.")
  private boolean isDry;

  @Override
  public Integer call() {
    RecountConfig config = options.config();
    Map<ErrorCode, Long> stay = new TreeMap<>();
    Map<ErrorCode, String> examples = new TreeMap<>();
    long accepted;
    try (Catalog catalog = Catalog.open(config);
        PutBack putBack = new PutBack(config, catalog, isDry)) {
      accepted =
          putBack.run(
              filter::fits,
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
}
