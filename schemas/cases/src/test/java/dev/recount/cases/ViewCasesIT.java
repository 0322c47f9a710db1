package dev.recount.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.apply.CheckedSchemas;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.VersionTests;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases as they are run without a server; it needs the class path of Pinot's servers. */
class ViewCasesIT {
  private static final Path ROOT = Path.of(System.getProperty("recount.root"));

  @TempDir private static Path home;
  private static SparkSession spark;
  private static ViewCompiler compiler;
  private static ViewCases cases;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("view cases", 1);
    spark.conf().set("spark.sql.shuffle.partitions", "1");
    compiler = new ViewCompiler(spark);
    PinotEngine pinot = PinotEngine.load();
    cases = new ViewCases(spark, RecountConfig.load(home), compiler, () -> pinot);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void makeFolder() throws IOException {
    for (String name : List.of("events", "views", "tests")) {
      Files.createDirectory(folder.resolve(name));
    }
    copy("events", "page_view.avsc");
    copy("views", "traffic.sql");
  }

  private void copy(String kind, String name) throws IOException {
    Files.copy(
        ROOT.resolve("schemas").resolve(kind).resolve(name), folder.resolve(kind).resolve(name));
  }

  private static CasesReport run(Path schemas, String name, String... views) {
    CheckedSchemas checked = CheckedSchemas.read(schemas, compiler, 1 << 20, Instant.EPOCH);
    return new FolderRun(schemas, List.of(views), name, new Progress(text -> {}, false))
        .run(checked, cases);
  }

  private CasesReport run(String yaml) throws IOException {
    Files.writeString(folder.resolve("tests").resolve("traffic.yaml"), yaml);
    return run(folder, null);
  }

  /** Without the figure of the last line, and where the folder is. */
  private String text(CasesReport report) {
    return report.text(0).replace(folder.toString(), "schemas");
  }

  @ParameterizedTest
  @ValueSource(strings = {"schemas", "schemas/examples"})
  void shippedCases_pass_andEveryViewHasSome(String schemas) {
    CasesReport report = run(ROOT.resolve(schemas), null);
    assertThat(report.problems()).isEmpty();
    assertThat(report.results()).as(report.text(0)).allMatch(CaseResult::passed);
    assertThat(report.untested()).isEmpty();
    assertThat(report.exitCode()).isZero();
  }

  private static final String EVENTS =
      Stream.of("10:00:00Z, status: 200", "10:10:00Z, status: 200", "10:20:00Z, status: 404")
          .map(
              time ->
                  "      - {ip_address: 192.0.2.1, page_url: /, method: GET, event_time: 2026-03-01T"
                      + time
                      + "}\n")
          .collect(Collectors.joining("", "    events:\n", ""));

  private static String oneCase(String query, String expect) {
    return "cases:\n  - name: requests of an hour\n"
        + EVENTS
        + "    query: "
        + query
        + "\n    expect: "
        + expect
        + "\n";
  }

  @Test
  void aWrongExpectation_failsReadably() throws IOException {
    CasesReport report =
        run(
            oneCase(
                "SELECT hour, status, MEASURE(requests) AS requests FROM traffic GROUP BY hour, status",
                "[{hour: 2026-03-01T10:00:00Z, status: 200, requests: 3}, {hour: 2026-03-01T10:00:00Z, status: 404, requests: 1}]"));
    assertThat(report.exitCode()).isEqualTo(1);
    assertThat(text(report))
        .isEqualTo(
            """
            FAIL  traffic: requests of an hour (schemas/tests/traffic.yaml:2)
                    at every position of the cut; expected (-), found (+):
                         hour                  status  requests
                      -  2026-03-01T10:00:00Z  200     3
                      +  2026-03-01T10:00:00Z  200     2
                      (1 other row is as expected)
            0 passed, 1 failed, 0 wrong (6 answers over all positions of the cut, 0.0 s)""");
    JsonNode json = Json.read(report.json(0), JsonNode.class);
    assertThat(json.at("/cases/0/status").asText()).isEqualTo("failed");
    assertThat(json.at("/cases/0/differences/0/expected/0/requests").asInt()).isEqualTo(3);
    assertThat(json.at("/cases/0/differences/0/found/0/requests").asInt()).isEqualTo(2);
    assertThat(json.at("/cases/0/differences/0/everywhere").asBoolean()).isTrue();
  }

