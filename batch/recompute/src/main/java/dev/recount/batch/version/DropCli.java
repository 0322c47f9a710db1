package dev.recount.batch.version;

import dev.recount.batch.archive.CompactCommand;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Confirmation;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.version.VersionReport;
import dev.recount.core.version.Versions;
import dev.recount.event.Topics;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount drop}. */
@Command(
    name = "drop",
    mixinStandardHelpOptions = true,
    description = "Removes a view, or an event that no view reads.",
    subcommands = {DropCli.ViewCommand.class, DropCli.EventCommand.class})
public final class DropCli {
  private DropCli() {}

  private static String heading(Confirmation confirmation) {
    return confirmation.isDryRun() ? "Would go:" : "Goes:";
  }

  /** {@code recount drop view}. */
  @Command(
      name = "view",
      mixinStandardHelpOptions = true,
      description = {
        "Removes a view in all its versions: tables, topics, files, its schedule.",
        "Says what goes and what stays, and asks. Waits for a run that is under way. If it is"
            + " stopped, ask again: it goes on with what is left. Its events stay, so applying its"
            + " file again brings it back."
      })
  static final class ViewCommand implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Mixin private Confirmation confirmation;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "VIEW", description = "The view.")
    private String view;

    @Override
    public Integer call() {
      confirmation.requireAnswer("to remove it");
      Progress progress = Progress.ofProcess();
      try (Catalog catalog = Catalog.open(home.config())) {
        List<VersionReport> versions = versions(catalog);
        if (versions.isEmpty()) {
          sayGone();
          return 0;
        }
        Dropping dropping = new Dropping(home.config(), catalog, progress::say);
        VersionCli.print(spec, plan(dropping, versions));
        if (!confirmation.isMeant("Remove view '" + view + "'?")) {
          return 0;
        }
        List<ViewVersion> marked =
            dropping.alone(
                () -> {
                  catalog.views().markDropped(view);
                  return ofView(dropping.marked());
                });
        if (marked.isEmpty()) {
          // Somebody else has removed it meanwhile.
          sayGone();
          return 0;
        }
        dropping.removeWhenFree(marked);
      }
      return 0;
    }

    private void sayGone() {
      VersionCli.print(spec, "View '" + view + "' is gone already.");
    }

    private List<ViewVersion> ofView(List<ViewVersion> marked) {
      return marked.stream().filter(version -> version.viewName().equals(view)).toList();
    }

    /** Of one that was there once, none. */
    private List<VersionReport> versions(Catalog catalog) {
      Versions versions = new Versions(catalog);
      boolean wasThere = catalog.views().nextVersion(view) > 1;
      return wasThere
          ? versions.list().stream().filter(v -> v.view().equals(view)).toList()
          : versions.list(view);
    }

    private String plan(Dropping dropping, List<VersionReport> versions) {
      String events =
          versions.stream().map(VersionReport::event).distinct().collect(Collectors.joining(", "));
      return String.format(
          Locale.ROOT,
          "%s view '%s'%n%s%n  its schedule, and what is asked for%nStays:%n  the event %s with its"
              + " archive; the history of runs; the view's file, which 'recount apply' would add"
              + " again",
          heading(confirmation),
          view,
          versions.stream()
              .map(version -> VersionCli.whatGoes(dropping, version))
              .collect(Collectors.joining(System.lineSeparator())),
          events);
    }
  }

  /** {@code recount drop event}. */
  @Command(
      name = "event",
      mixinStandardHelpOptions = true,
      description = {
        "Removes an event that no view counts or joins: it is no more taken, archived or counted.",
        "Its topic and its archive stay, so applying its file again goes on where they end. With"
            + " --archive they go too, for good. Says what goes and what stays, and asks. If it is"
            + " stopped, ask again: it goes on with what is left."
      })
  static final class EventCommand implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Mixin private Confirmation confirmation;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "EVENT", description = "The event.")
    private String event;

    @Option(names = "--archive", description = "Remove all its records, too: topic and archive.")
    private boolean archive;

    @Override
    public Integer call() {
      confirmation.requireAnswer("to remove it");
      Progress progress = Progress.ofProcess();
      try (Catalog catalog = Catalog.open(home.config())) {
        boolean isKnown = catalog.events().names().contains(event);
        boolean isLeft = !catalog.events().writerSchemas(event).isEmpty();
        if (!isKnown && !isLeft) {
          if (catalog.events().wasForgotten(event)) {
            VersionCli.print(spec, "Event '" + event + "' is gone already, with its records.");
            return 0;
          }
          CompactCommand.requireKnown(event, catalog.events().names());
        }
        DroppedEvent dropped = new DroppedEvent(home.config(), catalog, progress::say);
        dropped.requireUnread(event);
        if (!isKnown && !archive) {
          VersionCli.print(spec, "Event '" + event + "' is gone already, but for its records.");
          return 0;
        }
        VersionCli.print(spec, plan(dropped));
        if (!confirmation.isMeant("Remove event '" + event + "'?")) {
          return 0;
        }
        new Dropping(home.config(), catalog, progress::say)
            .alone(
                () -> {
                  dropped.requireUnread(event);
                  catalog.events().drop(event);
                  return event;
                });
        if (archive) {
          dropped.removeRecords(event);
        }
        VersionCli.print(spec, "Event '" + event + "' is gone.");
      }
      return 0;
    }

    private String plan(DroppedEvent dropped) {
      String records =
          String.format(
              Locale.ROOT,
              "topic %s, %,d bytes of archive",
              Topics.raw(event),
              dropped.archiveBytes(event));
      return String.format(
          "%s event '%s'%s%nStays:%n  %sits dead letters; its file, which 'recount apply' would add"
              + " again",
          heading(confirmation),
          event,
          archive ? " with all its records: " + records : "",
          archive ? "" : records + "; ");
    }
  }
}
