package dev.recount.serving.query;

import dev.recount.core.cli.Commands;
import picocli.CommandLine.Command;

/** The root of {@code recount query}. */
@Command(
    name = "recount",
    mixinStandardHelpOptions = true,
    subcommands = QueryCommand.class,
    description = "Asks the views of a running stack.")
public final class QueryCli {
  /** Runs the command line. */
  public static void main(String[] arguments) {
    Commands.main(new QueryCli(), arguments);
  }
}
