package dev.recount.serving.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.infra.clients.http.AnsweredError;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.ServingClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends a query to the serving process and prints the answer. */
@Command(
    name = "query",
    mixinStandardHelpOptions = true,
    description = {
      "Asks one view of a running stack, in SQL.",
      "Measures are written MEASURE(name): recount query \"SELECT status, MEASURE(requests) FROM traffic GROUP BY status\"."
    })
final class QueryCommand implements Callable<Integer> {
  private static final Duration GRACE = Duration.ofSeconds(20);

  @Mixin private HomeOptions options;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SQL", description = "One SELECT over one view.")
  private String sql;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "merged",
      description = "merged, batch, speed or deltas (default: merged).")
  private String mode;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "TABLE",
      description = "table, json or csv (default: table).")
  private Format format;

  /** How the answer is printed. */
  enum Format {
    TABLE,
    JSON,
    CSV
  }

  @Override
  public Integer call() {
    RecountConfig config = options.config();
    JsonService gateway = ServingClient.of(config, config.serving().timeout().plus(GRACE));
    JsonService.Answer response =
        gateway.post("/v1/sql", Json.write(Map.of("sql", sql, "mode", mode)));
    JsonNode answer = gateway.read(response);
    if (!response.isOk()) {
      throw AnsweredError.of(response, answer);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    switch (format) {
      case JSON -> out.println(response.text());
      case CSV -> out.print(AnswerText.csv(answer));
      default -> out.print(AnswerText.table(answer));
    }
    out.flush();
    if (format != Format.JSON) {
      err.println(AnswerText.provenance(answer.path("provenance")));
      err.flush();
    }
    return 0;
  }
}
