package dev.recount.serving.http;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.access.Access;
import dev.recount.serving.access.Caller;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.running.RunningQuery;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** The paths below {@code /v1/queries}: the questions that are being answered now. */
final class QueriesApi {
  private final Gateway gateway;
  private final Clock clock;

  QueriesApi(Gateway gateway, Clock clock) {
    this.gateway = gateway;
    this.clock = clock;
  }

  /** A question as it is shown. */
  record Shown(
      String id,
      String view,
      String mode,
      String askedBy,
      Instant since,
      long runningMs,
      String sql) {}

  /** All of this process, the oldest first. */
  record All(List<Shown> queries) {}

  /**
   * What cancelling did.
   *
   * @param changed whether it ran until then
   */
  record Cancelled(boolean changed, String message, Shown query) {}

  void install(Javalin app) {
    app.get("/v1/queries", HttpErrors.answered(this::list), Access.OPERATE);
    app.delete("/v1/queries/{id}", HttpErrors.answered(this::cancel), Access.OPERATE);
  }

  private void list(Context context) {
    JsonBodies.write(
        context, 200, new All(gateway.running().list().stream().map(this::shown).toList()));
  }

  private void cancel(Context context) {
    String id = context.pathParam("id");
    RunningQuery query =
        gateway
            .running()
            .cancel(id, Caller.of(context).name())
            .orElseThrow(
                () ->
                    RecountException.of(
                        ErrorCode.NOT_FOUND,
                        "Cannot cancel the query '%s': no query of this id runs (it may have"
                            + " ended); see GET /v1/queries",
                        id));
    JsonBodies.write(
        context, 200, new Cancelled(true, "The query " + id + " is cancelled", shown(query)));
  }

  private Shown shown(RunningQuery query) {
    return new Shown(
        query.id(),
        query.view(),
        query.mode().label(),
        query.askedBy(),
        query.since(),
        Math.max(0, clock.millis() - query.since().toEpochMilli()),
        query.sql());
  }
}
