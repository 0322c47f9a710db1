package dev.recount.apply;

import dev.recount.core.cli.Commands;
import picocli.CommandLine.Command;

/** The commands of this module: {@code recount plan} and {@code recount apply}. */
@Command(
    name = "recount",
    subcommands = {PlanCommand.class, ApplyCommand.class})
public final class PlannerCli {
  public static void main(String[] arguments) {
    Commands.main(new PlannerCli(), arguments);
  }
}
