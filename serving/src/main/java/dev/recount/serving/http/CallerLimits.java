package dev.recount.serving.http;

import dev.recount.core.config.ServingLimits;
import dev.recount.serving.access.Access;
import dev.recount.serving.access.Caller;
import dev.recount.serving.request.Limits;
import io.javalin.http.Context;
import java.util.Set;

/** Holds each key to its limits, and while access control is off each address. */
final class CallerLimits {
  /** What is always answered, or has its own way to wait. */
  private static final Set<Access> WITHOUT = Set.of(Access.OPEN, Access.WRITE);

  private static final String METRICS = "/metrics";

  private final Limits limits;

  CallerLimits(ServingLimits settings) {
    this.limits = new Limits(settings, System::nanoTime);
  }

  Limits limits() {
    return limits;
  }

  /**
   * To be asked when it is known who sent a request.
   *
   * @throws dev.recount.error.RecountException TOO_MANY_REQUESTS
   */
  void admit(Context context) {
    boolean isFree =
        context.path().equals(METRICS) || context.routeRoles().stream().anyMatch(WITHOUT::contains);
    if (!isFree) {
      limits.admit(context.req(), who(context));
    }
  }

  private static String who(Context context) {
    Caller caller = Caller.of(context);
    if (caller.equals(Caller.ANONYMOUS)) {
      return context.req().getRemoteAddr();
    }
    return caller.keyId() == null ? caller.name() : caller.keyId();
  }
}
