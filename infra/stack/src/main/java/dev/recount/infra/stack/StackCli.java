package dev.recount.infra.stack;

import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that start, stop and show the local stack, keep its catalog, and make keys. */
@Command(
    name = "recount",
    description = "The local stack.",
    mixinStandardHelpOptions = true,
    subcommands = {
      StackCli.Up.class,
      StackCli.Down.class,
      StackCli.Status.class,
      CatalogCommands.class,
      KeyCommands.class
    })
public final class StackCli {
  public static void main(String[] arguments) {
    Commands.main(new StackCli(), arguments);
  }

  /** Starts the stack. */
  @Command(
      name = "up",
      description = "Starts the local stack and our services.",
      mixinStandardHelpOptions = true)
  static final class Up implements Callable<Integer> {
    @Mixin private HomeOptions options;
    @Spec private CommandSpec spec;

    @Option(
        names = "--detach",
        description = "Return when everything is ready; 'recount down' stops it.")
    private boolean detach;

    @Parameters(paramLabel = "PROCESS", description = "Start only these (default: all).")
    private List<String> names = List.of();

    @Override
    public Integer call() {
      return new UpCommand(options.config(), spec.commandLine().getOut()).run(names, detach);
    }
  }

  /** Stops the stack. */
  @Command(
      name = "down",
      description = "Stops the local stack; the data stays.",
      mixinStandardHelpOptions = true)
  static final class Down implements Callable<Integer> {
    @Mixin private HomeOptions options;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      RecountConfig config = options.config();
      try (LocalStack stack = LocalStack.of(config)) {
        int stopped = stack.stop();
        out.println(
            stopped > 0
                ? "Stopped " + (stopped == 1 ? "1 process." : stopped + " processes.")
                : Files.exists(config.home().path())
                    ? "The stack was down."
                    : "The stack was down: there is no home '" + config.home().path() + "'.");
      }
      return 0;
    }
  }

  /** Shows the stack. */
  @Command(
      name = "status",
      description = "Shows health, freshness, lag, cut and last runs.",
      mixinStandardHelpOptions = true,
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {
        "0:All processes run, and nothing is wrong.",
        "3:A process is down or does not answer, a layer or a view is stalled, a process reports"
            + " a problem, or the disk is full."
      })
  static final class Status implements Callable<Integer> {
    enum Format {
      TABLE,
      JSON
    }

    @Mixin private HomeOptions options;
    @Spec private CommandSpec spec;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "table",
        description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
      RecountConfig config = options.config();
      StackReport report = StackReport.of(config);
      PrintWriter out = spec.commandLine().getOut();
      out.print(format == Format.JSON ? report.json() : report.table());
      out.flush();
      return report.isWell() ? 0 : ErrorCode.STACK_DOWN.kind().exitCode();
    }
  }
}
