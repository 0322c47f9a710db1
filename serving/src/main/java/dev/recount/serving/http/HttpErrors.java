package dev.recount.serving.http;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.access.AuditLog;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one mapper from errors to responses: {@code {code, message, details}}, never a stack trace.
 */
final class HttpErrors {
  /** Largest request body. */
  static final long MAX_BODY_BYTES = 64L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(HttpErrors.class);
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int TOO_LARGE = 413;

  /** What should have been refused before: asking again does not help. */
  private static final int REFUSED_BY_PINOT = 500;

  private HttpErrors() {}

  /** The body of an error. */
  record Body(ErrorCode code, String message, Map<String, Object> details) {}

  static void install(Javalin app) {
    app.exception(RecountException.class, HttpErrors::write);
    app.exception(
        HttpResponseException.class, (e, context) -> write(translated(e, context), context));
    app.exception(Exception.class, (e, context) -> write(unexpected(e, context), context));
  }

  /** The handler, whose every failure is answered in the one form: the server drops an Error. */
  static Handler answered(Handler handler) {
    return context -> {
      try {
        handler.handle(context);
      } catch (OutOfMemoryError e) {
        LOG.error("{} {} needs too much memory", context.method(), context.path(), e);
        write(
            new RecountException(
                ErrorCode.MEMORY_EXHAUSTED,
                "Cannot answer the request: it needs more memory than the process has; ask for"
                    + " less at a time"),
            context);
      } catch (Error e) {
        write(unexpected(e, context), context);
      }
    };
  }

  static void write(RecountException error, Context context) {
    AuditLog.failed(context, error.code());
    if (error.code() == ErrorCode.UNAUTHENTICATED) {
      // Not Basic: a browser would ask for a password then, and send it along from everywhere.
      context.header("WWW-Authenticate", "Bearer realm=\"recount\"");
    }
    context
        .status(status(error.code()))
        .contentType("application/json; charset=utf-8")
        .result(Json.write(new Body(error.code(), error.getMessage(), error.details())));
  }

  private static int status(ErrorCode code) {
    return switch (code) {
      case NOT_FOUND, EVENT_UNKNOWN, VIEW_UNKNOWN -> NOT_FOUND;
      case UNAUTHENTICATED -> UNAUTHORIZED;
      case FORBIDDEN, ORIGIN_REFUSED -> FORBIDDEN;
      case EVENT_TOO_LARGE -> TOO_LARGE;
      case QUERY_FAILED -> REFUSED_BY_PINOT;
      default -> code.kind().httpStatus();
    };
  }

  private static RecountException translated(HttpResponseException e, Context context) {
    if (e.getStatus() == NOT_FOUND) {
      return RecountException.of(
          ErrorCode.NOT_FOUND,
          "Cannot find %s %s: the API has no such path",
          context.method(),
          context.path());
    }
    if (e.getStatus() == TOO_LARGE) {
      return RecountException.of(
          ErrorCode.EVENT_TOO_LARGE,
          "Cannot read the request: its body has more than %s bytes; send it in pieces",
          MAX_BODY_BYTES);
    }
    return e.getStatus() < 500
        ? RecountException.of(
            ErrorCode.REQUEST_INVALID, "Cannot read the request: %s", e.getMessage())
        : unexpected(e, context);
  }

  private static RecountException unexpected(Throwable e, Context context) {
    LOG.error("{} {} failed unexpectedly", context.method(), context.path(), e);
    return new RecountException(
        ErrorCode.INTERNAL,
        "Cannot answer the request: an unexpected error; the serving log has the reason",
        e);
  }
}
