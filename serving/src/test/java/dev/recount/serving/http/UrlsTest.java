package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A URL that does not say what it means is refused, and by none of the parts behind the API. */
class UrlsTest {
  private static Javalin server;

  @TempDir static Path home;

  private static HttpApi api() {
    return new HttpApi(RecountConfig.load(home), null, null, null, null, Clock.systemUTC());
  }

  @BeforeAll
  static void start() {
    server = api().listen(0);
  }

  @AfterAll
  static void stop() {
    server.stop();
  }

  /** What the server answers to a request's first line, in ISO-8859-1. */
  private static String answer(String line) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket
          .getOutputStream()
          .write(
              (line
                      + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/views/v?where=a%zz",
        "GET /v1/views/v?where=a%",
        "GET /v1/views/v?where=a%2",
        "GET /v1/views/v?where=a%-1",
        "GET /v1/views/v?where=a%+1",
        "GET /v1/views/v?%zz=1",
        "GET /v1/views/v?%ff",
        "GET /v1/views/v?where=a%ff",
        "GET /v1/views/v?by=b&where=a%C3&limit=1",
        "GET /v1/views/v?where=a%C0%80",
        "GET /v1/views/v?where=a%ED%A0%80",
        "GET /v1/views/v?where=a%F8%88%80%80%80",
        "GET /v1/views/v?where=a\u00FF",
        "GET /v1/views/v%ff",
        "GET /v1/views/v%C3%28",
        "GET /v1/views/v%",
        "GET /v1/views/v%zz",
        "GET /v1/views?x=%zz",
        "GET /v1/status?x=%ff",
        "POST /v1/events/page%ff",
        "POST /v1/events/page_view?x=%zz",
        "POST /v1/sql?x=%E2%82",
        "GET /nothing?x=%ff",
      })
  void whatIsNotEncodedRightly_isTheCallersError(String line) throws Exception {
    String answer = answer(line);
    assertThat(answer).startsWith("HTTP/1.1 400 ");
    JsonNode body = Json.MAPPER.readTree(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(body.path("code").asText()).isEqualTo("REQUEST_INVALID");
    assertThat(body.path("message").asText()).startsWith("Cannot read the ");
    assertThat(body.path("details").isObject()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "GET /nothing?where=100%25%20%C3%BC%EF%BF%BD%F0%9F%98%80+%00, 404",
    "GET /nothing/%C3%BC?&&a=&=b&c, 404",
  })
  void everyOtherUrl_isRead(String line, int status) throws Exception {
    assertThat(answer(line)).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void portThatIsTaken_isSaid() {
    HttpApi second = api();
    assertThatThrownBy(() -> second.listen(server.port()))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PORT_TAKEN))
        .hasMessageStartingWith("Cannot answer on port " + server.port());
  }
}
