package dev.recount.cases;

import dev.recount.core.cli.Commands;
import picocli.CommandLine.Command;

/** The command of this module: {@code recount test}. */
@Command(
    name = "recount",
    subcommands = {TestCommand.class})
public final class CasesCli {
  public static void main(String[] arguments) {
    Commands.main(new CasesCli(), arguments);
  }
}
