package dev.recount.serving.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeptRun;
import dev.recount.core.catalog.KeptRuns;
import dev.recount.core.catalog.RunCatalog;
import dev.recount.core.catalog.RunFilter;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.schedule.ScheduleReport;
import dev.recount.core.schedule.Schedules;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.access.Access;
import dev.recount.serving.access.Caller;
import dev.recount.text.JsonWords;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The paths below {@code /v1/schedules} and {@code /v1/runs}, and the runs that are kept of a view.
 */
final class SchedulesApi {
  private static final int LIMIT_DEFAULT = 50;
  private static final int LIMIT_MOST = 1_000;
  private static final Set<String> MODES = Set.of(RunRequest.FULL, RunRequest.INCREMENTAL);
  private static final Set<String> STATUSES =
      Set.of(
          BatchRun.RUNNING,
          BatchRun.SUCCEEDED,
          BatchRun.FAILED,
          BatchRun.CANCELLED,
          BatchRun.MISSED);

  private final Schedules schedules;
  private final KeptRuns kept;

  SchedulesApi(Catalog catalog, RecountConfig config, Clock clock) {
    this.schedules = new Schedules(catalog, clock);
    this.kept = new KeptRuns(catalog, config, clock);
  }

  /**
   * All schedules.
   *
   * @param problems of who follows them
   */
  record All(List<ScheduleReport> schedules, List<String> problems) {}

  /**
   * What an action on a view did.
   *
   * @param changed whether it was not so already
   */
  record OnView(boolean changed, String message, ScheduleReport schedule) {}

  /**
   * Runs, the newest first.
   *
   * @param next what {@code before} has to be for those that follow; null if there are none
   */
  record Runs(List<RunReport> runs, String next) {}

  /** The runs of a view that are kept, the newest first. */
  record Kept(List<KeptRun> runs) {}

  /** What an action on a run did. */
  record OnRun(boolean changed, String message, RunReport run) {}

  void install(Javalin app) {
    app.get(
        "/v1/schedules",
        HttpErrors.answered(c -> write(c, new All(schedules.list(), schedules.problems()))),
        Access.READ_ALL);
    app.get(
        "/v1/schedules/{view}",
        HttpErrors.answered(c -> write(c, schedules.find(c.pathParam("view")))),
        Access.READ);
    app.post("/v1/schedules/{view}/trigger", HttpErrors.answered(this::trigger), Access.OPERATE);
    app.post(
        "/v1/schedules/{view}/pause",
        HttpErrors.answered(c -> act(c, schedules::pause)),
        Access.OPERATE);
    app.post(
        "/v1/schedules/{view}/resume",
        HttpErrors.answered(c -> act(c, schedules::resume)),
        Access.OPERATE);
    app.get("/v1/views/{view}/runs", HttpErrors.answered(this::kept), Access.READ);
    app.get("/v1/runs", HttpErrors.answered(this::runs), Access.READ_NAMED);
    app.get(
        "/v1/runs/{run}",
        HttpErrors.answered(c -> write(c, schedules.run(c.pathParam("run")))),
        Access.READ_ALL);
    app.post("/v1/runs/{run}/cancel", HttpErrors.answered(this::cancel), Access.OPERATE);
  }

  private void act(Context context, Function<String, Schedules.Done> action) {
    String view = context.pathParam("view");
    Schedules.Done done = action.apply(view);
    write(context, new OnView(done.changed(), done.message(), schedules.find(view)));
  }

  private void trigger(Context context) {
    String mode = mode(context.body());
    act(context, view -> schedules.trigger(view, mode));
  }

  private static String mode(String body) {
    if (body.isBlank()) {
      return RunRequest.FULL;
    }
    try {
      JsonNode request = Json.MAPPER.readTree(body);
      String mode = request.path("mode").asText(RunRequest.FULL);
      if (!request.isObject() || !MODES.contains(mode)) {
        throw invalid("send {\"mode\": \"full\"} or {\"mode\": \"incremental\"}, or no body", null);
      }
      return mode;
    } catch (JsonProcessingException e) {
      throw invalid("the body is not JSON: " + JsonWords.of(e), e);
    }
  }

  /** The lake is not looked at: what it should hold is known. */
  private void kept(Context context) {
    write(
        context, new Kept(kept.list(kept.view(context.pathParam("view")), p -> Optional.empty())));
  }

  private void runs(Context context) {
    String status = context.queryParam("status");
    if (status != null && !STATUSES.contains(status.toUpperCase(Locale.ROOT))) {
      throw invalid(
          "'status' is one of %s, found '%s'"
              .formatted(String.join(", ", STATUSES.stream().sorted().toList()), status),
          null);
    }
    int limit = limit(context.queryParam("limit"));
    String before = context.queryParam("before");
    if (before != null && !RunCatalog.isId(before)) {
      throw invalid("'before' is the name of a run, found '" + before + "'", null);
    }
    RunFilter filter =
        new RunFilter(
            context.queryParam("view"),
            status == null ? null : status.toUpperCase(Locale.ROOT),
            before);
    List<RunReport> found = schedules.history(filter, limit + 1);
    boolean isAll = found.size() <= limit;
    Caller caller = Caller.of(context);
    List<RunReport> page =
        (isAll ? found : found.subList(0, limit))
            .stream().map(run -> run.among(caller::mayRead)).toList();
    write(context, new Runs(page, isAll ? null : page.get(limit - 1).runId()));
  }

  private static int limit(String text) {
    try {
      int limit = text == null ? LIMIT_DEFAULT : Integer.parseInt(text);
      if (limit >= 1 && limit <= LIMIT_MOST) {
        return limit;
      }
    } catch (NumberFormatException e) {
      throw invalid("'limit' is not a whole number: '" + text + "'", e);
    }
    throw invalid("'limit' is between 1 and " + LIMIT_MOST + ", found " + text, null);
  }

  private void cancel(Context context) {
    String run = context.pathParam("run");
    Schedules.Done done = schedules.cancel(run, "a request over HTTP");
    write(context, new OnRun(done.changed(), done.message(), schedules.run(run)));
  }

  private static void write(Context context, Object body) {
    context.contentType("application/json; charset=utf-8").result(Json.write(body));
  }

  private static RecountException invalid(String reason, Exception cause) {
    return RecountException.of(
        ErrorCode.REQUEST_INVALID, cause, "Cannot read the request: %s", reason);
  }
}
