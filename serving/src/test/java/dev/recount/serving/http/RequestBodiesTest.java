package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.javalin.Javalin;
import io.javalin.http.Context;
import jakarta.servlet.DispatcherType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.servlet.FilterHolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies of any path, as handlers get them. */
class RequestBodiesTest {
  private static final int MOST = 1_200_000;
  private static final BodyBudget BUDGET = new BodyBudget(3 << 20);
  private static final AtomicLong NANOS = new AtomicLong();
  private static Javalin app;

  @BeforeAll
  static void start() {
    app =
        Javalin.create(
            settings -> {
              settings.showJavalinBanner = false;
              settings.http.maxRequestSize = HttpErrors.MAX_BODY_BYTES;
              settings.jetty.modifyServletContextHandler(
                  handler ->
                      handler.addFilter(
                          new FilterHolder(new RequestBodies(MOST, BUDGET, NANOS::get)),
                          "/*",
                          EnumSet.of(DispatcherType.REQUEST)));
            });
    HttpErrors.install(app);
    app.post("/echo", HttpErrors.answered(context -> context.result(context.bodyAsBytes())));
    app.post("/slow", HttpErrors.answered(RequestBodiesTest::readSlowly));
    app.start("127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    app.stop();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static HttpResponse<String> send(BodyPublisher body, String encoding) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + "/echo")).POST(body);
    if (encoding != null) {
      request.header("Content-Encoding", encoding);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void assertRefused(byte[] body, String encoding, int status, String reason)
      throws Exception {
    HttpResponse<String> answer = send(BodyPublishers.ofByteArray(body), encoding);
    assertThat(answer.body()).contains("Cannot read the request: ").contains(reason);
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  /** A minute passes after the first byte. */
  private static void readSlowly(Context context) throws IOException {
    context.bodyInputStream().read();
    NANOS.addAndGet(TimeUnit.SECONDS.toNanos(Long.parseLong(context.queryParam("seconds"))));
    context.result(String.valueOf(context.bodyInputStream().readAllBytes().length));
  }

  @Test
  void allBodies_haveABudget_ofWhichSmallOnesNeedNothing() throws Exception {
    BodyBudget.Share others = BUDGET.share();
    byte[] large = new byte[MOST];
    try (others) {
      others.hold(BodyBudget.FREE_BYTES + (2 << 20));
      HttpResponse<String> refused = send(BodyPublishers.ofByteArray(large), null);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.body()).contains("MEMORY_EXHAUSTED", "bodies of other requests");
      assertThat(send(BodyPublishers.ofByteArray(gzip(large)), "gzip").statusCode())
          .as("what it unpacks to counts")
          .isEqualTo(503);
      byte[] small = new byte[BodyBudget.FREE_BYTES];
      assertThat(send(BodyPublishers.ofByteArray(small), null).statusCode()).isEqualTo(200);
    }
    assertThat(send(BodyPublishers.ofByteArray(large), null).statusCode()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(60)).until(() -> BUDGET.held() == 0);
  }

  @Test
  void bodyThatComesTooSlowly_isGivenUp() throws Exception {
    for (int seconds : new int[] {60, 119, 200}) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + app.port() + "/slow?seconds=" + seconds))
              .POST(BodyPublishers.ofByteArray(new byte[600_000]))
              .build();
      HttpResponse<String> answer =
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      // It takes an hour to come at this speed: the first piece is too late.
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(seconds > 60 ? 400 : 200);
    }
  }

  @Test
  void gzippedBody_isUnpacked() throws Exception {
    byte[] body = "{\"sql\": \"SELECT 1\"}".getBytes(StandardCharsets.UTF_8);
    for (String encoding : new String[] {"gzip", "x-gzip", " GZIP "}) {
      assertThat(send(BodyPublishers.ofByteArray(gzip(body)), encoding).body())
          .isEqualTo("{\"sql\": \"SELECT 1\"}");
    }
    for (String encoding : new String[] {null, "identity"}) {
      assertThat(send(BodyPublishers.ofByteArray(body), encoding).body())
          .isEqualTo("{\"sql\": \"SELECT 1\"}");
    }
    assertThat(send(BodyPublishers.ofByteArray(gzip(new byte[MOST])), "gzip").body()).hasSize(MOST);
  }

  @Test
  void bodyThatIsNotWhatItSays_isRefused() throws Exception {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    assertRefused(body, "br", 400, "its Content-Encoding is 'br'");
    assertRefused(body, "gzip, gzip", 400, "its Content-Encoding is 'gzip, gzip'");
    assertRefused(body, "gzip", 400, "but its body is not gzip");
    assertRefused(new byte[0], "gzip", 400, "but its body is not gzip");
    byte[] packed = gzip("a longer text than nothing".getBytes(StandardCharsets.UTF_8));
    assertRefused(Arrays.copyOf(packed, packed.length - 9), "gzip", 400, "ends before it should");
    packed[packed.length - 6] ^= 1;
    assertRefused(packed, "gzip", 400, "not gzip to its end");
  }

  @Test
  void bodyThatIsTooLarge_isNotReadToItsEnd() throws Exception {
    assertRefused(gzip(new byte[MOST + 1]), "gzip", 413, "more than 1200000 bytes uncompressed");
    assertRefused(new byte[MOST + 1], null, 413, "more than 1200000 bytes");
    // In chunks: nobody says before how long it is.
    InputStream chunks = new ByteArrayInputStream(new byte[MOST + 1]);
    HttpResponse<String> answer = send(BodyPublishers.ofInputStream(() -> chunks), null);
    assertThat(answer.statusCode()).isEqualTo(413);
  }
}
