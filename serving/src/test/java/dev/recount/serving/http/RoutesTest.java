package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.serving.access.Access;
import io.javalin.Javalin;
import io.javalin.router.ParsedEndpoint;
import io.javalin.security.Roles;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every route of the API, asked by nobody: only health is open. */
class RoutesTest {
  @TempDir private static Path home;
  private static Catalog catalog;
  private static Javalin server;

  @BeforeAll
  static void start() {
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of(
                "RECOUNT_CATALOG_URL", "jdbc:h2:mem:routes;DB_CLOSE_DELAY=-1",
                "RECOUNT_ACCESS_REQUIRED", "true"));
    catalog = Catalog.open(config);
    server = new HttpApi(config, catalog, null, null, null, Clock.systemUTC()).listen(0);
  }

  @AfterAll
  static void stop() {
    server.stop();
    catalog.close();
  }

  private static List<ParsedEndpoint> routes() {
    return server.unsafeConfig().pvt.internalRouter.allHttpHandlers().stream()
        .filter(route -> route.getEndpoint().getMethod().isHttpMethod())
        .toList();
  }

  private static Access access(ParsedEndpoint route) {
    return route.getEndpoint().metadata(Roles.class).getRoles().stream()
        .filter(Access.class::isInstance)
        .map(Access.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyRouteButHealth_asksWhoItIs() throws Exception {
    List<String> open = new ArrayList<>();
    for (ParsedEndpoint route : routes()) {
      String path = route.getEndpoint().getPath();
      if (access(route) == Access.OPEN) {
        open.add(path);
        continue;
      }
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://127.0.0.1:"
                                  + server.port()
                                  + path.replaceAll("[{<]\\w+[}>]", "x")))
                      .method(
                          route.getEndpoint().getMethod().name(),
                          HttpRequest.BodyPublishers.ofString("{}"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .contains("Bearer realm=\"recount\"");
      JsonNode error = Json.read(answer.body(), JsonNode.class);
      assertThat(error.path("code").asText()).as(path).isEqualTo("UNAUTHENTICATED");
    }
    assertThat(open).contains("/health/live", "/health/started", "/health/ready");
    assertThat(open).allMatch(path -> path.equals("/health") || path.startsWith("/health/"));
  }

  /** But for questions that are posted, and for what a caller does to its own session. */
  @Test
  void whatChanges_isNoReading() {
    for (ParsedEndpoint route : routes()) {
      String path = route.getEndpoint().getPath();
      if (!route.getEndpoint().getMethod().name().equals("GET")
          && !path.equals("/v1/session")
          && !path.equals("/query")
          && !path.endsWith("/sql")) {
        assertThat(access(route)).as(path).isIn(Access.WRITE, Access.OPERATE);
      }
    }
  }
}