  /** By arrival a query can tell the layers apart, which no view can. */
  @Test
  void whatIsWrongAtSomeCutsOnly_isSaidWithTheLayers() throws IOException {
    CasesReport report =
        run(
            oneCase(
                "SELECT MEASURE(requests) AS requests FROM traffic WHERE _arrived > 0",
                "[{requests: 3}]"));
    assertThat(text(report))
        .isEqualTo(
            """
            FAIL  traffic: requests of an hour (schemas/tests/traffic.yaml:2)
                    only where batch counts the first 1, speed the last 2, together; where batch counts the first 1, speed the last 2, one by one; expected (-), found (+):
                         requests
                      -  3
                      +  2
                    only where batch counts the first 2, speed the last 1; expected (-), found (+):
                         requests
                      -  3
                      +  1
                    only where batch counts all 3; expected (-), found (+):
                         requests
                      -  3
                      +  0
            0 passed, 1 failed, 0 wrong (6 answers over all positions of the cut, 0.0 s)""");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT MEASURE(request) FROM traffic    | [{requests: 3}]         | line 7 | no column 'request'
          SELECT MEASURE(requests) FRO traffic    | [{requests: 3}]         | line 7 | Cannot read the query
          SELECT MEASURE(views) FROM page_views   | [{views: 3}]            | line 7 | the query asks 'page_views'
          SELECT MEASURE(requests) FROM traffic   | [{request: 3}]          | line 8 | the answer has no column 'request'
          SELECT status, MEASURE(requests) AS requests FROM traffic GROUP BY status | [{requests: 3}] | line 8 | does not say what 'status' is
          SELECT status FROM traffic WHERE TEXT_MATCH(method, 'get') GROUP BY status | []     | line 7 | text
          """)
  void whatIsWrongInACase_isSaidWithItsLine(String query, String expect, String line, String reason)
      throws IOException {
    CasesReport report = run(oneCase(query, expect));
    assertThat(report.results()).hasSize(1);
    assertThat(report.results().get(0).problem().code()).isEqualTo(ErrorCode.CASE_INVALID);
    assertThat(report.results().get(0).problem()).hasMessageContaining(line, reason);
    assertThat(report.exitCode()).isEqualTo(2);
    assertThat(text(report)).contains("wrong traffic: requests of an hour");
  }

  @Test
  void aWrongEvent_isSaidWithItsLine_andTheOtherCasesRun() throws IOException {
    CasesReport report =
        run(
            """
            cases:
              - name: a field that is not there
                events: [{event_time: 2026-03-01T10:00:00Z, ip_address: 192.0.2.1, page_url: /, agent: x}]
                query: SELECT MEASURE(requests) AS requests FROM traffic
                expect: [{requests: 1}]
              - name: no expectation
                events: []
              - name: nothing wrong
                events: []
                query: SELECT MEASURE(requests) AS requests FROM traffic
                expect: [{requests: 0}]
            """);
    assertThat(report.allProblems())
        .extracting(RecountException::getMessage)
        .satisfiesExactlyInAnyOrder(
            m -> assertThat(m).contains("line 3", "'agent'"),
            m -> assertThat(m).contains("line 6", "no 'expect'"));
    assertThat(report.results()).filteredOn(CaseResult::passed).hasSize(1);
  }

  @Test
  void testsOfNoView_andAnUnreadableFile_hideNoOther() throws IOException {
    Files.writeString(folder.resolve("tests").resolve("trafic.yaml"), "cases: []");
    Files.writeString(folder.resolve("tests").resolve("a.yaml"), "cases: [");
    CasesReport report =
        run(oneCase("SELECT MEASURE(requests) AS requests FROM traffic", "[{requests: 3}]"));
    assertThat(report.results()).hasSize(1).allMatch(CaseResult::passed);
    assertThat(report.problems())
        .extracting(RecountException::getMessage)
        .satisfiesExactly(
            m -> assertThat(m).contains("a.yaml", "it is not YAML"),
            m -> assertThat(m).contains("no view 'a'"),
            m -> assertThat(m).contains("no view 'trafic'", "did you mean 'traffic'?"));
    assertThat(report.exitCode()).isEqualTo(2);
  }

  @Test
  void whatIsAskedForAndNotThere_isRefused() throws IOException {
    assertThatThrownBy(() -> run(folder, null, "trafic"))
        .hasFieldOrPropertyWithValue("code", ErrorCode.VIEW_UNKNOWN)
        .hasMessageContaining("did you mean 'traffic'?");
    assertThatThrownBy(() -> run(folder, null, "traffic"))
        .hasFieldOrPropertyWithValue("code", ErrorCode.CASE_INVALID)
        .hasMessageContaining("it has no tests");
    run(oneCase("SELECT MEASURE(requests) AS requests FROM traffic", "[{requests: 3}]"));
    assertThatThrownBy(() -> run(folder, "another"))
        .hasMessageContaining("Cannot run the case 'another'");
    assertThat(run(folder, "requests of an hour", "traffic").exitCode()).isZero();
  }

  @Test
  void anAssertionThatCannotBeChecked_isSaidWithItsLine() throws IOException {
    CasesReport report =
        run(
            """
            assertions:
              - not_null: [hour, requests]
              - unique: [month]
              - no_rows: SELECT * FROM traffic WHERE request < 0
            """);
    assertThat(report.problems())
        .extracting(RecountException::getMessage)
        .satisfiesExactly(
            m -> assertThat(m).contains("line 3", "'unique month'", "no column 'month'"),
            m -> assertThat(m).contains("line 4", "the query cannot be run", "request"));
    assertThat(report.exitCode()).isEqualTo(2);
  }

  /** As they are run before readers are led to a version. */
  @Test
  void casesThatWereKeptWithAVersion_areRunWithItsPlan() throws IOException {
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of(
                "RECOUNT_CATALOG_URL",
                "jdbc:h2:mem:kept;DB_CLOSE_DELAY=-1",
                "RECOUNT_CATALOG_PASSWORD",
                "secret"));
    try (Catalog catalog = Catalog.open(config)) {
      CheckedSchemas checked = CheckedSchemas.read(folder, compiler, 1 << 20, Instant.EPOCH);
      catalog.events().apply(checked.events().get("page_view"), 1);
      catalog.views().add(checked.views().get(0).withVersion(2), 1);
      ViewVersion version = catalog.views().find("traffic", 2).orElseThrow();
      VersionTests tests = VersionTests.find().orElseThrow();
      assertThat(tests.failures(config, catalog, version)).isEmpty();
      String query = "SELECT MEASURE(requests) AS requests FROM traffic";
      catalog.cases().put("traffic", 2, "tests/traffic.yaml", oneCase(query, "[{requests: 3}]"));
      assertThat(tests.failures(config, catalog, version)).isEmpty();
      catalog.cases().put("traffic", 2, "tests/traffic.yaml", oneCase(query, "[{requests: 4}]"));
      assertThat(tests.failures(config, catalog, version))
          .singleElement()
          .asString()
          .startsWith("FAIL  traffic: requests of an hour (tests/traffic.yaml:2)")
          .contains("-  4", "+  3");
    }
  }

  /** What the page on views shows is run, each with the views that the page shows. */
  @Test
  void examplesOfThePage_pass() throws IOException {
    String page = Files.readString(ROOT.resolve("docs").resolve("views.md"));
    Matcher block = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL).matcher(page);
    List<String> examples = new ArrayList<>();
    while (block.find()) {
      examples.add(block.group(1));
    }
    assertThat(examples).isNotEmpty();
    for (String example : examples) {
      CasesReport report = run(example);
      assertThat(report.problems()).isEmpty();
      assertThat(report.results()).as(report.text(0)).isNotEmpty().allMatch(CaseResult::passed);
    }
  }
}
