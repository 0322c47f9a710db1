package dev.recount.infra.demo;

import dev.recount.infra.stack.JavaCommand;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Runs commands as {@code bin/recount} does, in one process for all commands of a module: a JVM and
 * a Spark that start for each command take more time than what the commands do.
 */
final class WarmCommands {
  private static final Map<Module, Host> HOSTS = new EnumMap<>(Module.class);

  private WarmCommands() {}

  /** As bin/recount has them; each has a class path of its own. */
  private enum Module {
    PLANNER("schemas/apply", "dev.recount.apply.PlannerCli"),
    DOOR("schemas/ingest", "dev.recount.ingest.command.IngestCli"),
    LETTERS("schemas/ingest", "dev.recount.ingest.letters.LettersCli"),
    QUERY("serving", "dev.recount.serving.query.QueryCli"),
    BATCH("batch/recompute", "dev.recount.batch.BatchCli");

    private final String folder;
    private final String commands;

    Module(String folder, String commands) {
      this.folder = folder;
      this.commands = commands;
    }

    static Module of(String command) {
      return switch (command) {
        case "plan", "apply" -> PLANNER;
        case "ingest" -> DOOR;
        case "deadletters" -> LETTERS;
        case "query" -> QUERY;
        case "batch", "audit" -> BATCH;
        default -> throw new IllegalArgumentException(command);
      };
    }
  }

  /** What a command printed, standard output and error together, and its exit code. */
  record Result(int code, String output) {}

  /** Runs a command and waits for it; those of a module one after the other. */
  static Result run(List<String> words) {
    return host(Module.of(words.get(0))).run(words);
  }

  private static Host host(Module module) {
    synchronized (HOSTS) {
      return HOSTS.computeIfAbsent(module, Host::new);
    }
  }

  /** The process; the end of its input, which comes with that of the tests, ends it. */
  private static final class Host {
    private final Process process;
    private final PrintStream asked;
    private final BufferedReader answers;

    Host(Module module) {
      String testClasses = Recount.root().resolve("demo/target/test-classes").toString();
      File log = Path.of("target", "commands-" + module.commands + ".log").toFile();
      try {
        process =
            new ProcessBuilder(
                    JavaCommand.of(
                        Recount.root(),
                        module.folder,
                        testClasses,
                        CommandHost.class.getName(),
                        List.of(module.commands)))
                .redirectError(log)
                .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      asked = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
      answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    synchronized Result run(List<String> words) {
      try {
        asked.println(CommandHost.line(words.toArray(String[]::new)));
        String answer = answers.readLine();
        if (answer == null) {
          throw new IOException("its process has ended");
        }
        String[] parts = answer.split(" ", 2);
        byte[] output = Base64.getDecoder().decode(parts[1]);
        return new Result(Integer.parseInt(parts[0]), new String(output, StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot run " + words + ": " + e.getMessage(), e);
      }
    }
  }
}
