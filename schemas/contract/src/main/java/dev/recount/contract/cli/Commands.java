package dev.recount.contract.cli;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Runs a command: errors become one line on standard error and the exit code of their kind. */
public final class Commands {
  private Commands() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(Object command, String[] arguments) {
    if (isTyped(command)) {
      System.setProperty("recount.log.own", "ERROR");
      System.setProperty("recount.log.libraries", "ERROR");
    }
    System.exit(run(command, arguments));
  }

  /** Whether a person typed it: such a command says things itself, only services log. */
  private static boolean isTyped(Object command) {
    CommandLine.Command spec = command.getClass().getAnnotation(CommandLine.Command.class);
    return spec != null && spec.name().equals("recount");
  }

  /**
   * @return 0 where the command succeeded, else what it answered or the exit code of the error's
   *     kind
   */
  public static int run(Object command, String... arguments) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Commands::wrongUsage)
        .setExecutionExceptionHandler((e, line, parsed) -> report(e, line.getErr()))
        .execute(arguments);
  }

  private static int wrongUsage(CommandLine.ParameterException e, String[] arguments) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("USAGE: " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    return ErrorCode.USAGE.kind().exitCode();
  }

  private static int report(Exception e, PrintWriter err) {
    RecountException error = e instanceof RecountException known ? known : unexpected(e);
    err.println(error.code() + ": " + error.getMessage());
    return error.code().kind().exitCode();
  }

  private static RecountException unexpected(Exception e) {
    LoggerFactory.getLogger(Commands.class).error("A command failed unexpectedly", e);
    return new RecountException(
        ErrorCode.INTERNAL, "Cannot finish: " + e + "; this is a defect, see the log above", e);
  }
}
