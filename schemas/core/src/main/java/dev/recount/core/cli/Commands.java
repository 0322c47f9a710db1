package dev.recount.core.cli;

import dev.recount.core.Nearest;
import dev.recount.core.process.ClassDataMaker;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Runs a command: errors become one line on standard error and the exit code of their kind. */
public final class Commands {
  /** What a shell shows of a command that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  private Commands() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(Object command, String[] arguments) {
    CommandLine line = line(command);
    int code = start(line, arguments);
    ClassDataMaker.afterCommand(code == 0 && !isHelp(line));
    endSelectors();
    System.exit(code);
  }

  /**
   * Ends the threads of HTTP clients, which wait in native code for their sockets: for up to 0.3 s
   * the JVM does not end beside such a thread. From Java 21 on, closing the client does this.
   */
  static void endSelectors() {
    Thread[] threads = new Thread[2 * Thread.activeCount()];
    int count = Thread.enumerate(threads);
    for (int i = 0; i < count; i++) {
      if (threads[i].getName().endsWith("-SelectorManager")) {
        threads[i].interrupt();
      }
    }
  }

  /** Does the same and lives on: for who runs several commands in one process. */
  public static int start(Object command, String... arguments) {
    return start(line(command), arguments);
  }

  private static int start(CommandLine line, String... arguments) {
    if (!isTyped(line.getCommand())) {
      return run(line, arguments);
    }
    CommandLog.toFile(arguments);
    line.setExecutionStrategy(
        parsed -> {
          audit(arguments, parsed).ifPresent(CommandAudit::began);
          return new CommandLine.RunLast().execute(parsed);
        });
    int code = run(line, arguments);
    audit(arguments, line.getParseResult()).ifPresent(begun -> begun.ended(code));
    return code;
  }

  /** The first command of a home finds no folder for logs when it begins. */
  private static Optional<CommandAudit> audit(String[] arguments, CommandLine.ParseResult parsed) {
    return parsed == null
        ? Optional.empty()
        : CommandLog.logs(arguments)
            .flatMap(logs -> CommandAudit.of(logs, Clock.systemUTC(), parsed));
  }

  private static boolean isHelp(CommandLine line) {
    return line.getParseResult().asCommandLineList().stream()
        .anyMatch(CommandLine::isUsageHelpRequested);
  }

  /** Whether a person typed it: such a command says things itself, only services log. */
  private static boolean isTyped(Object command) {
    CommandLine.Command spec = command.getClass().getAnnotation(CommandLine.Command.class);
    return spec != null && spec.name().equals("recount");
  }

  /**
   * @return 0 if the command succeeded, else what it answered or the exit code of the error's kind
   */
  public static int run(Object command, String... arguments) {
    return run(line(command), arguments);
  }

  /** The command line of a command, which has not been run. */
  public static CommandLine line(Object command) {
    // Looking for Groovy's closures starts Groovy where a library brings it.
    System.setProperty("picocli.disable.closures", "true");
    CommandLine line =
        new CommandLine(command)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(Commands::wrongUsage)
            .setExecutionExceptionHandler((e, at, parsed) -> report(e, at.getErr()));
    leaveOutVersion(line);
    return line;
  }

  private static int run(CommandLine line, String... arguments) {
    try {
      return line.execute(arguments);
    } catch (Error e) {
      return report(e, line.getErr());
    }
  }

  /** Picocli's standard options hold one for the version, and there is none to be shown. */
  private static void leaveOutVersion(CommandLine line) {
    CommandLine.Model.CommandSpec spec = line.getCommandSpec();
    CommandLine.Model.OptionSpec version = spec.findOption("--version");
    if (version != null) {
      spec.remove(version);
    }
    line.getSubcommands().values().forEach(Commands::leaveOutVersion);
  }

  private static int wrongUsage(CommandLine.ParameterException e, String[] arguments) {
    PrintWriter err = e.getCommandLine().getErr();
    Optional<String> misplaced = misplaced(e);
    err.println("USAGE: " + misplaced.orElse(e.getMessage()));
    if (misplaced.isEmpty() && !CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      suggestCommand(e, err);
    }
    err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    return ErrorCode.USAGE.kind().exitCode();
  }

  /** A command's options before its name, where only the group's options belong. */
  private static Optional<String> misplaced(CommandLine.ParameterException e) {
    CommandLine group = e.getCommandLine();
    if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched)
        || group.getSubcommands().isEmpty()) {
      return Optional.empty();
    }
    List<String> options =
        unmatched.getUnmatched().stream()
            .filter(word -> word.startsWith("-"))
            .map(word -> word.replaceFirst("=.*", ""))
            .toList();
    if (options.isEmpty()) {
      return Optional.empty();
    }
    String name = group.getCommandSpec().qualifiedName();
    return options.stream()
        .filter(o -> group.getSubcommands().values().stream().noneMatch(c -> knows(c, o)))
        .findFirst()
        .map(unknown -> "Unknown option: '" + unknown + "'")
        .or(
            () ->
                Optional.of(
                    "Put options after the command, as in '"
                        + name
                        + " "
                        + new TreeSet<>(group.getSubcommands().keySet()).first()
                        + " "
                        + options.get(0)
                        + " ...'"));
  }

  private static boolean knows(CommandLine command, String option) {
    return command.getCommandSpec().findOption(option) != null
        || command.getSubcommands().values().stream().anyMatch(c -> knows(c, option));
  }

  private static void suggestCommand(CommandLine.ParameterException e, PrintWriter err) {
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      Nearest.of(unmatched.getUnmatched().get(0), e.getCommandLine().getSubcommands().keySet())
          .ifPresent(name -> err.println("Did you mean: " + name + "?"));
    }
  }

  private static int report(Throwable thrown, PrintWriter err) {
    if (isEnding()) {
      // Whatever fails now, fails because the process was told to end; nobody asks why.
      return INTERRUPTED;
    }
    RecountException error = explain(thrown);
    if (error.getCause() != null) {
      LoggerFactory.getLogger(Commands.class).error("A command failed", thrown);
    }
    err.println(error.code() + ": " + error.getMessage());
    return error.code().kind().exitCode();
  }

  /** Whether the process ends already: by Ctrl-C, for one. */
  private static boolean isEnding() {
    Thread probe = new Thread("probe");
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      Runtime.getRuntime().removeShutdownHook(probe);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static RecountException explain(Throwable e) {
    if (e instanceof RecountException known) {
      return known.code() == ErrorCode.DISK_FULL || !FileErrors.isFull(known)
          ? known
          : RecountException.of(
              ErrorCode.DISK_FULL, known, "%s; free some space", known.getMessage());
    }
    if (e instanceof OutOfMemoryError) {
      return RecountException.of(
          ErrorCode.MEMORY_EXHAUSTED,
          e,
          "Cannot finish: %s, at most %s MiB; give it more with "
              + "RECOUNT_JAVA_OPTIONS=-Xmx4g, or ask for less at a time",
          e.getMessage(),
          Runtime.getRuntime().maxMemory() / (1024 * 1024));
    }
    return FileErrors.find(e).orElseGet(() -> unexpected(e));
  }

  private static RecountException unexpected(Throwable e) {
    return RecountException.of(
        ErrorCode.INTERNAL,
        e,
        "Cannot finish: %s; this is a bug, %s has the details",
        e,
        CommandLog.where());
  }
}
