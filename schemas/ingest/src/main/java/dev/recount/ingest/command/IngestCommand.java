package dev.recount.ingest.command;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.ingest.door.Door;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.Standing;
import dev.recount.ingest.source.Tally;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends the lines of files as events. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    description = {
      "Sends each line, record or row of the files as an event.",
      "The first bytes of a file, not its name, decide how it is read: compressed with gzip, bzip2, xz or zstd, or a"
          + " zip of one file; in UTF-8 or UTF-16; JSON with one object a line, over several lines, or in arrays; Avro"
          + " or Parquet.",
      "The last line on standard output is 'accepted N, rejected M'. A rejected record stops nothing: it goes to the"
          + " topic dead_letters with its file, its number and the reason."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every record was read; some may have been rejected",
      "2:wrong usage, an unknown event, or a file that could not be read to its end",
      "3:Kafka or the catalog does not answer"
    },
    footer = {
      "%nNothing is sent if a file is missing or in another format, or if the mapping or the columns do not fit. Ctrl-C"
          + " sends what was read, then prints the counts and how to continue.",
      "Sending a file twice counts its events twice."
    })
public final class IngestCommand implements Callable<Integer> {
  private static final long MEBIBYTE = 1 << 20;

  @Mixin private HomeOptions options;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "EVENT", description = "The event, such as page_view.")
  private String event;

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      description = "Files, compressed or not; '-' or none: standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--from-line",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Skips what stands before line N of the first file; an interrupted run prints the N to continue with. In"
              + " Avro, Parquet and JSON that is not one object a line, N is the number of the row or object.")
  private long fromLine;

  @Option(names = "--dry-run", description = "Only read and check: send nothing, store nothing.")
  private boolean isDry;

  @Mixin private FileFormat.Options formatOptions;

  @Override
  public Integer call() throws IOException {
    FileFormat format = formatOptions.format();
    List<LineSource> sources =
        (files.isEmpty() ? List.of("-") : files)
            .stream().map(LineSource::of).collect(Collectors.toList());
    sources.set(0, sources.get(0).from(fromLine));
    RecountConfig config = options.config();
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(config);
        Door door = Door.open(config, catalog, clock)) {
      Ingestion ingestion = new Ingestion(door, event, format, isDry, this::say);
      CountDownLatch isReported = new CountDownLatch(1);
      Thread hook = new Thread(() -> stop(ingestion, isReported), "ingest-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      Progress.Step step = progress(sources, ingestion.tally());
      try {
        ingestion.run(sources);
      } finally {
        step.close();
        report(ingestion, sources);
        isReported.countDown();
      }
      ingestion.problem().ifPresent(IngestCommand::raise);
    }
    return 0;
  }

  /** What was only read ahead is not done. */
  private Progress.Step progress(List<LineSource> sources, Tally tally) {
    boolean isKnown = sources.stream().allMatch(s -> s.sizeBytes() >= 0);
    long size = isKnown ? sources.stream().mapToLong(LineSource::sizeBytes).sum() : -1;
    return Progress.ofProcess(this::say)
        .step(
            "ingest",
            "MiB",
            MEBIBYTE,
            size,
            tally.bytesIn(),
            () -> String.format(Locale.ROOT, "%,d events", tally.accepted()));
  }

  private static void stop(Ingestion ingestion, CountDownLatch isReported) {
    ingestion.stop();
    try {
      isReported.await(40, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void raise(RecountException problem) {
    throw problem;
  }

  private void say(String note) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(note);
    err.flush();
  }

  private void report(Ingestion ingestion, List<LineSource> sources) {
    Tally tally = ingestion.tally();
    PrintWriter err = spec.commandLine().getErr();
    tally.byReason().forEach((code, count) -> err.println(count + " rejected by " + code));
    tally.first().forEach(line -> err.println("  " + line));
    if (tally.rejected() > tally.first().size()) {
      err.println("  and " + (tally.rejected() - tally.first().size()) + " more");
    }
    if (tally.rejected() > 0 && !isDry) {
      err.println(
          "Rejected lines are kept with file, line, reason and bytes; see 'recount deadletters list "
              + event
              + "'");
    }
    if (tally.passedOver() > 0) {
      err.println(tally.passedOver() + " rows without any value were skipped, like blank lines");
    }
    if (tally.unconfirmed() > 0) {
      err.println(tally.unconfirmed() + " more were sent but not confirmed by Kafka");
    }
    if (ingestion.isInterrupted() && !isDry) {
      goOn(sources).ifPresent(err::println);
    }
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        (isDry ? "would accept " : "accepted ")
            + tally.accepted()
            + (isDry ? ", would reject " : ", rejected ")
            + tally.rejected());
    out.flush();
  }

  /** Where to continue a run that did not finish. */
  public static Optional<String> goOn(List<LineSource> sources) {
    List<LineSource> left = new ArrayList<>(sources);
    left.removeIf(source -> source.standing().isDone());
    if (left.isEmpty()) {
      return Optional.empty();
    }
    // One that was left for the next is damaged, as its own error says; the next was begun since.
    while (left.size() > 1
        && !left.get(0).standing().hasMissing()
        && left.get(1).standing().isBegun()) {
      left.remove(0);
    }
    Standing standing = left.get(0).standing();
    return Optional.of(
        "All of "
            + left.get(0).name()
            + " before line "
            + standing.firstNotIn()
            + " is in"
            + (standing.hasMissing() ? ", and perhaps some of what follows" : "")
            + "; go on with: --from-line "
            + standing.firstNotIn()
            + left.stream()
                .map(source -> " " + forShell(source.name()))
                .collect(Collectors.joining()));
  }

  /** A name as a shell takes it for one word. */
  private static String forShell(String name) {
    boolean isPlain =
        name.chars().allMatch(c -> Character.isLetterOrDigit(c) || "_-./:,@%+=".indexOf(c) >= 0);
    return isPlain ? name : "'" + name.replace("'", "'\\''") + "'";
  }
}
