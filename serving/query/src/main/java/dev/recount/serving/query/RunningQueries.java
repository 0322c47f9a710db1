package dev.recount.serving.query;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.cli.HomeOptions;
import dev.recount.infra.clients.http.AnsweredError;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.ServingClient;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The queries that the serving process is answering: shows and ends them. */
final class RunningQueries {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PATH = "/v1/queries";
  private static final String LINE = "%-12s %-20s %-8s %9s  %-16s %s%n";

  private RunningQueries() {}

  private enum Format {
    TABLE,
    JSON
  }

  /** What both do: ask the serving process, and print its answer. */
  private abstract static class Action implements Callable<Integer> {
    @Mixin private HomeOptions home;
    @Spec private CommandSpec spec;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "TABLE",
        description = "table or json (default: table).")
    private Format format;

    abstract JsonService.Answer ask(JsonService serving);

    abstract String text(JsonNode answer);

    @Override
    public final Integer call() {
      JsonService serving = ServingClient.of(home.config(), PATIENCE);
      JsonService.Answer response = ask(serving);
      JsonNode answer = serving.read(response);
      if (!response.isOk()) {
        throw AnsweredError.of(response, answer);
      }
      PrintWriter out = spec.commandLine().getOut();
      out.println(format == Format.JSON ? response.text() : text(answer).stripTrailing());
      out.flush();
      return 0;
    }
  }

  /** {@code recount query list}. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the queries that are being answered, the oldest first.")
  static final class Listing extends Action {
    @Override
    JsonService.Answer ask(JsonService serving) {
      return serving.get(PATH);
    }

    @Override
    String text(JsonNode answer) {
      return table(answer.path("queries"));
    }
  }

  /** {@code recount query cancel}. */
  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "Ends a query: who asked it gets the error QUERY_CANCELLED.")
  static final class Cancel extends Action {
    @Parameters(paramLabel = "ID", description = "As 'recount query list' shows it.")
    private String id;

    @Override
    JsonService.Answer ask(JsonService serving) {
      String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
      return serving.delete(PATH + "/" + encoded);
    }

    @Override
    String text(JsonNode answer) {
      return answer.path("message").asText();
    }
  }

  /** One line a query; its text on one line. */
  static String table(JsonNode queries) {
    if (queries.isEmpty()) {
      return "no query is being answered";
    }
    StringBuilder text =
        new StringBuilder(
            String.format(LINE, "id", "view", "mode", "running", "asked by", "query"));
    for (JsonNode query : queries) {
      text.append(
          String.format(
              Locale.ROOT,
              LINE,
              query.path("id").asText(),
              query.path("view").asText(),
              query.path("mode").asText(),
              String.format(Locale.ROOT, "%.1f s", query.path("running_ms").asDouble() / 1000),
              query.path("asked_by").asText(),
              query.path("sql").asText().replaceAll("\\p{Cntrl}+", " ")));
    }
    return text.toString();
  }
}
