package dev.recount.infra.demo;

import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.stack.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs commands as {@code bin/recount} does, in one process for all commands of a module: a JVM and
 * a Spark that start for each command take more time than what the commands do.
 */
final class WarmCommands {
  private static final Map<String, Host> HOSTS = new HashMap<>();

  private WarmCommands() {}

  /** A command's module and class, as bin/recount has them. */
  private record Program(String module, String commands) {
    static Program of(String command) {
      return switch (command) {
        case "plan", "apply" -> new Program("schemas/apply", "dev.recount.apply.PlannerCli");
        case "ingest", "init" ->
            new Program("schemas/ingest", "dev.recount.ingest.command.IngestCli");
        case "deadletters" ->
            new Program("schemas/ingest", "dev.recount.ingest.letters.LettersCli");
        case "query" -> new Program("serving/query", "dev.recount.serving.query.QueryCli");
        case "schedule" -> new Program("scheduler", "dev.recount.scheduler.command.ScheduleCli");
        case "batch", "archive", "audit", "drop" ->
            new Program("batch/recompute", "dev.recount.batch.BatchCli");
        case "key" -> new Program("infra/stack", "dev.recount.infra.stack.StackCli");
        case "version" -> new Program("schemas/cases", "dev.recount.batch.BatchCli");
        default -> throw new IllegalArgumentException(command);
      };
    }
  }

  /** What a command printed, standard output and error together, and its exit code. */
  record Result(int code, String output) {}

  /** Runs a command and waits for it; those of a module one after the other. */
  static Result run(List<String> words) {
    Program program = Program.of(words.get(0));
    return host(program.module()).run(program.commands(), words);
  }

  private static Host host(String module) {
    synchronized (HOSTS) {
      return HOSTS.computeIfAbsent(module, Host::new);
    }
  }

  /** The process; the end of its input, which comes with that of the tests, ends it. */
  private static final class Host {
    private final Process process;
    private final PrintStream asked;
    private final BufferedReader answers;

    Host(String module) {
      Path log = Path.of("target", "commands-" + module.replace('/', '-') + ".log");
      try {
        String ownClasses =
            Path.of(CommandHost.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
        List<String> command =
            JavaCommand.of(
                Recount.root(), module, ownClasses, CommandHost.class.getName(), List.of());
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
      asked = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
      answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    synchronized Result run(String commands, List<String> words) {
      try {
        asked.println(CommandHost.line(commands, words));
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
