package dev.recount.ingest.init;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.cli.Commands;
import dev.recount.ingest.door.SharedData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is drafted fits what was looked at: ingest rejects no record that could be read. */
class InitCommandTest {
  private static final Path ROOT = Path.of(System.getProperty("recount.root")).toAbsolutePath();

  @TempDir private Path folder;

  /** What a command said. */
  private record Said(int code, String out, String err) {}

  private Said init(String... words) {
    CommandLine line = Commands.line(new InitCommand());
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--schemas", schemas().toString(), "--home", folder.toString()));
    return new Said(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }

  private Path schemas() {
    return folder.resolve("schemas");
  }

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  private String written(String name) throws IOException {
    return Files.readString(schemas().resolve(name));
  }

  /** The type of each field; with a question mark if it may be null, and with its mark. */
  private Map<String, String> fields(String event) throws IOException {
    Map<String, String> fields = new TreeMap<>();
    JsonNode schema = Json.read(written("events/" + event + ".avsc"), JsonNode.class);
    for (JsonNode field : schema.path("fields")) {
      JsonNode type = field.path("type");
      JsonNode alone = type.isArray() ? type.get(1) : type;
      fields.put(
          field.path("name").asText(),
          (alone.isTextual() ? alone.asText() : alone.path("logicalType").asText())
              + (type.isArray() ? "?" : "")
              + (field.has("recount") ? " " + field.path("recount").asText() : ""));
    }
    return fields;
  }

  private static void assertAllAccepted(Said said, long records) {
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err())
        .contains(
            String.format(
                Locale.ROOT, "ingest would accept %,d of these records and reject 0", records));
  }

  @Test
  void csv_getsTypesNamesATimeAndAnId() throws IOException {
    Path file =
        file(
            "sales.csv",
            "Order ID,Sold At,Country,Amount,Paid,ZIP,Note",
            "a-1,17.5.2024 10:00,DE,2.50,true,01067,x",
            "a-2,18.5.2024 11:30,FR,3,false,75001,",
            "a-3,19.5.2024 9:05,DE,12.25,true,80331,y");
    Said said = init("sale", file.toString(), "--zone", "Europe/Berlin");
    assertAllAccepted(said, 3);
    assertThat(fields("sale"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "order_id", "string event-id",
                "sold_at", "timestamp-millis event-time",
                "country", "string",
                "amount", "double",
                "paid", "boolean",
                "zip", "string",
                "note", "string?"));
    assertThat(written("sale.conf"))
        .contains("{ from = \"Sold At\", time = \"d.M.yyyy H:mm\", zone = \"Europe/Berlin\" }");
    assertThat(written("views/sale_by_hour.sql"))
        .contains("date_trunc('HOUR', sold_at) AS hour", "country", "sum(amount) AS sum_amount");
    assertThat(said.err()).contains("name no zone; they are read as Europe/Berlin");
    assertThat(said.out()).contains("recount ingest sale --format csv --map ");
  }

