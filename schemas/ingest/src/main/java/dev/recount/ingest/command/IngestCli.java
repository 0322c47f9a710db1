package dev.recount.ingest.command;

import dev.recount.core.cli.Commands;
import picocli.CommandLine.Command;

/** The commands of this module: {@code recount ingest}. */
@Command(name = "recount", subcommands = IngestCommand.class)
public final class IngestCli {
  public static void main(String[] arguments) {
    Commands.main(new IngestCli(), arguments);
  }
}
