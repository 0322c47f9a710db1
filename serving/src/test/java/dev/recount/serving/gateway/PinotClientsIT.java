package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.protocol.PinotApi;
import io.javalin.Javalin;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.pinot.client.Connection;
import org.apache.pinot.client.ConnectionFactory;
import org.apache.pinot.client.PinotClientException;
import org.apache.pinot.client.PinotDriver;
import org.apache.pinot.client.ResultSetGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pinot's own clients, pointed at Recount, see views and get merged answers. */
@ExtendWith(PinotExtension.class)
class PinotClientsIT {
  private static final long HOUR = Instant.parse("2015-05-17T10:00:00Z").toEpochMilli();
  private static final long NEXT_DAY = Instant.parse("2015-05-18T10:20:00Z").toEpochMilli();
  private static final String VIEW = "clients";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static TestingPinot pinot;
  private static Javalin server;
  private static long cut;

  /** A batch of 40 requests, 15 deltas of what it covers already, and 7 after it. */
  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    ViewPlan plan = counted(Plans.traffic(VIEW));
    pinot.create(plan);
    long grain = TestingPinot.GRAIN.toMillis();
    // Not long ago: of what is older than speed.retention no answer is complete.
    cut = Cut.bucket(Clock.systemUTC().millis(), TestingPinot.GRAIN) - 6 * grain;
    pinot.publish(
        plan,
        "r1",
        new Cut(cut, TestingPinot.GRAIN),
        1,
        List.of(
            List.of(
                row(plan, HOUR, "GET", 200, 30, 1_000),
                row(plan, HOUR, "POST", 500, 4, 60),
                row(plan, NEXT_DAY, "GET", 404, 6, 0))));
    pinot.delta(plan, cut - grain, 1, List.of(row(plan, HOUR, "GET", 200, 15, 500)));
    pinot.delta(plan, cut + grain, 2, List.of(row(plan, NEXT_DAY, "POST", 500, 7, 70)));
    pinot.awaitRequests(VIEW, 47);
    server = Javalin.create();
    new PinotApi(
            pinot.catalog(), pinot.gateway(), Clock.systemUTC(), context -> Asker.named("test"))
        .install(server);
    server.start("127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  /** The same view, of which it is known that its requests are its count(*). */
  private static ViewPlan counted(ViewPlan plan) {
    return new ViewPlan(
        plan.view(),
        plan.version(),
        plan.event(),
        plan.sql(),
        Map.of("time", "hour"),
        plan.indexes(),
        plan.dimensions(),
        plan.measures(),
        plan.join(),
        List.of("requests"));
  }

  private static Map<String, Object> row(
      ViewPlan plan, long hour, String method, int status, int requests, long bytes) {
    return TestingPinot.row(
        plan,
        "hour",
        hour,
        "method",
        method,
        "status",
        status,
        "requests",
        requests,
        "bytes",
        bytes,
        "bytes__count",
        requests,
        "min_bytes",
        bytes / requests,
        "max_bytes",
        bytes,
        "avg_bytes__sum",
        bytes,
        "avg_bytes__count",
        requests);
  }

  private static String address() {
    return "localhost:" + server.port();
  }

  private static JsonNode get(String path) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://" + address() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readTree(answer.body());
  }

  private static JsonNode ask(String sql) throws Exception {
    return get("/query/sql?sql=" + URLEncoder.encode(sql, StandardCharsets.UTF_8));
  }

