package dev.recount.serving.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
      "Asks the views.",
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
      description = "merged, batch or speed (default: merged).")
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
    HttpResponse<String> response = send(config);
    if (response.statusCode() != 200) {
      throw error(response);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    JsonNode answer = parse(response.body());
    switch (format) {
      case JSON:
        out.println(response.body());
        break;
      case CSV:
        out.print(AnswerText.csv(answer));
        break;
      default:
        out.print(AnswerText.table(answer));
        break;
    }
    out.flush();
    if (format != Format.JSON) {
      err.println(AnswerText.provenance(answer.path("provenance")));
      err.flush();
    }
    return 0;
  }

  private HttpResponse<String> send(RecountConfig config) {
    URI uri = URI.create("http://localhost:" + config.ports().serving() + "/v1/sql");
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(config.serving().timeout().plus(GRACE))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql, "mode", mode))))
            .build();
    try {
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build()
          .send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new RecountException(
          ErrorCode.STACK_DOWN,
          "Cannot ask at '" + uri + "': nothing answers there; start the stack with recount up",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.INTERNAL, "Cannot wait for the answer: interrupted", e);
    }
  }

  private static JsonNode parse(String body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      throw new RecountException(
          ErrorCode.STACK_DOWN,
          "Cannot read the answer: what answers at the serving port is not Recount; see recount"
              + " status",
          e);
    }
  }

  private static RecountException error(HttpResponse<String> response) {
    JsonNode body = parse(response.body());
    String code = body.path("code").asText();
    ErrorCode known =
        Arrays.stream(ErrorCode.values())
            .filter(c -> c.name().equals(code))
            .findFirst()
            .orElse(ErrorCode.INTERNAL);
    Map<String, Object> details = new LinkedHashMap<>();
    body.path("details").fields().forEachRemaining(e -> details.put(e.getKey(), e.getValue()));
    return new RecountException(
        known, body.path("message").asText("HTTP " + response.statusCode()), details, null);
  }
}
