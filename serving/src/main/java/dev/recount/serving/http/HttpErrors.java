package dev.recount.serving.http;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.access.AuditLog;
import dev.recount.serving.access.Caller;
import dev.recount.serving.request.Limits;
import dev.recount.serving.request.RequestFacts;
import dev.recount.serving.request.RequestId;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.BadMessageException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one mapper from errors to responses: {@code {code, message, details}}, never a stack trace.
 */
final class HttpErrors {
  /** Largest request body. */
  static final long MAX_BODY_BYTES = 64L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(HttpErrors.class);
  private static final String TYPE = "application/json; charset=utf-8";
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int TOO_LARGE = 413;
  private static final int TOO_MANY = 429;
  private static final String RETRY_AFTER = "Retry-After";

  /** What should have been refused before: asking again does not help. */
  private static final int REFUSED_BY_PINOT = 500;

  private HttpErrors() {}

  /**
   * The body of an error.
   *
   * @param requestId by which the logs know the request
   */
  record Body(ErrorCode code, String message, Map<String, Object> details, String requestId) {}

  static void install(Javalin app) {
    app.exception(RecountException.class, HttpErrors::write);
    app.exception(
        HttpResponseException.class, (e, context) -> write(translated(e, context), context));
    app.exception(Exception.class, (e, context) -> write(unexpected(e, context), context));
  }

  /** What the connection to the client failed with, which is no failure of ours. */
  private static Optional<RecountException> ofConnection(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BadMessageException bad) {
        return Optional.of(
            bad.getCode() == TOO_LARGE ? tooLarge() : unreadable(bad.getReason(), bad));
      }
      if (cause instanceof TimeoutException) {
        return Optional.of(unreadable("the rest of it did not come in time", e));
      }
      if (cause instanceof EOFException) {
        return Optional.of(unreadable("the client left before its end", e));
      }
    }
    return Optional.empty();
  }

  private static RecountException unreadable(String reason, Exception cause) {
    return RecountException.of(
        ErrorCode.REQUEST_INVALID, cause, "Cannot read the request: %s", reason);
  }

  private static RecountException tooLarge() {
    return RecountException.of(
        ErrorCode.EVENT_TOO_LARGE,
        "Cannot read the request: its body has more than %s bytes; send it in pieces",
        MAX_BODY_BYTES);
  }

  /**
   * The handler, whose every failure is thrown in the one form: the server drops an Error, answers
   * others with a status alone, and goes on to the route after a check that ended without a throw.
   */
  static Handler answered(Handler handler) {
    return context -> {
      try {
        handler.handle(context);
      } catch (RecountException e) {
        throw e;
      } catch (Exception e) {
        throw ofConnection(e).orElseThrow(() -> e);
      } catch (OutOfMemoryError e) {
        LOG.error("{} {} needs too much memory", context.method(), context.path(), e);
        throw new RecountException(
            ErrorCode.MEMORY_EXHAUSTED,
            "Cannot answer the request: it needs more memory than the process has; ask for less at"
                + " a time");
      } catch (Error e) {
        throw unexpected(e, context);
      }
    };
  }

  static void write(RecountException found, Context context) {
    RecountException error = Caller.shown(found, context);
    RequestFacts.code(context.req(), error.code());
    AuditLog.failed(context, error.code());
    if (error.code() == ErrorCode.UNAUTHENTICATED) {
      // Not Basic: a browser would ask for a password then, and send it along from everywhere.
      context.header("WWW-Authenticate", "Bearer realm=\"recount\"");
    }
    retryAfter(error).ifPresent(seconds -> context.header(RETRY_AFTER, seconds));
    context
        .status(status(error.code()))
        .contentType(TYPE)
        .result(Json.write(body(error, RequestId.of(context.req()))));
  }

  private static Body body(RecountException error, String requestId) {
    return new Body(error.code(), error.getMessage(), error.details(), requestId);
  }

  private static Optional<String> retryAfter(RecountException error) {
    return Optional.ofNullable(error.details().get(Limits.RETRY_AFTER)).map(String::valueOf);
  }

  /** Answers a request that does not come in. */
  static void refuse(
      RecountException reason, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    RequestFacts.code(request, reason.code());
    response.setStatus(status(reason.code()));
    retryAfter(reason).ifPresent(seconds -> response.setHeader(RETRY_AFTER, seconds));
    response.setContentType(TYPE);
    response
        .getOutputStream()
        .write(Json.write(body(reason, RequestId.of(request))).getBytes(StandardCharsets.UTF_8));
  }

  private static int status(ErrorCode code) {
    return switch (code) {
      case NOT_FOUND, EVENT_UNKNOWN, VIEW_UNKNOWN -> NOT_FOUND;
      case UNAUTHENTICATED -> UNAUTHORIZED;
      case FORBIDDEN, ORIGIN_REFUSED -> FORBIDDEN;
      case EVENT_TOO_LARGE -> TOO_LARGE;
      case TOO_MANY_REQUESTS -> TOO_MANY;
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
      return tooLarge();
    }
    return e.getStatus() < 500 ? unreadable(e.getMessage(), e) : unexpected(e, context);
  }

  private static RecountException unexpected(Throwable e, Context context) {
    LOG.error("{} {} failed unexpectedly", context.method(), context.path(), e);
    return new RecountException(
        ErrorCode.INTERNAL,
        "Cannot answer the request: an unexpected error; the serving log has the reason",
        e);
  }
}
