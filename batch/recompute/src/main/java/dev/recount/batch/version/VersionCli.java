package dev.recount.batch.version;

import dev.recount.batch.diff.DiffCommand;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.VersionTests;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.version.VersionReport;
import dev.recount.core.version.Versions;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount version}. */
@Command(
    name = "version",
    mixinStandardHelpOptions = true,
    description = "Shows the versions of views, leads readers from one to another, removes them.",
    subcommands = {
      VersionCli.ListCommand.class,
      DiffCommand.class,
      VersionCli.PromoteCommand.class,
      VersionCli.DropCommand.class
    })
public final class VersionCli {
  /** How a report is printed. */
  enum Format {
    table,
    json
  }

  private VersionCli() {}

  /** {@code recount version list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = {
        "Shows the versions of views, and how far each is: since when speed holds all of it, until"
            + " when batch covers it, and whether readers can be led to it."
      })
  static final class ListCommand implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VIEW", arity = "0..1", description = "The view (default: all views).")
    private String view;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        description = "table or json (default: table).")
    private Format format = Format.table;

    @Override
    public Integer call() {
      try (Catalog catalog = Catalog.open(home.config())) {
        Versions versions = new Versions(catalog);
        List<VersionReport> found = view == null ? versions.list() : versions.list(view);
        print(spec, format == Format.json ? Json.write(found) : VersionText.list(found));
      }
      return 0;
    }
  }

  /** {@code recount version promote}. */
  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = {
        "Leads the readers of a view to another of its versions, in one step.",
        "A query sees one version wholly. The version that readers saw before is kept, and computed,"
            + " until it is dropped.",
        "The tests that 'recount apply' kept with the version run first, and must pass."
      })
  static final class PromoteCommand implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VIEW", description = "The view.")
    private String view;

    @Option(names = "--to", paramLabel = "N", description = "The version (default: the newest).")
    private Integer to;

    @Option(names = "--dry-run", description = "Only say what would change.")
    private boolean dryRun;

    @Option(names = "--force", description = "Do not run the version's tests.")
    private boolean isForced;

    @Override
    public Integer call() {
      try (Catalog catalog = Catalog.open(home.config())) {
        Versions versions = new Versions(catalog);
        Versions.Promotion promotion = versions.promotion(view, to);
        if (!isForced && !promotion.changesNothing()) {
          requireTestsPass(catalog, promotion.to());
        }
        if (!dryRun) {
          promotion = versions.promote(view, promotion.to().version());
        }
        print(spec, VersionText.promotion(promotion, dryRun));
      }
      return 0;
    }

    private void requireTestsPass(Catalog catalog, VersionReport version) {
      ViewVersion tested = catalog.views().find(view, version.version()).orElseThrow();
      Progress.ofProcess().say("Running the tests of " + tested.name() + " ...");
      List<String> failures =
          VersionTests.find().orElseThrow().failures(home.config(), catalog, tested);
      if (!failures.isEmpty()) {
        throw RecountException.of(
            ErrorCode.VERSION_NOT_PROMOTABLE,
            "Cannot promote version %d of view '%s': %d of its tests do not pass, as 'recount test"
                + " %s' shows them; mend the view, or promote it all the same with --force:%n%s",
            version.version(),
            view,
            failures.size(),
            view,
            String.join("\n", failures));
      }
    }
  }

  /** {@code recount version drop}. */
  @Command(
      name = "drop",
      mixinStandardHelpOptions = true,
      description = {
        "Removes a version of a view that readers do not see: its tables, topic and files.",
        "Waits for a run that is under way. If it is stopped, ask again: it goes on with what is"
            + " left. The archive stays, so applying the same file again brings it back."
      })
  static final class DropCommand implements Callable<Integer> {
    private static final Pattern NAME = Pattern.compile("([^@]+)@([1-9]\\d{0,8})");

    @Mixin private HomeOptions home;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VIEW@N", description = "The version, such as page_views@1.")
    private String name;

    @Option(names = "--dry-run", description = "Only say what would go.")
    private boolean dryRun;

    @Override
    public Integer call() {
      Matcher parts = NAME.matcher(name);
      if (!parts.matches()) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot drop '%s': name one version, such as %s@1; 'recount drop view' removes all",
            name,
            name.replaceFirst("@.*", ""));
      }
      String view = parts.group(1);
      int number = Integer.parseInt(parts.group(2));
      Progress progress = Progress.ofProcess();
      try (Catalog catalog = Catalog.open(home.config())) {
        Dropping dropping = new Dropping(home.config(), catalog, progress::say);
        VersionReport report = find(catalog, view, number);
        if (report == null) {
          sayGone(view, number);
          return 0;
        }
        requireUnused(report);
        if (dryRun) {
          print(spec, "Would go:\n" + whatGoes(dropping, report));
          return 0;
        }
        List<ViewVersion> marked = dropping.alone(() -> mark(catalog, dropping, view, number));
        if (marked.isEmpty()) {
          sayGone(view, number);
          return 0;
        }
        dropping.removeWhenFree(marked);
      }
      return 0;
    }

    private void sayGone(String view, int number) {
      print(spec, "Version " + number + " of view '" + view + "' is gone already.");
    }

    /** Null of one that was there once. */
    private static VersionReport find(Catalog catalog, String view, int number) {
      Versions versions = new Versions(catalog);
      for (VersionReport report : versions.list()) {
        if (report.view().equals(view) && report.version() == number) {
          return report;
        }
      }
      boolean wasThere = number < catalog.views().nextVersion(view);
      if (!wasThere) {
        List<VersionReport> known = versions.list(view);
        throw RecountException.of(
            ErrorCode.VIEW_UNKNOWN,
            "Cannot drop version %s of view '%s': it has the versions %s",
            number,
            view,
            known.stream().map(VersionReport::version).toList());
      }
      return null;
    }

    private static void requireUnused(VersionReport report) {
      if (report.state().equals(VersionReport.ACTIVE)) {
        throw inUse(report.view(), report.version());
      }
    }

    /** Empty if somebody else has just removed it. */
    private static List<ViewVersion> mark(
        Catalog catalog, Dropping dropping, String view, int number) {
      boolean isMarked = catalog.views().markDropped(view, number);
      if (!isMarked && catalog.views().find(view, number).isPresent()) {
        throw inUse(view, number);
      }
      return dropping.marked().stream()
          .filter(version -> version.viewName().equals(view) && version.version() == number)
          .toList();
    }

    private static RecountException inUse(String view, int version) {
      return RecountException.of(
          ErrorCode.IN_USE,
          "Cannot drop version %s of view '%s': readers see it; lead them to another first"
              + " (recount version promote %s --to N), or remove the whole view (recount drop view"
              + " %s)",
          version,
          view,
          view,
          view);
    }
  }

  /** What is a version's own. */
  static String whatGoes(Dropping dropping, VersionReport version) {
    return String.format(
        Locale.ROOT,
        "  Pinot tables %s_OFFLINE and %s_REALTIME, topic %s, %,d bytes of rows on the lake",
        version.table(),
        version.table(),
        Topics.deltas(version.table()),
        dropping.bytes(version.table()));
  }

  static void print(CommandSpec spec, String text) {
    spec.commandLine().getOut().println(text);
    spec.commandLine().getOut().flush();
  }
}
