package dev.recount.batch.diff;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.diff.DiffOutcome;
import dev.recount.core.diff.VersionDiff;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.http.AnsweredError;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.ServingClient;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount version diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Compares what two versions of a view answer, of the same arrivals: totals, groups, the largest"
          + " differences.",
      "Without --from and --to: the version that readers see and the newest of the others. Without"
          + " VIEW: the versions of each view that has several, a summary first.",
      "Exits with 1 if a view cannot be compared."
    })
public final class DiffCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** How a comparison is printed. */
  enum Format {
    table,
    json,
    html
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "VIEW",
      arity = "0..1",
      description = "The view (default: all views with several versions).")
  private String view;

  @Option(
      names = "--from",
      paramLabel = "N",
      description = "The first version (default: the one that readers see).")
  private Integer from;

  @Option(
      names = "--to",
      paramLabel = "N",
      description = "The second version (default: the newest of the others).")
  private Integer to;

  @Option(
      names = "--by",
      paramLabel = "COLUMN",
      split = ",",
      description = "Dimensions by which both are grouped (default: all that both have).")
  private List<String> by = List.of();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "How many differences of each kind are shown (default: 10).")
  private Integer limit;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table, json or html (default: table).")
  private Format format = Format.table;

  @Override
  public Integer call() {
    if (view == null && (from != null || to != null || !by.isEmpty() || limit != null)) {
      throw new RecountException(
          ErrorCode.USAGE,
          "Cannot compare versions: --from, --to, --by and --limit are of one view; name it");
    }
    RecountConfig config = home.config();
    JsonService gateway = ServingClient.of(config, PATIENCE);
    if (view != null) {
      JsonNode answer = ask(gateway, path());
      VersionDiff diff = read(answer, VersionDiff.class);
      print(
          switch (format) {
            case json -> answer.toString();
            case html -> DiffHtml.page(diff);
            case table -> DiffText.of(diff);
          });
      return 0;
    }
    JsonNode answer = ask(gateway, "/v1/diffs").path("diffs");
    List<DiffOutcome> outcomes = Arrays.asList(read(answer, DiffOutcome[].class));
    print(
        switch (format) {
          case json -> answer.toString();
          case html -> DiffHtml.page(outcomes);
          case table -> DiffText.of(outcomes);
        });
    return outcomes.stream().allMatch(outcome -> outcome.error() == null) ? 0 : 1;
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }

  private String path() {
    List<String> parameters = new ArrayList<>();
    if (from != null) {
      parameters.add("from=" + from);
    }
    if (to != null) {
      parameters.add("to=" + to);
    }
    if (limit != null) {
      parameters.add("limit=" + limit);
    }
    by.forEach(column -> parameters.add("by=" + encoded(column)));
    return "/v1/views/" + encoded(view) + "/diff?" + String.join("&", parameters);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static JsonNode ask(JsonService gateway, String path) {
    JsonService.Answer answer = gateway.get(path);
    JsonNode body = gateway.read(answer);
    if (!answer.isOk()) {
      throw AnsweredError.of(answer, body);
    }
    return body;
  }

  private static <T> T read(JsonNode json, Class<T> type) {
    try {
      return Json.MAPPER.treeToValue(json, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
