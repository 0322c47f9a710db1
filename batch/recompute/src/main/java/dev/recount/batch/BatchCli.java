package dev.recount.batch;

import dev.recount.batch.archive.CompactCommand;
import dev.recount.batch.archive.ErasuresCommand;
import dev.recount.batch.archive.FilesCommand;
import dev.recount.batch.audit.AuditCommand;
import dev.recount.batch.backfill.BackfillCommand;
import dev.recount.batch.clean.CleanCommand;
import dev.recount.batch.erase.EraseCommand;
import dev.recount.batch.run.RollbackCommand;
import dev.recount.batch.run.RunCommand;
import dev.recount.batch.run.RunsCommand;
import dev.recount.batch.version.DropCli;
import dev.recount.batch.version.VersionCli;
import dev.recount.core.cli.Commands;
import picocli.CommandLine.Command;

/** The commands of the batch layer: {@code recount batch run} and {@code recount audit}. */
@Command(
    name = "recount",
    mixinStandardHelpOptions = true,
    description = "Recomputes views over the whole archive, and checks what is served.",
    subcommands = {
      BatchCli.Batch.class,
      BatchCli.ArchiveGroup.class,
      AuditCommand.class,
      VersionCli.class,
      DropCli.class
    })
public final class BatchCli {
  /** {@code recount batch}. */
  @Command(
      name = "batch",
      mixinStandardHelpOptions = true,
      description = "Recomputes views over the whole archive.",
      subcommands = {
        RunCommand.class,
        RunsCommand.class,
        RollbackCommand.class,
        BackfillCommand.class,
        CleanCommand.class
      })
  static final class Batch {}

  /** {@code recount archive}. */
  @Command(
      name = "archive",
      mixinStandardHelpOptions = true,
      description = "Looks after the files that hold all events.",
      subcommands = {
        CompactCommand.class,
        FilesCommand.class,
        EraseCommand.class,
        ErasuresCommand.class
      })
  static final class ArchiveGroup {}

  private BatchCli() {}

  public static void main(String[] arguments) {
    Commands.main(new BatchCli(), arguments);
  }
}
