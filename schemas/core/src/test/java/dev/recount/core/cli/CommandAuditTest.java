package dev.recount.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

class CommandAuditTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-03-28T10:30:00Z"), ZoneOffset.UTC);

  @TempDir private Path logs;

  @Command(name = "recount", mixinStandardHelpOptions = true, subcommands = Batch.class)
  static final class Root {}

  @Command(name = "batch", mixinStandardHelpOptions = true)
  static final class Batch {
    @Command(name = "runs", mixinStandardHelpOptions = true)
    void runs(@Parameters String view) {}

    @Command(name = "rollback", mixinStandardHelpOptions = true)
    void rollback(@Parameters String view) {}
  }

  private Optional<CommandAudit> of(String... words) {
    return CommandAudit.of(logs, CLOCK, new CommandLine(new Root()).parseArgs(words));
  }

  @Test
  void changes_areNoted_whenTheyBeginAndWhenTheyEnd() throws IOException {
    CommandAudit audit = of("batch", "rollback", "a \"b\"").orElseThrow();
    audit.began();
    audit.ended(3);
    List<String> lines = Files.readAllLines(logs.resolve(CommandAudit.NAME));
    assertThat(lines).hasSize(2);
    JsonNode began = Json.read(lines.get(0), JsonNode.class);
    assertThat(began.path("at").asText()).isEqualTo("2026-03-28T10:30:00Z");
    assertThat(began.path("who").asText()).isEqualTo(System.getProperty("user.name"));
    assertThat(began.path("what").asText()).isEqualTo("recount batch rollback a \"b\"");
    assertThat(began.path("result").asText()).isEqualTo("began");
    JsonNode ended = Json.read(lines.get(1), JsonNode.class);
    assertThat(ended.path("exit_code").asInt()).isEqualTo(3);
    assertThat(ended.path("process_id")).isEqualTo(began.path("process_id"));
  }

  @Test
  void whatChangesNothing_isNotNoted() {
    assertThat(of("batch", "runs", "v")).isEmpty();
    assertThat(of("batch", "rollback", "v", "--help")).isEmpty();
    assertThat(of()).isEmpty();
  }
}
