package dev.recount.serving.access;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.serving.request.RequestId;
import io.javalin.http.Context;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Notes who changed what, and who was refused: one line of JSON for each request that sends events,
 * runs or stops something, logs in or out, or is not let in. The lines are {@code logs/audit.log}
 * in the home.
 */
public final class AuditLog {
  private static final String ERROR = "recount.audit.error";
  private static final String RESULT = "recount.audit.result";

  private static final int MOST_TEXT = 500;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private final Consumer<String> lines;
  private final Clock clock;

  AuditLog(Consumer<String> lines, Clock clock) {
    this.lines = lines;
    this.clock = clock;
  }

  /** Says with which error a request ended. */
  public static void failed(Context context, ErrorCode code) {
    context.attribute(ERROR, code);
  }

  /** Says what came of a request, for whoever reads the log: counts, not contents, by name. */
  public static void result(Context context, Map<String, ?> result) {
    context.attribute(RESULT, new TreeMap<>(result));
  }

  /** Called when the answer to a request is known. */
  void note(Context context, boolean isChange) {
    int status = context.statusCode();
    if (!isChange && status != UNAUTHORIZED && status != FORBIDDEN) {
      return;
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", clock.instant().toString());
    line.put("request_id", RequestId.of(context.req()));
    line.put("who", Caller.isIn(context) ? Caller.of(context).name() : null);
    line.put("key_id", Caller.isIn(context) ? Caller.of(context).keyId() : null);
    line.put("from", context.ip());
    // What a proxy says of where the request came from; anybody may say so.
    line.put("forwarded_for", shortened(context.header("X-Forwarded-For")));
    line.put("what", context.method() + " " + shortened(context.path()));
    line.put("status", status);
    line.put("code", context.attribute(ERROR));
    line.put("result", context.attribute(RESULT));
    line.values().removeIf(value -> value == null);
    lines.accept(Json.write(line));
  }

  private static String shortened(String text) {
    return text == null || text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
  }
}
