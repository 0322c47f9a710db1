package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventSchema;
import dev.recount.ingest.door.Door;
import io.javalin.Javalin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that are refused as a whole, before Kafka is asked; there is none here. */
class EventBodiesTest {
  @TempDir private static Path home;
  private static Catalog catalog;
  private static Door door;
  private static Javalin server;

  @BeforeAll
  static void start() {
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of(
                "RECOUNT_CATALOG_URL",
                "jdbc:h2:mem:bodies;DB_CLOSE_DELAY=-1",
                "RECOUNT_KAFKA_BOOTSTRAP",
                "localhost:1"));
    Path root = Path.of(System.getProperty("recount.root"));
    catalog = Catalog.open(config);
    catalog.events().apply(EventSchema.read(root.resolve("schemas/events/page_view.avsc")), 1);
    door = Door.open(config, catalog, Clock.systemUTC());
    server = new HttpApi(config, catalog, null, door, null, Clock.systemUTC()).listen(0);
  }

  @AfterAll
  static void stop() {
    server.stop();
    door.close();
    catalog.close();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static void assertRefused(
      byte[] body, String encoding, int status, String code, String reason) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v1/events/page_view"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (encoding != null) {
      request.header("Content-Encoding", encoding);
    }
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    JsonNode answer = Json.read(response.body(), JsonNode.class);
    assertThat(answer.path("message").asText()).startsWith("Cannot ").contains(reason);
    assertThat(answer.path("code").asText()).isEqualTo(code);
    assertThat(response.statusCode()).isEqualTo(status);
  }

  @Test
  void numbersByTheMillion_areNoEvents() throws Exception {
    byte[] body = ("[" + "1,".repeat(30_000_000) + "1]").getBytes(StandardCharsets.UTF_8);
    String reason = "its JSON arrays hold values that are not objects";
    assertRefused(body, null, 400, "EVENT_MALFORMED", reason);
    assertRefused(gzip(body), "gzip", 400, "EVENT_MALFORMED", reason);
    assertRefused(gzip(body), null, 400, "EVENT_MALFORMED", reason);
  }

  @Test
  void anEncoding_isWhatItSays() throws Exception {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    assertRefused(body, "br", 400, "REQUEST_INVALID", "its Content-Encoding is 'br'");
    assertRefused(body, "gzip", 400, "REQUEST_INVALID", "but its body is not gzip");
  }

  @Test
  void aBodyThatUnpacksWithoutEnd_isTooLarge() throws Exception {
    byte[] bomb = gzip(new byte[65 << 20]);
    assertRefused(bomb, "gzip", 413, "EVENT_TOO_LARGE", "bytes uncompressed");
  }
}
