package dev.recount.serving.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.StatusReport;
import dev.recount.core.config.AccessConfig;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.version.VersionReport;
import dev.recount.core.version.Versions;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.door.Batch;
import dev.recount.ingest.door.Door;
import dev.recount.serving.access.Access;
import dev.recount.serving.access.AccessControl;
import dev.recount.serving.access.AuditLog;
import dev.recount.serving.access.Caller;
import dev.recount.serving.access.Listeners;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.diff.DiffRequest;
import dev.recount.serving.diff.VersionDiffs;
import dev.recount.serving.gateway.Asker;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.gateway.OptionWords;
import dev.recount.serving.gateway.Options;
import dev.recount.serving.gateway.Question;
import dev.recount.serving.metrics.ServingMetrics;
import dev.recount.serving.openapi.OpenApi;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.protocol.PinotApi;
import dev.recount.serving.request.Drain;
import dev.recount.serving.sql.ViewRequest;
import dev.recount.serving.stream.StreamApi;
import dev.recount.serving.stream.Streams;
import dev.recount.text.JsonWords;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The paths of the HTTP API. */
public final class HttpApi {
  private final Gateway gateway;
  private final Door door;
  private final Readiness readiness;
  private final Supplier<StatusReport> status;
  private final ViewsReport views;
  private final AuditsReport audits;
  private final SchedulesApi schedules;
  private final QueriesApi queries;
  private final PinotApi pinot;
  private final Versions versions;
  private final VersionDiffs diffs;
  private final AccessConfig addresses;
  private final AccessControl access;
  private final RecountConfig.Serving limits;
  private final CallerLimits ofEach;
  private final Clock clock;
  private final Drain drain = new Drain();
  private final ServingMetrics metrics;
  private final Streams streams;

  /** An API over what the process has opened; closes none of it. */
  public HttpApi(
      RecountConfig config,
      Catalog catalog,
      Gateway gateway,
      Door door,
      Readiness readiness,
      Clock clock) {
    this.limits = config.serving();
    this.ofEach = new CallerLimits(config.serving().limits());
    this.clock = clock;
    this.gateway = gateway;
    this.door = door;
    this.readiness = readiness;
    this.views = new ViewsReport(catalog, gateway);
    this.audits = new AuditsReport(catalog);
    this.schedules = new SchedulesApi(catalog, config, clock);
    this.queries = new QueriesApi(gateway, clock);
    this.pinot = new PinotApi(catalog, gateway, clock, HttpApi::asker);
    this.versions = new Versions(catalog);
    this.diffs = new VersionDiffs(gateway, catalog, config);
    this.addresses = config.access();
    this.access = new AccessControl(config, catalog, clock);
    this.status = () -> StatusReport.of(catalog, config, clock);
    this.streams = new Streams(config, gateway);
    this.metrics = new ServingMetrics(config, catalog, gateway, drain, clock);
    metrics.streams(streams);
    drain.whenClosed(streams::end);
  }

  /**
   * A server that answers where the settings say.
   *
   * @param port for plain HTTP; 0 chooses one
   * @throws RecountException PORT_TAKEN; CONFIG_INVALID if its certificate cannot be used
   */
  public Javalin listen(int port) {
    Listeners listeners = new Listeners(addresses, port);
    Javalin server = server(listeners);
    try {
      return server.start();
    } catch (JavalinBindException e) {
      throw RecountException.of(
          ErrorCode.PORT_TAKEN,
          e,
          "Cannot answer on %s: it is taken; stop the program that uses it, or move all ports "
              + "with --port-base",
          listeners.ports());
    }
  }

  /** What the process ends its requests by. */
  public Drain drain() {
    return drain;
  }

  private Javalin server(Listeners listeners) {
    Javalin app =
        ApiServer.create(
            limits,
            ofEach.limits(),
            drain,
            List.of(metrics),
            clock,
            settings -> {
              settings.events.serverStopped(streams::close);
              settings.events.serverStopped(metrics::close);
              listeners.configure(settings);
              access.configure(settings);
            });
    access.install(app, HttpErrors::answered);
    app.beforeMatched(HttpErrors.answered(ofEach::admit));
    app.post("/v1/sql", HttpErrors.answered(this::sql), Access.READ);
    app.post("/v1/events/{event}", HttpErrors.answered(this::events), Access.WRITE);
    app.get(
        "/v1/views",
        HttpErrors.answered(
            context -> JsonBodies.write(context, 200, views.read(Caller.of(context)::mayRead))),
        Access.KNOWN);
    app.get("/v1/views/{view}", HttpErrors.answered(this::view), Access.READ);
    app.get("/v1/versions", HttpErrors.answered(this::versions), Access.READ_NAMED);
    app.get("/v1/views/{view}/diff", HttpErrors.answered(this::diff), Access.READ);
    app.get(
        "/v1/diffs",
        HttpErrors.answered(
            context -> JsonBodies.write(context, 200, Map.of("diffs", diffs.all()))),
        Access.READ_ALL);
    app.get(
        "/v1/status",
        HttpErrors.answered(context -> JsonBodies.write(context, 200, status.get())),
        Access.READ_ALL);
    app.get(
        "/v1/audits",
        HttpErrors.answered(
            context -> JsonBodies.write(context, 200, audits.read(context.queryParamMap()))),
        Access.READ_NAMED);
    schedules.install(app);
    new StreamApi(streams).install(app, HttpErrors::answered);
    queries.install(app);
    metrics.install(app);
    OpenApi.install(app);
    pinot.install(app);
    installHealth(app);
    return app;
  }

