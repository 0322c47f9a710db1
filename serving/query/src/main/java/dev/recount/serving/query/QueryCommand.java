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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends a query to the serving process and prints the answer. */
@Command(
    name = "query",
    mixinStandardHelpOptions = true,
    subcommands = {RunningQueries.Listing.class, RunningQueries.Cancel.class},
    description = {
      "Asks one view of a running stack, in SQL.",
      "Measures are written MEASURE(name): recount query \"SELECT status, MEASURE(requests) FROM"
          + " traffic GROUP BY status\"."
    })
final class QueryCommand implements Callable<Integer> {
  private static final Duration GRACE = Duration.ofSeconds(20);

  @Mixin private HomeOptions options;

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "SQL", description = "One SELECT over one view.")
  private String sql;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "merged",
      description = "merged, batch, speed or deltas (default: merged).")
  private String mode;

  @Option(
      names = "--as-of",
      paramLabel = "MOMENT",
      description = {
        "Only what arrived before this counts, such as 2015-05-17T10:05:00Z.",
        "It may not be before the cut of the batch run that is served."
      })
  private String asOf;

  @Option(names = "--shares", description = "Also print the part of each layer of what adds up.")
  private boolean shares;

  @Option(
      names = "--fill",
      paramLabel = "WITH",
      description = "Print a row for every time of a series: zero or null.")
  private String fill;

  @Option(
      names = "--timezone",
      paramLabel = "ZONE",
      description = "By whose clocks times are cut and printed (default: UTC).")
  private String timezone;

  @Option(
      names = "--time-format",
      paramLabel = "FORMAT",
      description = "How moments are printed: iso, ms, s or a pattern (default: iso).")
  private String timeFormat;

  @Option(names = "--strict", description = "Refuse an answer that is not complete.")
  private boolean strict;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "TABLE",
      description = "table, json, csv or ndjson (default: table).")
  private Format format;

  /** How the answer is printed. */
  enum Format {
    TABLE,
    JSON,
    CSV,
    NDJSON
  }

  private Map<String, Object> request() {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("sql", sql);
    request.put("mode", mode);
    request.put("as_of", asOf);
    request.put("shares", shares);
    request.put("strict", strict);
    request.put("fill", fill);
    request.put("timezone", timezone);
    request.put("time_format", timeFormat);
    return request;
  }

  @Override
  public Integer call() {
    if (sql == null) {
      throw new ParameterException(
          spec.commandLine(), "Give one SELECT over one view, or 'list' or 'cancel ID'");
    }
    RecountConfig config = options.config();
    JsonService gateway = ServingClient.of(config, config.serving().timeout().plus(GRACE));
    JsonService.Answer response = gateway.post("/v1/sql", Json.write(request()));
    JsonNode answer = gateway.read(response);
    if (!response.isOk()) {
      throw AnsweredError.of(response, answer);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    switch (format) {
      case JSON -> out.println(response.text());
      case CSV -> out.print(AnswerText.csv(answer));
      case NDJSON -> out.print(AnswerText.ndjson(answer));
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
