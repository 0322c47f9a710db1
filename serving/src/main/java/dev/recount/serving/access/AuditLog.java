package dev.recount.serving.access;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.serving.request.RequestId;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.time.Clock;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes who changed what, and who was refused: one line of JSON for each request that sends events,
 * runs or stops something, logs in or out, or is not let in. What anybody, or any sender of events,
 * can cause a lot of has files of its own, which push nothing out of the others.
 */
public final class AuditLog {
  private static final String ERROR = "recount.audit.error";
  private static final String RESULT = "recount.audit.result";

  private static final int MOST_TEXT = 500;

  private static final Set<ErrorCode> REFUSALS =
      EnumSet.of(ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN, ErrorCode.ORIGIN_REFUSED);

  /** What a line is about; each has a file in the home. */
  enum Kind {
    /** Runs and stops something: {@code logs/audit.log}. */
    OPERATION("recount.audit"),

    /** Sends events, logs in or out: {@code logs/audit-events.log}. */
    EVENTS("recount.audit.events"),

    /** Is not let in: {@code logs/audit-refused.log}. */
    REFUSED("recount.audit.refused");

    private final Logger log;

    /**
     * @param name of the log in the settings of logging
     */
    Kind(String name) {
      this.log = LoggerFactory.getLogger(name);
    }

    void write(String line) {
      log.info(line);
    }
  }

  /** Where lines go. */
  interface Lines {
    void write(Kind kind, String line);
  }

  private final Lines lines;
  private final Clock clock;

  AuditLog(Lines lines, Clock clock) {
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

  /**
   * Called when the answer to a request is known.
   *
   * @param access of its route; null if it has none
   */
  void note(Context context, Access access) {
    ErrorCode error = context.attribute(ERROR);
    if (error != null && REFUSALS.contains(error)) {
      lines.write(Kind.REFUSED, line(context));
    } else if (access == Access.OPERATE && context.method() != HandlerType.GET) {
      lines.write(Kind.OPERATION, line(context));
    } else if (access != null && access.isChange()) {
      lines.write(Kind.EVENTS, line(context));
    }
  }

  private String line(Context context) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", clock.instant().toString());
    line.put("request_id", RequestId.of(context.req()));
    line.put("who", Caller.isIn(context) ? Caller.of(context).name() : null);
    line.put("key_id", Caller.isIn(context) ? Caller.of(context).keyId() : null);
    line.put("from", context.ip());
    // What a proxy says of where the request came from; anybody may say so.
    line.put("forwarded_for", shortened(context.header("X-Forwarded-For")));
    line.put("what", context.method() + " " + shortened(context.path()));
    line.put("status", context.statusCode());
    line.put("code", context.attribute(ERROR));
    line.put("result", context.attribute(RESULT));
    line.values().removeIf(value -> value == null);
    return Json.write(line);
  }

  private static String shortened(String text) {
    return text == null || text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
  }
}
