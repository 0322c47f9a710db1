package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A serving process that asks for keys. */
@ExtendWith(WholeStack.class)
class AccessIT {
  @TempDir private static Path home;
  private static SecondServing serving;

  @BeforeAll
  static void start() throws IOException {
    // However slow the machine is, it does its work.
    String timeout = "serving.timeout = 2m";
    serving = SecondServing.start(home, WholeStack.config().pinot().broker(), timeout);
  }

  @AfterAll
  static void stop() {
    serving.close();
  }

  private static String recount(String... words) {
    return serving.recount(List.of(words));
  }

  private static String key(String name, String... options) {
    return serving.key(name, options);
  }

  private static HttpResponse<String> curl(String command, String key) throws Exception {
    return Curl.send(command.replace("$KEY", key), serving.config().ports().serving());
  }

  @Test
  void examplesOfThePage_work_withAKeyOnly() throws Exception {
    String page = Files.readString(Recount.root().resolve("docs/access.md"));
    String key = key("reports", "--views", "traffic,sales_*");
    List<String> commands = Curl.commands(page);
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
                assertThat(Files.readAllLines(serving.config().home().logs().resolve(log)))
                    .anyMatch(line -> found.matcher(line).find()));
  }
}
