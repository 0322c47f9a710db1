package dev.recount.serving.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.contract.Json;
import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.catalog.ViewVersion;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.door.Batch;
import dev.recount.contract.door.Door;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.view.Dimension;
import dev.recount.contract.view.Measure;
import dev.recount.contract.view.ViewPlan;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.gateway.Mode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The paths of the HTTP API. */
public final class HttpApi {
  /** Largest request body. */
  static final long MAX_BODY_BYTES = 64L * 1024 * 1024;

  private final Catalog catalog;
  private final Gateway gateway;
  private final Door door;
  private final Readiness readiness;
  private final StatusReport status;

  /** An API over what the process has opened; closes none of it. */
  public HttpApi(
      RecountConfig config,
      Catalog catalog,
      Gateway gateway,
      Door door,
      Readiness readiness,
      Clock clock) {
    this.catalog = catalog;
    this.gateway = gateway;
    this.door = door;
    this.readiness = readiness;
    this.status = new StatusReport(catalog, config, clock);
  }

  /** The server, not yet started. */
  public Javalin server() {
    Javalin app =
        Javalin.create(
            settings -> {
              settings.showJavalinBanner = false;
              settings.http.maxRequestSize = MAX_BODY_BYTES;
              settings.http.defaultContentType = "application/json; charset=utf-8";
            });
    HttpErrors.install(app);
    app.post("/v1/sql", this::sql);
    app.post("/v1/events/{event}", this::events);
    app.get("/v1/views", context -> write(context, 200, views()));
    app.get("/v1/status", context -> write(context, 200, status.read()));
    app.get("/health/live", context -> write(context, 200, Map.of("status", "UP")));
    app.get("/health/ready", this::ready);
    return app;
  }

  private static void write(Context context, int code, Object body) {
    try {
      context
          .status(code)
          .contentType("application/json; charset=utf-8")
          .result(Json.MAPPER.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void sql(Context context) {
    JsonNode request = json(context.bodyAsBytes());
    JsonNode mode = request.path("mode");
    if (!request.path("sql").isTextual()
        || !(mode.isMissingNode() || mode.isNull() || mode.isTextual())) {
      throw invalid("send {\"sql\": \"SELECT ...\", \"mode\": \"merged\"}", null);
    }
    write(
        context,
        200,
        gateway.answer(
            request.path("sql").asText(), Mode.of(mode.isTextual() ? mode.asText() : null)));
  }

  private static JsonNode json(byte[] body) {
    try {
      JsonNode json = Json.MAPPER.readTree(body);
      if (json == null || !json.isObject()) {
        throw invalid("the body must be a JSON object", null);
      }
      return json;
    } catch (JsonProcessingException e) {
      throw invalid("the body is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static RecountException invalid(String reason, Exception cause) {
    return new RecountException(
        ErrorCode.REQUEST_INVALID, "Cannot read the request: " + reason, cause);
  }

  private void events(Context context) {
    Batch batch = door.submit(context.pathParam("event"), context.bodyAsBytes());
    write(context, 202, batch);
  }

  private void ready(Context context) {
    Map<String, Boolean> parts = readiness.parts();
    boolean up = !parts.containsValue(false);
    write(context, up ? 200 : 503, Map.of("status", up ? "UP" : "DOWN", "parts", parts));
  }

  /** What a user needs to know of a view to query it. */
  record View(
      String view,
      int version,
      String event,
      String description,
      List<Dimension> dimensions,
      List<ViewMeasure> measures,
      String sql) {}

  /** A measure as its users see it. */
  record ViewMeasure(String name, String type, String kind, String accuracy) {}

  private Map<String, List<View>> views() {
    List<View> views =
        catalog.views().all().stream()
            .map(ViewVersion::viewName)
            .distinct()
            .map(name -> view(catalog.views().active(name).orElseThrow().plan()))
            .toList();
    return Map.of("views", views);
  }

  private static View view(ViewPlan plan) {
    return new View(
        plan.view(),
        plan.version(),
        plan.event(),
        plan.header().getOrDefault("description", ""),
        plan.dimensions(),
        plan.measures().stream().map(HttpApi::measure).toList(),
        plan.sql());
  }

  private static ViewMeasure measure(Measure measure) {
    return new ViewMeasure(
        measure.name(),
        measure.type().name(),
        measure.kind().name(),
        measure.kind().measureClass().label());
  }
}
