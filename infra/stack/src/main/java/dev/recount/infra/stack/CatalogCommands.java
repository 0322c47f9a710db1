package dev.recount.infra.stack;

import dev.recount.core.catalog.CatalogBackup;
import dev.recount.core.catalog.CatalogRestore;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that keep a copy of the catalog, and bring it back. */
@Command(
    name = "catalog",
    description = "Backs up the catalog and restores it: it cannot be recomputed.",
    mixinStandardHelpOptions = true,
    subcommands = {CatalogCommands.Backup.class, CatalogCommands.Restore.class})
final class CatalogCommands {
  private CatalogCommands() {}

  /** What both take. */
  static final class Options {
    @Mixin private HomeOptions home;

    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Replace what is there.")
    private boolean yes;
  }

  /** Writes a backup. */
  @Command(
      name = "backup",
      description = "Writes all that the catalog holds to a file, while the stack runs.",
      mixinStandardHelpOptions = true)
  static final class Backup implements Callable<Integer> {
    @Mixin private Options options;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      Path file = options.file.toAbsolutePath();
      boolean isThere = Files.exists(file);
      PrintWriter out = spec.commandLine().getOut();
      if (options.dryRun) {
        out.println("Would " + (isThere ? "replace" : "write") + " '" + file + "'.");
        return 0;
      }
      if (isThere && !options.yes) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot back up the catalog to '%s': the file exists; add --yes to replace it",
            file);
      }
      CatalogBackup.Description written =
          CatalogBackup.write(options.home.config(), file, Clock.systemUTC());
      out.println("Backed up the catalog to '" + file + "': " + written.text() + ".");
      return 0;
    }
  }

  /** Restores a backup. */
  @Command(
      name = "restore",
      description = "Makes the catalog what a backup holds; the stack must be down.",
      mixinStandardHelpOptions = true)
  static final class Restore implements Callable<Integer> {
    @Mixin private Options options;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      RecountConfig config = options.home.config();
      CatalogRestore restore =
          new CatalogRestore(config, options.file.toAbsolutePath(), Clock.systemUTC());
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          "The backup is of "
              + restore.description().at()
              + ": "
              + restore.description().text()
              + ".");
      LocalStack stack = LocalStack.of(config);
      if (options.dryRun) {
        out.println(
            restore.replaces()
                ? "It would replace the catalog in '" + config.home().catalog() + "'."
                : "There is no catalog in '" + config.home().catalog() + "' yet.");
        return 0;
      }
      requireConsent(config, restore);
      HomeFolder.requireUsable(config.home());
      StackLock lock = StackLock.take(config.home());
      try {
        requireDown(stack);
        boolean replaces = restore.replaces();
        restore.run();
        out.println(
            "Restored."
                + (replaces ? " The catalog that was there is '" + restore.replaced() + "'." : ""));
        out.println("Then: recount up, recount apply, recount batch run, recount audit.");
      } finally {
        lock.close();
      }
      return 0;
    }

    private void requireConsent(RecountConfig config, CatalogRestore restore) {
      if (restore.replaces() && !options.yes) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot restore the catalog in '%s': there is one; add --yes to replace it (it is kept "
                + "as '%s')",
            config.home().catalog(),
            restore.replaced());
      }
    }

    /** What runs remembers what the catalog said, and would mix it with what it says then. */
    private static void requireDown(LocalStack stack) {
      List<String> running = stack.running();
      if (!running.isEmpty()) {
        throw RecountException.of(
            ErrorCode.CONFIG_INVALID,
            "Cannot restore the catalog: %s; stop the stack first (recount down)",
            String.join(", ", running) + (running.size() == 1 ? " is running" : " are running"));
      }
    }
  }
}
