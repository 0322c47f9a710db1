package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.stack.LocalStack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A second serving process over the same stack, in a home of its own, which asks for keys. */
@ExtendWith(WholeStack.class)
class AccessIT {
  private static final Pattern CURL = Pattern.compile("(?m)^curl (.*?) *(?:# .*)?$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");

  @TempDir private static Path home;
  private static RecountConfig config;
  private static LocalStack stack;

  @BeforeAll
  static void start() throws IOException {
    RecountConfig whole = WholeStack.config();
    String password = Files.readString(whole.home().catalog().resolve("password")).strip();
    Files.writeString(
        home.resolve("recount.conf"),
        """
        access.required = true
        cut.grain = %dms
        serving.timeout = 2m
        kafka.bootstrap = "%s"
        pinot.controller = "%s"
        pinot.broker = "%s"
        catalog.url = "jdbc:h2:tcp://localhost:%d/catalog"
        catalog.password = "%s"
        """
            .formatted(
                whole.cut().grain().toMillis(),
                whole.kafkaBootstrap(),
                whole.pinot().controller(),
                whole.pinot().broker(),
                whole.ports().catalog(),
                password));
    config = RecountConfig.load(home, Optional.of(WholeStack.freePorts()), Map.of());
    stack = LocalStack.of(config);
    stack.start("serving");
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  private static String recount(String... words) {
    return WholeStack.requireZero(WarmCommands.run(new Recount(config).withHome(words)));
  }

  private static String key(String name, String... options) {
    List<String> words = new ArrayList<>(List.of("key", "create", name, "--format", "json"));
    words.addAll(List.of(options));
    String said = recount(words.toArray(String[]::new));
    return Json.read(said.lines().findFirst().orElseThrow(), JsonNode.class).path("key").asText();
  }

  /** Sends what a command of curl would. */
  private static HttpResponse<String> curl(String command, String key) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder();
    List<String> words = new ArrayList<>();
    for (Matcher word = WORD.matcher(command.replace("$KEY", key)); word.find(); ) {
      words.add(
          Stream.of(1, 2, 3).map(word::group).filter(Objects::nonNull).findFirst().orElseThrow());
    }
    for (int i = 0; i < words.size(); i++) {
      switch (words.get(i)) {
        case "-H" -> {
          String[] header = words.get(++i).split(": ", 2);
          request.header(header[0], header[1]);
        }
        case "-u" -> {
          byte[] user = words.get(++i).getBytes(StandardCharsets.UTF_8);
          request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
        }
        case "-d" -> request.POST(HttpRequest.BodyPublishers.ofString(words.get(++i)));
        default ->
            request.uri(URI.create(words.get(i).replace(":8080", ":" + config.ports().serving())));
      }
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void examplesOfThePage_work_withAKeyOnly() throws Exception {
    String page = Files.readString(Recount.root().resolve("docs/access.md"));
    String key = key("reports", "--views", "traffic,sales_*");
    List<String> commands = CURL.matcher(page).results().map(match -> match.group(1)).toList();
    assertThat(commands).hasSize(3);
    for (String command : commands) {
      await()
          .atMost(Duration.ofSeconds(150))
          .untilAsserted(
              () -> assertThat(curl(command, key).statusCode()).as(command).isEqualTo(200));
      assertThat(curl(command, "none").statusCode()).as(command).isEqualTo(401);
    }
    String base = "http://localhost:8080/v1/";
    assertThat(curl("-u x:$KEY " + base + "views/page_views", key).statusCode()).isEqualTo(403);
    String sql =
        "-u x:$KEY -d '{\"sql\": \"SELECT MEASURE(views) FROM page_views\"}' " + base + "sql";
    assertThat(curl(sql, key).statusCode()).isEqualTo(403);
    assertThat(curl(sql.replace("v1/sql", "query/sql"), key).body()).contains("FORBIDDEN");
    assertThat(curl("-u x:$KEY http://localhost:8080/tables/page_views/schema", key).statusCode())
        .isEqualTo(403);
    for (String unknown : List.of("v1/views/sales_x", "v1/views/sales_x/runs")) {
      assertThat(curl("-u x:$KEY http://localhost:8080/" + unknown, key).body())
          .contains("VIEW_UNKNOWN", "the views are traffic\"")
          .doesNotContain("page_views");
    }
    JsonNode views = Json.read(curl("-u x:$KEY " + base + "views", key).body(), JsonNode.class);
    assertThat(views.path("views").findValuesAsText("view")).containsExactly("traffic");
    assertThat(curl(base + "views", key).statusCode()).isEqualTo(401);
    assertThat(curl("http://localhost:8080/health/live", key).statusCode()).isEqualTo(200);
    recount("key", "revoke", "reports");
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> assertThat(curl("-u x:$KEY " + base + "views", key).statusCode()).isEqualTo(401));
  }

  @Test
  void commands_bringTheKeyOfTheirHome() {
    assertThat(recount("query", "SELECT MEASURE(requests) FROM traffic", "--format", "json"))
        .contains("\"provenance\"");
    assertThat(recount("key", "list")).contains("commands of ");
  }

  @Test
  void changesAndRefusals_areInALogOfTheirOwn() throws Exception {
    String key = key("shop", "--roles", "write", "--events", "page_*");
    String base = "-u x:$KEY -d '{}' http://localhost:8080/v1/events/";
    assertThat(curl(base + "page_view", key).statusCode()).isEqualTo(202);
    assertThat(curl(base + "like", key).statusCode()).isEqualTo(403);
    String operator = key("ops", "--roles", "operate");
    String pause = "-u x:$KEY -d '' http://localhost:8080/v1/schedules/traffic/resume";
    assertThat(curl(pause, operator).statusCode()).isEqualTo(200);
    awaitLine("audit-events.log", "\"result\":{\"accepted\":0,\"rejected\":1}");
    awaitLine("audit-refused.log", "\"who\":\"shop\".*/v1/events/like\",\"status\":403");
    awaitLine("audit.log", "\"who\":\"ops\".*/v1/schedules/traffic/resume\",\"status\":200");
  }

  private static void awaitLine(String log, String pattern) {
    Pattern found = Pattern.compile(pattern.replace("{", "\\{"));
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () ->
                assertThat(Files.readAllLines(config.home().logs().resolve(log)))
                    .anyMatch(line -> found.matcher(line).find()));
  }
}
