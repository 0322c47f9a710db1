package dev.recount.demo;

import dev.recount.contract.cli.Commands;
import dev.recount.demo.bench.BenchCommand;
import picocli.CommandLine.Command;

/** The commands of this module. */
@Command(
    name = "recount",
    subcommands = {DemoCommand.class, BenchCommand.class},
    mixinStandardHelpOptions = true)
public final class DemoCli {
  private DemoCli() {}

  public static void main(String[] arguments) {
    Commands.main(new DemoCli(), arguments);
  }
}
