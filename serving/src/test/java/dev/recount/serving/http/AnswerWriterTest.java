package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.view.ColumnType;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerWriterTest {
  private static final int MANY = 200_000;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static Javalin server;
  private static volatile Answer answer;

  @BeforeAll
  static void start() {
    server = Javalin.create();
    server.get(
        "/answer",
        HttpErrors.answered(
            context ->
                AnswerWriter.write(
                    context,
                    AnswerFormat.of(context.queryParam("format"), context.header("Accept")),
                    answer)));
    server.start("127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  private static Answer of(List<List<Object>> rows, String... warnings) {
    return new Answer(
        List.of(
            new Answer.Column("hour", ColumnType.TIMESTAMP),
            new Answer.Column("page, or \"path\"", ColumnType.STRING),
            new Answer.Column("n", ColumnType.LONG)),
        rows,
        new Provenance(
            "merged",
            "traffic",
            1,
            null,
            false,
            true,
            List.of(warnings),
            null,
            null,
            List.of(),
            null,
            null,
            null));
  }

  private static final Answer SMALL =
      of(
          List.of(
              Arrays.asList(
                  Instant.parse("2015-05-17T10:00:00Z"), "a,\"b\"\nc", 9_007_199_254_740_993L),
              Arrays.asList(null, "", null),
              Arrays.asList(Instant.EPOCH, null, -1L)),
          "ü: may be missing");

  private static HttpRequest.Builder request(String format) {
    return HttpRequest.newBuilder(
        URI.create("http://localhost:" + server.port() + "/answer?format=" + format));
  }

  private static HttpResponse<String> get(String format) throws Exception {
    return HTTP.send(request(format).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void csv_hasALineOfNames_andTellsNullFromAnEmptyText() throws Exception {
    answer = SMALL;
    HttpResponse<String> csv = get("csv");
    assertThat(csv.body())
        .isEqualTo(
            """
            hour,"page, or ""path""\",n
            2015-05-17T10:00:00Z,"a,""b""
            c",9007199254740993
            ,"",
            1970-01-01T00:00:00Z,,-1
            """);
    assertThat(csv.headers().firstValue("Content-Type"))
        .hasValue("text/csv; charset=utf-8; header=present");
    assertMadeOf(csv);
  }

  @Test
  void ndjson_hasAnObjectALine() throws Exception {
    answer = SMALL;
    HttpResponse<String> ndjson = get("ndjson");
    assertThat(ndjson.body())
        .isEqualTo(
            """
{"hour":"2015-05-17T10:00:00Z","page, or \\"path\\"":"a,\\"b\\"\\nc","n":9007199254740993}
{"hour":null,"page, or \\"path\\"":"","n":null}
{"hour":"1970-01-01T00:00:00Z","page, or \\"path\\"":null,"n":-1}
""");
    assertMadeOf(ndjson);
  }

  /** What an answer is made of is in its headers. */
  private static void assertMadeOf(HttpResponse<String> response) {
    assertThat(response.headers().firstValue("Recount-Rows")).hasValue("3");
    assertThat(response.headers().firstValue("Recount-Complete")).hasValue("false");
    assertThat(response.headers().firstValue("Recount-Truncated")).hasValue("true");
    String provenance = response.headers().firstValue("Recount-Provenance").orElseThrow();
    assertThat(provenance).isPrintable();
    assertThat(Json.read(provenance, JsonNode.class).at("/warnings/0").asText())
        .isEqualTo("ü: may be missing");
  }

  @Test
  void noRows_areAHeaderLine_orNothing() throws Exception {
    answer = of(List.of());
    assertThat(get("csv").body()).isEqualTo("hour,\"page, or \"\"path\"\"\",n\n");
    assertThat(get("ndjson").body()).isEmpty();
    assertThat(Json.read(get("json").body(), JsonNode.class).path("rows")).isEmpty();
  }

  @Test
  void warningsTooLongForAHeader_areLeftOutOfIt() throws Exception {
    answer = of(List.of(), "x".repeat(50_000));
    String provenance = get("csv").headers().firstValue("Recount-Provenance").orElseThrow();
    assertThat(provenance).hasSizeLessThan(3_000).contains("ask for JSON");
    assertThat(get("json").body()).contains("x".repeat(50_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "csv", "ndjson"})
  void largeAnswer_isSentGzipped_ifTheClientTakesThat(String format) throws Exception {
    answer = of(many(MANY));
    HttpResponse<byte[]> packed =
        HTTP.send(
            request(format).header("Accept-Encoding", "gzip").build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
    try (GZIPInputStream unpacked =
        new GZIPInputStream(new java.io.ByteArrayInputStream(packed.body()))) {
      String whole = new String(unpacked.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(whole).isEqualTo(get(format).body());
      assertThat(packed.body().length).isLessThan(whole.length() / 3);
    }
  }

  private static List<List<Object>> many(int rows) {
    return IntStream.range(0, rows)
        .mapToObj(i -> List.<Object>of(Instant.EPOCH, "page " + i, (long) i))
        .collect(Collectors.toList());
  }

  /** What breaks in the middle is never taken for a whole answer, packed or not. */
  @ParameterizedTest
  @CsvSource({
    "json, identity",
    "csv, identity",
    "ndjson, identity",
    "json, gzip",
    "csv, gzip",
    "ndjson, gzip"
  })
  void answerThatBreaks_isNotTakenForAWholeOne(String format, String encoding) {
    List<List<Object>> rows = many(MANY);
    answer =
        of(
            new AbstractList<>() {
              @Override
              public List<Object> get(int index) {
                if (index == MANY / 2) {
                  throw new IllegalStateException("of a test");
                }
                return rows.get(index);
              }

              @Override
              public int size() {
                return MANY;
              }
            });
    assertThatThrownBy(
            () ->
                HTTP.send(
                    request(format).header("Accept-Encoding", encoding).build(),
                    HttpResponse.BodyHandlers.ofByteArray()))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      delimiter = '|',
      value = {
        "null | null | JSON",
        "CSV | application/json | CSV",
        "null | text/csv | CSV",
        "null | text/html,application/xhtml+xml,*/*;q=0.8 | JSON",
        "null | text/csv;q=0.5, application/x-ndjson;q=0.9 | NDJSON",
        "null | application/ndjson | NDJSON",
        "null | text/csv;q=0 | JSON",
        "null | text/csv;q=0.2, */*;q=0.1 | CSV",
        "null | ;;,, | JSON",
      })
  void format_isTheNamedOne_elseTheAcceptedOne(String named, String accept, AnswerFormat format) {
    assertThat(AnswerFormat.of(named, accept)).isEqualTo(format);
  }

  @Test
  void unknownFormat_isRefused() {
    assertThatThrownBy(() -> AnswerFormat.of("xml", null))
        .hasMessageContaining("'xml'")
        .hasMessageContaining("json, csv, ndjson");
  }
}
