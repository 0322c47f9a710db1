package dev.recount.ingest.init;

import dev.recount.core.cli.HomeOptions;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.mapping.FieldMap;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.RecordLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Drafts what an event needs by looking at files. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Looks at files and drafts what their events need: events/EVENT.avsc, a mapping EVENT.conf if names or forms"
          + " need one, and a first view.",
      "The files may be NDJSON, CSV, a web server's log, a log with named columns, Avro or Parquet, compressed or not."
          + " What is guessed is said with its reason. A file that is there already is never changed."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the drafts are written, or were there already",
      "2:wrong usage, a file that cannot be read, or no column that is a time"
    })
public final class InitCommand implements Callable<Integer> {
  private static final String EVENTS = "[a-z][a-z0-9_]{0,99}";

  @Mixin private HomeOptions options;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "EVENT",
      description = "Its name: lower-case letters, digits and '_'.")
  private String event;

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      description = "Files of one kind; '-' or none: standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--schemas",
      paramLabel = "DIR",
      description =
          "Where to write (default: schemas/ in the working directory; beside the first file if that is Recount's own).")
  private Path folder;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "ndjson, csv, combined, w3c, avro or parquet (default: by how the files begin).")
  private String format;

  @Option(
      names = "--time",
      paramLabel = "COLUMN",
      description = "Which column, or path, says when it happened (default: guessed).")
  private String time;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      defaultValue = "UTC",
      description = "The zone of times that name none, such as Europe/Berlin (default: UTC).")
  private String zone;

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Looks at the first N records (default: 1000000).")
  private long most;

  @Option(names = "--dry-run", description = "Only print the drafts.")
  private boolean isDry;

  @Override
  public Integer call() throws IOException {
    check();
    try (Inputs inputs = Inputs.of(files)) {
      FileFormat known = Kinds.of(format, inputs.sources());
      Path target = target();
      RecordLimits limits = RecordLimits.of(options.config().events());
      Map<Path, String> drafts =
          known.layout().format() == RecordFormat.COMBINED
              ? log(target)
              : records(target, inputs, known, limits);
      write(drafts);
      if (!isDry) {
        verify(target, inputs, known, limits);
        next(target, known);
      }
    }
    return 0;
  }

  private void check() {
    if (!event.matches(EVENTS)) {
      throw usage("'%s' is not a name of an event; use lower-case letters, digits and '_'", event);
    }
    try {
      ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw usage("'%s' is not a time zone; write it like Europe/Berlin", zone);
    }
    if (most < 1) {
      throw usage("--records must be 1 or more, not %s", most);
    }
  }

  private RecountException usage(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.USAGE,
        "Cannot draft '%s': %s",
        event,
        RecountException.message(reason, arguments));
  }

  private Path target() {
    if (folder != null) {
      return folder;
    }
    Path here = Path.of("schemas").toAbsolutePath().normalize();
    String root = System.getProperty("recount.root");
    if (root == null || !here.equals(Path.of(root, "schemas").toAbsolutePath().normalize())) {
      return Path.of("schemas");
    }
    if (files.isEmpty() || files.get(0).equals("-")) {
      throw usage("say with --schemas where to write: schemas/ is Recount's own here");
    }
    return Path.of(files.get(0)).resolveSibling("schemas");
  }

  private Map<Path, String> records(
      Path target, Inputs inputs, FileFormat known, RecordLimits limits) {
    Look look = new Look(event, known, limits, most, zone, this::say);
    look.at(inputs.sources());
    Guesses.Draft draft =
        new Guesses(event, look.seen(), look.columns(), zone).of(look.records(), time);
    say(
        String.format(
            Locale.ROOT,
            "%,d records seen%s, from %s to %s",
            look.seen(),
            look.unreadable() == 0
                ? ""
                : String.format(Locale.ROOT, ", %,d could not be read", look.unreadable()),
            draft.first(),
            draft.last()));
    draft.notes().forEach(note -> say("  " + note));
    Drafts drafts = new Drafts(event, draft);
    Map<Path, String> texts = new LinkedHashMap<>();
    texts.put(schemaFile(target), drafts.schema());
    drafts
        .mapping(
            look.layout().format(), look.isWhole(), ingest(mapping(target), look.layout(), true))
        .ifPresent(text -> texts.put(mapping(target), text));
    texts.put(target.resolve("views").resolve(drafts.view() + ".sql"), drafts.sql());
    return texts;
  }

  private Path schemaFile(Path target) {
    return target.resolve("events").resolve(event + ".avsc");
  }

  private Path mapping(Path target) {
    return target.resolve(event + ".conf");
  }

  /** A web server's log has the fields of a page view, whatever it is called. */
  private Map<Path, String> log(Path target) {
    say("a web server's log: the event has the fields that ingest makes of its lines");
    Map<Path, String> texts = new LinkedHashMap<>();
    texts.put(schemaFile(target), resource("access_log.avsc"));
    texts.put(
        target.resolve("views").resolve(event + "_by_hour.sql"),
        resource("access_log_by_hour.sql"));
    return texts;
  }

  private String resource(String name) {
    try (InputStream in = InitCommand.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("access_log", event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(Map<Path, String> drafts) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    for (Map.Entry<Path, String> draft : drafts.entrySet()) {
      Path file = draft.getKey();
      if (isDry) {
        out.println("# " + file + "\n" + draft.getValue());
      } else if (!Files.exists(file)) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, draft.getValue());
        out.println(file + ": written");
      } else if (Files.readString(file).equals(draft.getValue())) {
        out.println(file + ": as it was");
      } else {
        out.println(file + ": kept as it is; the draft of this look differs (--dry-run prints it)");
      }
    }
    out.flush();
  }

  /** What is written is tried on what was seen, as ingest will. */
  private void verify(Path target, Inputs inputs, FileFormat known, RecordLimits limits) {
    EventSchema schema = EventSchema.read(schemaFile(target));
    Optional<FieldMap> map =
        Files.exists(mapping(target))
            ? Optional.of(FieldMap.read(mapping(target)))
            : Optional.empty();
    Trial trial = new Trial(schema, map, most);
    trial.on(known, inputs.sources(), limits);
    say(
        String.format(
            Locale.ROOT,
            "ingest would accept %,d of these records and reject %,d",
            trial.accepted(),
            trial.rejected()));
    trial.reasons().forEach(reason -> say("  " + reason));
  }

  private void next(Path target, FileFormat known) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("Next, look at the drafts, and then:");
    out.println("  recount plan --schemas " + target);
    out.println("  recount apply --schemas " + target);
    out.println("  " + ingest(mapping(target), known.layout(), Files.exists(mapping(target))));
    out.flush();
  }

  private String ingest(Path map, RecordLayout layout, boolean isMapped) {
    String name = layout.format().name().toLowerCase(Locale.ROOT);
    return "recount ingest "
        + event
        + (layout.format() == RecordFormat.NDJSON ? "" : " --format " + name)
        + (isMapped ? " --map " + map : "")
        + " "
        + (files.isEmpty() ? "-" : String.join(" ", files));
  }

  private void say(String note) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(note);
    err.flush();
  }
}
