package dev.recount.core.cli;

import dev.recount.core.Json;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * Notes in the home who changed what with a command: a line of JSON when it begins, and one with
 * its exit code when it ends; of one that was killed there is the first only.
 */
final class CommandAudit {
  static final String NAME = "audit-commands.log";

  /** All others change something, or may. */
  private static final Set<String> READS =
      Set.of(
          "",
          "archive erasures",
          "archive files",
          "audit",
          "batch runs",
          "bench",
          "deadletters list",
          "init",
          "key list",
          "plan",
          "query",
          "schedule history",
          "schedule list",
          "status",
          "test",
          "version diff",
          "version list");

  private final Path logs;
  private final Clock clock;
  private final Map<String, Object> line = new LinkedHashMap<>();

  private CommandAudit(Path logs, Clock clock, List<String> words) {
    this.logs = logs;
    this.clock = clock;
    line.put("at", null);
    line.put("who", System.getProperty("user.name"));
    // As sshd names it: address, and the ports of both ends.
    line.put("from", System.getenv().getOrDefault("SSH_CLIENT", "local").replaceFirst(" .*", ""));
    line.put("what", "recount " + String.join(" ", words));
    line.put("process_id", ProcessHandle.current().pid());
  }

  /** The log for a command that changes something; empty for one that does not. */
  static Optional<CommandAudit> of(Path logs, Clock clock, ParseResult parsed) {
    List<CommandLine> commands = parsed.asCommandLineList();
    String name =
        commands.stream().skip(1).map(CommandLine::getCommandName).collect(Collectors.joining(" "));
    boolean isHelp = commands.stream().anyMatch(CommandLine::isUsageHelpRequested);
    return isHelp || READS.contains(name)
        ? Optional.empty()
        : Optional.of(new CommandAudit(logs, clock, parsed.originalArgs()));
  }

  void began() {
    write("result", "began");
  }

  void ended(int exitCode) {
    write("exit_code", exitCode);
  }

  private void write(String name, Object value) {
    Map<String, Object> written = new LinkedHashMap<>(line);
    written.put("at", clock.instant().toString());
    written.put(name, value);
    Path file = logs.resolve(NAME);
    CommandLog.keepSmall(file);
    CommandLogFile.append(file, Json.write(written) + "\n");
  }
}