  private static List<List<String>> rows(JsonNode answer) {
    assertThat(answer.path("exceptions")).as("%s", answer).isEmpty();
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : answer.path("resultTable").path("rows")) {
      List<String> cells = new ArrayList<>();
      row.forEach(cell -> cells.add(cell.asText()));
      rows.add(cells);
    }
    return rows;
  }

  @Test
  void javaClient_findsTheBroker_andGetsMergedAnswers() {
    // Not closed: all connections of a JVM share one transport, which would be closed for all.
    Connection connection = ConnectionFactory.fromController(address());
    ResultSetGroup group =
        connection.execute(
            "SELECT method, SUM(requests), COUNT(*) FROM clients GROUP BY method ORDER BY"
                + " method");
    assertThat(group.getResultSetCount()).isEqualTo(1);
    var rows = group.getResultSet(0);
    assertThat(rows.getRowCount()).isEqualTo(2);
    assertThat(rows.getColumnName(1)).isEqualTo("sum(requests)");
    assertThat(rows.getString(0, 0)).isEqualTo("GET");
    assertThat(rows.getLong(0, 1)).isEqualTo(36);
    assertThat(rows.getLong(1, 2)).isEqualTo(11);
    assertThat(group.getExecutionStats().getNumDocsScanned()).isEqualTo(4);
    assertThatThrownBy(() -> connection.execute("SELECT SUM(min_bytes) FROM clients"))
        .isInstanceOf(PinotClientException.class)
        .hasMessageContaining("QUERY_UNSUPPORTED")
        .hasMessageContaining("MIN(min_bytes)");
  }

  /** As docs/asking.md shows them. */
  @ParameterizedTest
  @ValueSource(strings = {"pinot-java-client", "pinot-jdbc-client"})
  void examplesOfThePage_printTheRows(String with, @TempDir Path folder) throws Exception {
    String lines =
        PageExample.of(with)
            .replace("localhost:8080", address())
            .replace("FROM traffic", "FROM clients");
    assertThat(PageExample.output(lines, folder).lines())
        .containsExactlyInAnyOrder("GET 36", "POST 11");
  }

  private static java.sql.Connection jdbc() throws SQLException {
    return new PinotDriver().connect("jdbc:pinot://" + address(), new Properties());
  }

  @Test
  void jdbcDriver_listsViews_andReadsTypedRows() throws Exception {
    DriverManager.registerDriver(new PinotDriver());
    try (java.sql.Connection connection = jdbc();
        Statement statement = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (ResultSet found = connection.getMetaData().getTables(null, null, "%", null)) {
        while (found.next()) {
          tables.add(found.getString("TABLE_NAME"));
        }
      }
      assertThat(tables).contains(VIEW).noneMatch(t -> t.contains("_v1"));
      List<String> columns = new ArrayList<>();
      try (ResultSet found = connection.getMetaData().getColumns(null, null, VIEW, "%")) {
        while (found.next()) {
          columns.add(found.getString("COLUMN_NAME") + " " + found.getString("TYPE_NAME"));
        }
      }
      assertThat(columns)
          .contains("hour TIMESTAMP", "method STRING", "status INT", "requests LONG")
          .contains("avg_bytes DOUBLE");
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT hour, method, SUM(requests) AS n, AVG(avg_bytes) AS mean FROM clients"
                  + " WHERE status IN (200, 500) GROUP BY hour, method ORDER BY n DESC;")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString("hour")).isEqualTo("2015-05-17 10:00:00.0");
        assertThat(rows.getString("method")).isEqualTo("GET");
        assertThat(rows.getLong("n")).isEqualTo(30);
        assertThat(rows.getDouble("mean")).isEqualTo(1_000 / 30.0);
        assertThat(rows.next()).isTrue();
        assertThat(rows.getLong("n")).isEqualTo(7);
      }
    }
  }

  @Test
  void preparedStatement_asksWithItsParameters() throws Exception {
    try (java.sql.Connection connection = jdbc();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT COUNT(*) FROM clients WHERE method = ? AND status >= ?")) {
      statement.setString(1, "POST");
      statement.setInt(2, 400);
      try (ResultSet rows = statement.executeQuery()) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getLong(1)).isEqualTo(11);
      }
    }
  }

  @Test
  void jdbcDriver_isToldOfErrors() throws Exception {
    try (java.sql.Connection connection = jdbc();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.executeQuery("SELECT x FROM nowhere"))
          .isInstanceOf(SQLException.class)
          .rootCause()
          .hasMessageContaining("VIEW_UNKNOWN");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 1 | [[1]]",
        "SELECT COUNT(*) FROM clients | [[47]]",
        "SELECT COUNT(*) FROM \"clients@1\" | [[47]]",
        "SET mode = 'batch'; SELECT COUNT(*) FROM clients | [[40]]",
        "SELECT COUNT(*) FROM clients OPTION(mode=speed) | [[7]]",
        "SELECT method, MAX(max_bytes) FROM clients GROUP BY method ORDER BY 1 LIMIT 1, 1 | [[POST,"
            + " 70]]",
        "SELECT COUNT(*) FROM (SELECT method, status FROM clients GROUP BY method, status) t |"
            + " [[3]]",
        "SELECT CASE WHEN method IN ('GET', 'PUT') THEN 1 ELSE 0 END AS c, COUNT(*) FROM clients"
            + " GROUP BY c ORDER BY c | [[0, 11], [1, 36]]",
        "SELECT CASE WHEN status >= 500 THEN 'failed' WHEN method = 'GET' AND status > 0 THEN 'got'"
            + " ELSE 'fine' END AS c, COUNT(*) FROM clients GROUP BY c ORDER BY c | [[failed, 11],"
            + " [got, 36]]",
        "SELECT CASE WHEN status NOT BETWEEN 200 AND 499 THEN 1 ELSE 0 END AS c, SUM(requests) FROM"
            + " clients GROUP BY c ORDER BY c | [[0, 36], [1, 11]]",
        "SELECT CASE WHEN NOT (method = 'GET' AND status > 300) THEN 1 ELSE 0 END AS c,"
            + " SUM(requests) FROM clients GROUP BY c ORDER BY c | [[0, 6], [1, 41]]",
        "SELECT CASE WHEN status NOT IN (200, 404) THEN 1 ELSE 0 END AS c, SUM(requests) FROM"
            + " clients GROUP BY c ORDER BY c | [[0, 36], [1, 11]]",
        "SELECT CASE WHEN method NOT IN ('GET', 'x') AND status <> 5 THEN 'NOT a GET' ELSE 'LIKE'"
            + " END AS c, SUM(requests) FROM clients GROUP BY c ORDER BY c | [[LIKE, 36], [NOT a"
            + " GET, 11]]",
        "SELECT date_trunc('DAY', hour) AS d, SUM(requests) FROM clients GROUP BY d ORDER BY d |"
            + " [[2015-05-17 00:00:00.0, 34], [2015-05-18 00:00:00.0, 13]]",
        "SELECT dateTrunc('DAY', hour, 'MILLISECONDS', 'Asia/Tokyo') AS d, SUM(requests) FROM"
            + " clients GROUP BY d ORDER BY d | [[2015-05-16 15:00:00.0, 34], [2015-05-17"
            + " 15:00:00.0, 13]]",
        "SET shares = true; SELECT method, SUM(requests) AS n FROM clients GROUP BY method ORDER BY"
            + " method | [[GET, 36, 36, 0], [POST, 11, 4, 7]]",
        "SET fill = 'zero'; SET timezone = 'UTC'; SELECT date_trunc('DAY', hour) AS d, COUNT(*)"
            + " FROM clients WHERE hour >= '2015-05-16' AND hour < '2015-05-19' GROUP BY d ORDER BY"
            + " d | [[2015-05-16 00:00:00.0, 0], [2015-05-17 00:00:00.0, 34], [2015-05-18"
            + " 00:00:00.0, 13]]",
        "SELECT DATETIMECONVERT(hour, '1:MILLISECONDS:EPOCH', '1:MILLISECONDS:EPOCH', '30:MINUTES')"
            + " AS t, COUNT(*) FROM clients GROUP BY t ORDER BY t | [[1431856800000, 34],"
            + " [1431943200000, 13]]",
        "SELECT DATETIMECONVERT(hour, '1:MILLISECONDS:EPOCH',"
            + " '1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM-dd', '1:DAYS') AS t, COUNT(*) FROM clients GROUP"
            + " BY t ORDER BY t | [[2015-05-17, 34], [2015-05-18, 13]]",
        "SELECT ToEpochDays(hour) AS t, COUNT(*) FROM clients GROUP BY t ORDER BY t | [[16572, 34],"
            + " [16573, 13]]",
        "SELECT CAST(ROUND(DATE_TRUNC('minute', CAST(hour AS TIMESTAMP)), 1800000) AS TIMESTAMP) AS"
            + " t, COUNT(*) FROM clients GROUP BY t ORDER BY t | [[2015-05-17 10:00:00.0, 34],"
            + " [2015-05-18 10:00:00.0, 13]]",
        "SELECT requests AS metric, hour AS \"time\" FROM clients WHERE requests IS NOT NULL AND"
            + " requests > 6 ORDER BY \"time\" DESC, metric LIMIT 2 | [[7, 2015-05-18 10:20:00.0],"
            + " [30, 2015-05-17 10:00:00.0]]",
        "SELECT SUM(requests) FROM clients WHERE hour < ago('P1D') AND hour > '2015-05-18"
            + " 00:00:00.000000' | [[13]]",
      })
  void textInPinotsWords_isAnswered(String sql, String rows) throws Exception {
    assertThat(rows(ask(sql)).toString()).isEqualTo(rows);
  }

  @Test
  void answer_saysWhatItIsMadeOf_besideWhatPinotSays() throws Exception {
    JsonNode answer = ask("SELECT COUNT(*) FROM clients");
    assertThat(answer.path("numServersQueried").asInt()).isEqualTo(1);
    assertThat(answer.path("numServersResponded").asInt()).isEqualTo(1);
    assertThat(answer.path("numDocsScanned").asLong()).isEqualTo(4);
    assertThat(answer.path("partialResult").asBoolean(true)).isFalse();
    assertThat(answer.path("recount").path("complete").asBoolean()).isTrue();
    assertThat(answer.path("recount").path("warnings")).isEmpty();
    assertThat(answer.path("resultTable").path("dataSchema"))
        .isEqualTo(
            Json.MAPPER.readTree(
                "{\"columnNames\": [\"count(*)\"], \"columnDataTypes\": [\"LONG\"]}"));
    assertThat(answer.path("recount").path("batch").path("rows").asLong()).isEqualTo(3);
  }

  @Test
  void optionThatIsNotTaken_isNamedInAWarning_andChangesNothing() throws Exception {
    JsonNode answer =
        ask(
            "SET numGroupsLimit = 1; SET trace = true; SELECT method, COUNT(*) FROM clients GROUP"
                + " BY method");
    assertThat(rows(answer)).hasSize(2);
    assertThat(answer.path("recount").path("warnings")).hasSize(1);
    assertThat(answer.path("recount").path("warnings").get(0).asText())
        .contains("'numGroupsLimit' was ignored");
  }

  @Test
  void asOf_isTakenInTheTextAndInTheUrl() throws Exception {
    String moment = Instant.ofEpochMilli(cut).toString();
    assertThat(rows(ask("SET as_of = '" + moment + "'; SELECT COUNT(*) FROM clients")).toString())
        .isEqualTo("[[40]]");
    String sql = URLEncoder.encode("SELECT COUNT(*) FROM clients", StandardCharsets.UTF_8);
    assertThat(rows(get("/query/sql?as_of=" + moment + "&sql=" + sql)).toString())
        .isEqualTo("[[40]]");
    JsonNode early = ask("SET as_of = '2015-05-17'; SELECT COUNT(*) FROM clients");
    assertThat(early.path("exceptions").get(0).path("message").asText())
        .startsWith("AS_OF_TOO_EARLY")
        .contains(moment);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "method LIKE 'G%'",
        "REGEXP_LIKE(method, 'G.*')",
        "status > 1 AND method NOT LIKE 'G%'",
        "status / status > 0",
        "(status / status) IS NULL"
      })
  void conditionThatPinotCannotComputeInACase_isRefused_withWhatToWrite(String condition)
      throws Exception {
    JsonNode answer =
        ask(
            "SELECT CASE WHEN %s THEN 1 ELSE 0 END AS c, COUNT(*) FROM clients GROUP BY c"
                .formatted(condition));
    assertThat(answer.has("resultTable")).isFalse();
    assertThat(answer.path("exceptions").get(0).path("message").asText())
        .startsWith("QUERY_UNSUPPORTED")
        .contains("WHERE");
  }

  @Test
  void failure_hasNoRows_andOurCodeInItsMessage() throws Exception {
    JsonNode answer = ask("SELECT * FROM clients WHERE");
    assertThat(answer.has("resultTable")).isFalse();
    assertThat(answer.path("exceptions")).hasSize(1);
    assertThat(answer.path("exceptions").get(0).path("errorCode").asInt()).isEqualTo(150);
    assertThat(answer.path("exceptions").get(0).path("message").asText())
        .startsWith("QUERY_SYNTAX: Cannot read the query: line 1");
    assertThat(ask("SET timeoutMs = 'soon'; SELECT 1").path("exceptions").get(0).path("message"))
        .asString()
        .contains("REQUEST_INVALID", "'soon'");
  }

  @Test
  void brokers_areThisServer_asItsClientReachesIt() throws Exception {
    int port = server.port();
    JsonNode own =
        Json.MAPPER.readTree(
            "[{\"instanceName\": \"Broker_localhost_%d\", \"host\": \"localhost\", \"port\": %d}]"
                .formatted(port, port));
    assertThat(get("/v2/brokers/tenants/DefaultTenant")).isEqualTo(own);
    assertThat(get("/tables/livebrokers").path(VIEW)).isEqualTo(own);
    assertThat(get("/v2/brokers/tables/clients_OFFLINE")).isEqualTo(own);
    assertThat(get("/brokers").path("tables").path(VIEW).get(0).asText())
        .isEqualTo("Broker_localhost_" + port);
    assertThat(get("/tables/clients").path("OFFLINE").path("tableName").asText())
        .isEqualTo("clients_OFFLINE");
    assertThat(get("/tables/clients/schema").path("dateTimeFieldSpecs").get(0).path("format"))
        .asString()
        .contains("1:MILLISECONDS:EPOCH");
    assertThat(get("/schemas").toString()).contains("\"clients\"");
    assertThat(get("/version").has("recount")).isTrue();
  }
}
