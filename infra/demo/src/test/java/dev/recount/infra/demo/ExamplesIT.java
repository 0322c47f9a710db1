package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.ApiDescription.Operation;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/asking.md shows and what the API's description gives as examples is answered, and looks
 * as it is described. Comes after the tests that leave requests in the view.
 */
@ExtendWith(WholeStack.class)
class ExamplesIT {
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?m)^```(\\S+)(?: with=(\\S+))?\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final String BY_STATUS =
      "SELECT status, MEASURE(requests) AS requests FROM traffic GROUP BY status";

  /** A Python that has pinotdb runs its example too. */
  private static final String PYTHON = System.getProperty("recount.python", "python3");

  @TempDir private static Path folder;
  private static Gateway gateway;
  private static int port;
  private static ApiDescription api;

  @BeforeAll
  static void connect() throws Exception {
    gateway = new Gateway(WholeStack.config());
    port = WholeStack.config().ports().serving();
    WholeStack.ingest("examples.log", new AccessLog(31, 300));
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(150))
        .until(() -> gateway.number("SELECT MEASURE(requests) FROM traffic", "merged") > 0);
    api = new ApiDescription(send("GET", "/openapi.json", "").body());
  }

  /**
   * @param with what has to be installed; null: nothing
   */
  private record Block(String language, String with, String text) {}

  private static List<Block> blocks() throws IOException {
    String page = Files.readString(Recount.root().resolve("docs/asking.md"));
    List<Block> blocks = new ArrayList<>();
    for (Matcher block = BLOCK.matcher(page); block.find(); ) {
      blocks.add(new Block(block.group(1), block.group(2), block.group(3)));
    }
    return blocks;
  }

  private static List<String> blocks(String language, String with) throws IOException {
    return blocks().stream()
        .filter(b -> b.language().equals(language) && java.util.Objects.equals(b.with(), with))
        .map(b -> b.text().replace("localhost:8080", "localhost:" + port))
        .toList();
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static void requireDescribed(Operation operation, HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as("%s: %s", operation, answer.body()).isBetween(200, 299);
    assertThat(
            api.differences(
                operation,
                answer.statusCode(),
                answer.headers().firstValue("Content-Type").orElse(""),
                answer.body()))
        .as("%s: %s", operation, answer.body())
        .isEmpty();
  }

  @Test
  void examplesOfTheDescription_areAnsweredAsItSays() throws Exception {
    if (gateway.get("/v1/runs").body().path("runs").isEmpty()) {
      WholeStack.run("batch", "run");
    }
    List<String> left = new ArrayList<>();
    for (Operation operation : api.operations()) {
      if (!operation.noExample().isEmpty()) {
        left.add(operation.toString());
        continue;
      }
      String path = api.example(operation, (other, pointer) -> text(other, pointer));
      requireDescribed(
          operation, send(operation.method().toUpperCase(), path, ApiDescription.body(operation)));
    }
    assertThat(left)
        .as("operations without an example")
        .containsExactly(
            "GET /v1/views/{view}/stream",
            "GET /v1/views/{view}/diff",
            "DELETE /v1/queries/{id}",
            "POST /v1/session",
            "DELETE /v1/session");
    // What was triggered is done, so that it comes in no other test's way.
    WholeStack.run("batch", "run", "--due");
  }

  private static String text(String path, String pointer) {
    return gateway.get(path).body().at(pointer).asText();
  }

  @Test
  void errors_lookAsTheDescriptionSays() throws Exception {
    for (String path : List.of("/v1/views/nothing", "/v1/runs/nothing", "/v1/audits?limit=x")) {
      HttpResponse<String> answer = send("GET", path, "");
      assertThat(answer.statusCode()).isBetween(400, 499);
      Operation operation = api.operation("GET", path.replaceFirst("\\?.*", ""));
      assertThat(api.errorDifferences(operation, answer.body())).as(path).isEmpty();
    }
  }

  @Test
  void commandsOfThePage_areAnswered() throws Exception {
    List<String> typed = new ArrayList<>();
    for (String block : blocks("sh", null)) {
      for (String line : block.lines().toList()) {
        if (line.startsWith("bin/recount ")) {
          List<String> words = Curl.words(line.substring("bin/recount ".length()));
          assertThat(WholeStack.run(words.toArray(String[]::new))).as(line).contains("200");
          typed.add("recount");
        } else if (line.startsWith("curl ")) {
          HttpResponse<String> answer = Curl.send(line.substring("curl ".length()), port);
          assertThat(answer.statusCode()).as("%s: %s", line, answer.body()).isEqualTo(200);
          requireRows(line, answer);
          typed.add("curl");
        }
      }
    }
    assertThat(typed).contains("recount").filteredOn("curl"::equals).hasSizeGreaterThan(4);
  }

  private static void requireRows(String line, HttpResponse<String> answer) {
    URI asked = answer.request().uri();
    if (!answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json")) {
      requireDescribed(api.operation(answer.request().method(), asked.getPath()), answer);
      assertThat(answer.body().lines().count()).as("%s: %s", line, answer.body()).isGreaterThan(1);
      return;
    }
    JsonNode body = Json.read(answer.body(), JsonNode.class);
    if (asked.getPath().equals("/query/sql")) {
      assertThat(body.at("/resultTable/rows").size()).as("%s: %s", line, body).isPositive();
      return;
    }
    requireDescribed(api.operation(answer.request().method(), asked.getPath()), answer);
    assertThat(body.path("rows").size() + body.path("views").size())
        .as("%s: %s", line, body)
        .isPositive();
  }

  @Test
  void javaOfThePage_printsTheAnswer() throws Exception {
    List<String> programs = blocks("java", null);
    assertThat(programs).hasSize(1);
    Path file = Files.writeString(folder.resolve("Asking.java"), programs.get(0));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    JsonNode printed = Json.read(output(java, file.toString()), JsonNode.class);
    assertThat(printed.path("rows"))
        .containsExactlyInAnyOrderElementsOf(gateway.sql(BY_STATUS, "merged").body().path("rows"));
  }

  @Test
  void pythonOfThePage_printsTheRows() throws Exception {
    assumeThat(isThere(PYTHON, "-c", "import json")).as("there is a Python").isTrue();
    List<String> programs = blocks("python", null);
    assertThat(programs).hasSize(1);
    Map<String, Long> rows = new TreeMap<>();
    Json.read(output(PYTHON, "-c", programs.get(0)), JsonNode.class)
        .forEach(row -> rows.put(row.path("status").asText(), row.path("requests").asLong()));
    assertThat(rows).isEqualTo(gateway.groups(BY_STATUS, "merged"));
  }

  @Test
  void pinotdbOfThePage_printsTheRows() throws Exception {
    assumeThat(isThere(PYTHON, "-c", "import pinotdb, sqlalchemy")).as("pinotdb").isTrue();
    List<String> programs = blocks("python", "pinotdb");
    assertThat(programs).hasSize(1);
    String byMethod = "SELECT method, MEASURE(requests) FROM traffic GROUP BY method";
    Map<String, Long> rows = new TreeMap<>();
    output(PYTHON, "-c", programs.get(0))
        .lines()
        .map(line -> line.split(" "))
        .forEach(row -> rows.put(row[0].equals("None") ? "null" : row[0], Long.parseLong(row[1])));
    assertThat(rows).isEqualTo(gateway.groups(byMethod, "merged"));
  }

  private static boolean isThere(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
