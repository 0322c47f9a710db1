package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong, the answer says so in the one form. */
class HttpErrorsTest {
  private static Javalin app;
  private static final AtomicBoolean LET_IN = new AtomicBoolean();

  @BeforeAll
  static void start() {
    app =
        Javalin.create(
            settings -> {
              settings.showJavalinBanner = false;
              settings.jetty.modifyServer(server -> server.setErrorHandler(new ServerErrors()));
            });
    HttpErrors.install(app);
    app.get("/deep", HttpErrors.answered(context -> deeper(0)));
    app.get(
        "/link",
        HttpErrors.answered(
            context -> {
              throw new NoClassDefFoundError("some/Class");
            }));
    app.get(
        "/memory",
        HttpErrors.answered(
            context -> {
              throw new OutOfMemoryError("Requested array size exceeds VM limit");
            }));
    app.get(
        "/fault",
        HttpErrors.answered(
            context -> {
              throw new IllegalStateException("secret");
            }));
    app.before(
        "/checked",
        HttpErrors.answered(
            context -> {
              throw new NoClassDefFoundError("some/Check");
            }));
    app.get("/checked", context -> LET_IN.set(true));
    app.start("127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    app.stop();
  }

  private static int deeper(int depth) {
    return depth < 0 ? 0 : deeper(depth + 1) + 1;
  }

  private static void requireError(String path, int status, String code) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(path).isEqualTo(status);
    JsonNode body = Json.MAPPER.readTree(answer.body());
    assertThat(body.path("code").asText()).as(path).isEqualTo(code);
    assertThat(body.path("message").asText()).as(path).startsWith("Cannot ");
    assertThat(body.path("details").isObject()).isTrue();
    assertThat(answer.body()).doesNotContain("secret", "Exception");
  }

  /** A check that cannot be made is none that was passed. */
  @Test
  void checkThatFailsWithAnError_letsNobodyIn() throws Exception {
    requireError("/checked", 500, "INTERNAL");
    assertThat(LET_IN).isFalse();
  }

  @Test
  void errorsOfEveryKind_areAnswered() throws Exception {
    requireError("/deep", 500, "INTERNAL");
    requireError("/link", 500, "INTERNAL");
    requireError("/memory", 503, "MEMORY_EXHAUSTED");
    requireError("/fault", 500, "INTERNAL");
    requireError("/nothing", 404, "NOT_FOUND");
  }

  /** What the server refuses before it looks for a handler. */
  @Test
  void requestsThatAreNoHttp_areAnswered() throws IOException {
    for (String request :
        new String[] {
          "GET /deep%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /deep HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n",
          "GET /" + "y".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"
        }) {
      try (Socket socket = new Socket("127.0.0.1", app.port())) {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).contains("\r\n\r\n{\"code\":\"REQUEST_INVALID\",\"message\":\"Cannot ");
      }
    }
  }
}
