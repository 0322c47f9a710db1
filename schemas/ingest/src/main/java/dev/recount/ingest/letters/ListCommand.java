package dev.recount.ingest.letters;

import dev.recount.core.cli.HomeOptions;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows the dead letters that wait, by reason. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description =
        "Shows the dead letters that wait: how many by event, reason and source, and the newest"
            + " of each.")
final class ListCommand implements Callable<Integer> {
  private static final int SHOWN = 160;

  @Mixin private HomeOptions options;
  @Mixin private LetterFilter filter;
  @Spec private CommandSpec spec;

  private record Kind(String event, ErrorCode code, String source) {}

  /** The letters of a kind. */
  private static final class Pile {
    private long count;
    private long firstMs = Long.MAX_VALUE;
    private DeadLetter newest;

    void add(DeadLetter letter) {
      count++;
      firstMs = Math.min(firstMs, letter.atMs());
      newest = letter;
    }
  }

  @Override
  public Integer call() {
    Map<Kind, Pile> piles =
        new TreeMap<>(
            Comparator.comparing(Kind::event)
                .thenComparing(Kind::code)
                .thenComparing(Kind::source));
    new LetterLog(options.config())
        .forEach(
            waiting -> {
              DeadLetter letter = waiting.letter();
              if (filter.fits(letter)) {
                Kind kind = new Kind(letter.event(), letter.code(), letter.source().kind());
                piles.computeIfAbsent(kind, k -> new Pile()).add(letter);
              }
            },
            () -> {});
    PrintWriter out = spec.commandLine().getOut();
    piles.forEach((kind, pile) -> print(kind, pile, out));
    out.println(piles.values().stream().mapToLong(p -> p.count).sum() + " dead letters wait");
    out.flush();
    return 0;
  }

  private static void print(Kind kind, Pile pile, PrintWriter out) {
    DeadLetter newest = pile.newest;
    out.printf(
        Locale.ROOT,
        "%s  %s  from %s: %,d, %s to %s%n",
        kind.event(),
        kind.code(),
        kind.source(),
        pile.count,
        Instant.ofEpochMilli(pile.firstMs),
        Instant.ofEpochMilli(newest.atMs()));
    out.println("  newest, " + place(newest.source()) + ": " + newest.message());
    out.println("  " + shown(newest.payload()));
  }

  private static String place(DeadLetter.Source source) {
    if (source.file() != null) {
      return source.file() + ":" + source.line();
    }
    return source.offset() != null
        ? "partition " + source.partition() + " offset " + source.offset()
        : source.kind();
  }

  private static String shown(byte[] payload) {
    String text = new String(payload, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "\uFFFD");
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }
}