  @Test
  void json_isTakenApart_andWhatIsOfSeveralFormsStaysText() throws IOException {
    Path file =
        file(
            "events.ndjson",
            "{\"ts\":1431857100,\"actor\":{\"login\":\"ada\",\"id\":7},\"tags\":[1],\"v\":1}",
            "{\"ts\":1431857160,\"actor\":{\"login\":\"bob\",\"id\":8},\"tags\":[],\"v\":\"x\"}",
            "{\"ts\":1431857200,\"actor\":{\"login\":\"ada\"},\"v\":null,\"a.b\":\"007\"}");
    Said said = init("action", file.toString());
    assertAllAccepted(said, 3);
    assertThat(fields("action"))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "ts", "timestamp-millis event-time",
                "actor_login", "string",
                "actor_id", "long?",
                "tags", "string?",
                "v", "string?",
                "a_b", "string?"));
    assertThat(written("action.conf"))
        .contains("\"actor.login\"", "\"/a.b\"", "time = \"epoch-seconds\"");
  }

  @Test
  void namesAndFormsThatFit_needNoMapping() throws IOException {
    Path file =
        file(
            "plain.ndjson",
            "{\"at\":\"2024-05-17T10:00:00Z\",\"page\":\"/\",\"bytes\":12}",
            "{\"at\":\"2024-05-17T11:00:00Z\",\"page\":\"/a\",\"bytes\":0}");
    assertAllAccepted(init("hit", file.toString()), 2);
    assertThat(schemas().resolve("hit.conf")).doesNotExist();
  }

  @Test
  void secondLook_changesNothingThatIsThere() throws IOException {
    Path file = file("a.csv", "time,n", "2024-05-17T10:00:00Z,1");
    init("thing", file.toString());
    Path schema = schemas().resolve("events/thing.avsc");
    assertThat(init("thing", file.toString()).out()).contains(schema + ": as it was");
    String changed = Files.readString(schema).replace("From 'n'.", "How many.");
    Files.writeString(schema, changed);
    assertThat(init("thing", file.toString()).out()).contains(schema + ": kept as it is");
    assertThat(schema).hasContent(changed);
  }

  @Test
  void dryRun_writesNothing() throws IOException {
    Path file = file("a.csv", "time,n", "2024-05-17T10:00:00Z,1");
    assertThat(init("thing", file.toString(), "--dry-run").out()).contains("\"event-time\"");
    assertThat(schemas()).doesNotExist();
  }

  @Test
  void dayAndMonthThatCouldBeEitherWay_areSaidToBe() throws IOException {
    Path file = file("a.csv", "date,n", "1/2/2024,1", "3/4/2024,2");
    assertThat(init("thing", file.toString()).err()).contains("could be the other way round");
    Path clear = file("b.csv", "date,n", "1/2/2024,1", "23/4/2024,2");
    init("clear", clear.toString());
    assertThat(written("clear.conf")).contains("\"d/M/yyyy\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Thing|a.csv|'Thing' is not a name of an event",
        "thing|none.csv|there is no such file",
        "thing|empty.csv|there is no record in the files",
        "thing|notime.csv|no column looks like a time",
      })
  void whatCannotBeDrafted_isSaid(String event, String name, String reason) throws IOException {
    file("a.csv", "time,n", "2024-05-17T10:00:00Z,1");
    file("empty.csv", "time,n");
    file("notime.csv", "a,b", "1,2");
    Said said = init(event, folder.resolve(name).toString());
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err()).contains(reason);
    assertThat(schemas()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "docs/examples/nginx_json/access.json",
    "docs/examples/caddy/access.log",
    "docs/examples/traefik/access.log",
    "docs/examples/iis/u_ex150517.log",
    "docs/examples/cloudfront/E2EXAMPLE.2015-05-17-10.log",
  })
  void logsOfOtherServers_areDraftedToo(String name) {
    Said said = init("request", ROOT.resolve(name).toString());
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err()).contains(" and reject 0");
  }

  @Test
  void dayAndTimeInTwoColumns_areOneMoment() throws IOException {
    init("request", ROOT.resolve("docs/examples/iis/u_ex150517.log").toString());
    assertThat(written("request.conf")).contains("{ from = [\"date\", \"time\"], zone = \"UTC\" }");
    assertThat(fields("request"))
        .containsEntry("date", "timestamp-millis event-time")
        .containsEntry("sc_status", "long")
        .doesNotContainKey("time")
        .doesNotContainKey("s_ip");
  }

  @ParameterizedTest
  @CsvSource({
    "wiki-edits/wikipedia-2015-09-12-hours-00-05.ndjson.gz, 5413, time, ''",
    "github-events/github-2021-07-21.ndjson.gz, 800, created_at, id",
    "orders/online-retail-2010-12.csv.gz, 42481, invoice_date, ''",
  })
  void realFeeds_areDraftedAndRead(String name, long records, String time, String id)
      throws IOException {
    Said said = init("feed", SharedData.file(name).toString());
    assertAllAccepted(said, records);
    assertThat(fields("feed")).containsEntry(time, "timestamp-millis event-time");
    if (!id.isEmpty()) {
      assertThat(fields("feed").get(id)).endsWith("event-id");
    }
  }

  @Test
  void webLog_getsTheFieldsThatIngestMakesOfIt() throws IOException {
    Said said =
        init("request", SharedData.file("access-logs/semicomplete-2015-05.log.gz").toString());
    assertThat(said.code()).as(said.err()).isZero();
    assertThat(said.err()).contains("ingest would accept 9,999 of these records and reject 1");
    assertThat(fields("request")).containsEntry("event_time", "timestamp-millis event-time");
  }
}