  private void installHealth(Javalin app) {
    app.get(
        "/health/live",
        context -> JsonBodies.write(context, 200, Map.of("status", "UP")),
        Access.OPEN);
    app.get(
        "/health/started",
        HttpErrors.answered(context -> health(context, readiness.started())),
        Access.OPEN);
    app.get(
        "/health/ready",
        HttpErrors.answered(
            context -> health(context, readiness.ready().unless(drain.isAnnounced()))),
        Access.OPEN);
  }

  private void sql(Context context) {
    JsonNode request = json(context.bodyAsBytes());
    Map<String, String> said = SqlRequest.words(request);
    answer(context, Question.sql(said.get("sql"), Mode.of(said.get("mode"))), said);
  }

  private void view(Context context) {
    Map<String, List<String>> parameters = context.queryParamMap();
    ViewRequest request = new ViewRequest(parameters, SqlRequest.WORDS);
    Map<String, String> said = new HashMap<>();
    parameters.forEach((name, values) -> said.put(name, values.get(0)));
    answer(context, Question.of(context.pathParam("view"), request), said);
  }

  /**
   * @param said how the question is to be answered, and the answer to be written
   */
  private void answer(Context context, Question question, Map<String, String> said) {
    AnswerFormat format =
        AnswerFormat.of(said.get(AnswerFormat.PARAMETER), context.header("Accept"));
    Options options = OptionWords.read(said);
    AnswerTimes times = AnswerTimes.of(said.get(AnswerTimes.PARAMETER), options.zone());
    Answer answer = gateway.answer(question.with(options).by(asker(context)));
    AnswerWriter.write(context, format, times.in(answer));
  }

  private static Asker asker(Context context) {
    return new WaitingCaller(Caller.of(context), context.req());
  }

  /** All versions of all views. */
  record All(List<VersionReport> versions) {}

  private void versions(Context context) {
    Map<String, List<String>> parameters = context.queryParamMap();
    parameters.forEach(
        (name, values) -> {
          if (!name.equals("view") || values.size() > 1) {
            throw invalid("it takes 'view', once; found '" + name + "'", null);
          }
        });
    String view = context.queryParam("view");
    JsonBodies.write(context, 200, new All(view == null ? versions.list() : versions.list(view)));
  }

  private void diff(Context context) {
    DiffRequest request = DiffRequest.of(context.queryParamMap());
    JsonBodies.write(context, 200, diffs.diff(context.pathParam("view"), request));
  }

  private static JsonNode json(byte[] body) {
    try {
      JsonNode json = Json.MAPPER.readTree(body);
      if (json == null || !json.isObject()) {
        throw invalid("the body must be a JSON object", null);
      }
      return json;
    } catch (JsonProcessingException e) {
      throw invalid("the body is not JSON: " + JsonWords.of(e), e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static RecountException invalid(String reason, Exception cause) {
    return RecountException.of(
        ErrorCode.REQUEST_INVALID, cause, "Cannot read the request: %s", reason);
  }

  private void events(Context context) {
    String event = context.pathParam("event");
    Batch batch = door.submit(event, context.bodyAsBytes());
    metrics.events(event, batch.accepted(), batch.rejected().size());
    AuditLog.result(
        context, Map.of("accepted", batch.accepted(), "rejected", batch.rejected().size()));
    JsonBodies.write(context, 202, batch);
  }

  /** Whoever needs no key gets no names and no reasons; {@code /v1/status} has them. */
  private void health(Context context, Readiness.State state) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", state.isUp() ? "UP" : "DOWN");
    body.put("parts", state.parts());
    if (!state.problems().isEmpty() && !addresses.required()) {
      body.put("problems", state.problems());
    }
    JsonBodies.write(context, state.isUp() ? 200 : 503, body);
  }
}
