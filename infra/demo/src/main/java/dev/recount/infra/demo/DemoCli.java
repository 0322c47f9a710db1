package dev.recount.infra.demo;

import dev.recount.core.cli.Commands;
import dev.recount.infra.demo.bench.BenchCommand;
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
