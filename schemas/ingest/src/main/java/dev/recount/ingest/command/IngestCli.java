package dev.recount.ingest.command;

import dev.recount.core.cli.Commands;
import dev.recount.ingest.init.InitCommand;
import picocli.CommandLine.Command;

/** The commands of this module that read files: {@code recount ingest}, {@code recount init}. */
@Command(
    name = "recount",
    subcommands = {IngestCommand.class, InitCommand.class})
public final class IngestCli {
  public static void main(String[] arguments) {
    Commands.main(new IngestCli(), arguments);
  }
}
