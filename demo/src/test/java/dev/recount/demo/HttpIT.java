package dev.recount.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the endpoints beside the queries say. */
@ExtendWith(WholeStack.class)
class HttpIT {
  private static Gateway gateway;

  @BeforeAll
  static void connect() {
    gateway = new Gateway(WholeStack.config());
  }

  private static JsonNode ok(String path) {
    Gateway.Reply reply = gateway.get(path);
    assertThat(reply.status()).as("%s: %s", path, reply.body()).isEqualTo(200);
    return reply.body();
  }

  @Test
  void views_areDescribed() {
    JsonNode views = ok("/v1/views").path("views");
    assertThat(views.findValuesAsText("view")).contains("page_views", "traffic", "visitors");
    JsonNode traffic = null;
    for (JsonNode view : views) {
      traffic = view.path("view").asText().equals("traffic") ? view : traffic;
    }
    assertThat(traffic.path("event").asText()).isEqualTo("page_view");
    assertThat(traffic.path("dimensions").findValuesAsText("name"))
        .containsExactly("hour", "method", "status");
    assertThat(traffic.path("measures").findValuesAsText("name"))
        .containsExactly("requests", "bytes", "min_bytes", "max_bytes", "avg_bytes");
    assertThat(traffic.path("measures").findValuesAsText("kind"))
        .containsExactly("COUNT", "SUM", "MIN", "MAX", "AVERAGE");
    assertThat(traffic.path("sql").asText()).contains("FROM page_view");
  }

  @Test
  void status_namesServicesEventsViewsAndRuns() {
    JsonNode status = ok("/v1/status");
    assertThat(status.path("services").findValuesAsText("service"))
        .contains("archive", "serving", "speed");
    assertThat(status.path("events").get(0).path("event").asText()).isEqualTo("page_view");
    assertThat(status.path("events").get(0).path("freshness_ms").isNumber()).isTrue();
    assertThat(status.path("views").findValuesAsText("view"))
        .contains("page_views", "traffic", "visitors");
    assertThat(status.path("runs").isArray()).isTrue();
  }

  @Test
  void health_isUpWhileAllParts_are() {
    assertThat(ok("/health/live").path("status").asText()).isEqualTo("UP");
    assertThat(ok("/health/ready").path("status").asText()).isEqualTo("UP");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/sql              | not JSON                                   | 400 | REQUEST_INVALID",
        "/v1/sql              | {\"query\": \"SELECT 1\"}                  | 400 | REQUEST_INVALID",
        "/v1/sql              | {\"sql\": \"SELEC 1\"}                     | 400 | QUERY_SYNTAX",
        "/v1/sql              | {\"sql\": \"DELETE FROM traffic\"}         | 400 | QUERY_NOT_SELECT",
        "/v1/sql              | {\"sql\": \"SELECT x FROM traffic\"}       | 400 | QUERY_COLUMN_UNKNOWN",
        "/v1/sql              | {\"sql\": \"SELECT status FROM nothing\"}  | 404 | VIEW_UNKNOWN",
        "/v1/events/nothing   | {}                                         | 404 | EVENT_UNKNOWN",
        "/v1/nothing          | {}                                         | 404 | NOT_FOUND"
      })
  void badRequests_getACodeAndAReason(String path, String body, int status, String code) {
    Gateway.Reply reply = gateway.post(path, body);
    assertThat(reply.body().path("code").asText()).isEqualTo(code);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.body().path("message").asText()).startsWith("Cannot ");
    assertThat(List.of("\tat ", "java.", "Exception"))
        .noneMatch(trace -> reply.body().toString().contains(trace));
  }
}
