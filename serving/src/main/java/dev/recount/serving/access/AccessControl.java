package dev.recount.serving.access;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.AccessConfig;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.serving.request.RequestFacts;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.event.HandlerMetaInfo;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.security.Roles;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * The one place where requests are let in: it finds who asks, and whether the route that was found
 * for the request is for them. A route that does not state its {@link Access} is refused when it is
 * added.
 */
public final class AccessControl {
  private final AccessConfig settings;
  private final Origins origins;
  private final Authenticator authenticator;
  private final SessionApi sessions;
  private final AuditLog audit;
  private final HomeProof home;

  /** Access control as the settings have it; keys are in the catalog. */
  public AccessControl(RecountConfig config, Catalog catalog, Clock clock) {
    this(config, catalog, clock, System::nanoTime, AuditLog.Kind::write);
  }

  /**
   * @param nanos counts time
   * @param lines where the lines of the audit log go
   */
  AccessControl(
      RecountConfig config,
      Catalog catalog,
      Clock clock,
      LongSupplier nanos,
      AuditLog.Lines lines) {
    this.settings = config.access();
    this.origins = new Origins(settings);
    Keys keys = new Keys(catalog, clock, nanos);
    this.authenticator =
        new Authenticator(keys, settings.jwt().jwksUrl().map(url -> new Tokens(settings.jwt())));
    this.sessions = new SessionApi(settings, catalog, keys, clock);
    this.audit = new AuditLog(lines, clock);
    this.home = new HomeProof(config);
  }

  /** What must be there before the first request: the key of commands, if they need one. */
  public static void prepare(RecountConfig config, Catalog catalog) {
    if (config.access().required()) {
      CommandKey.settle(config, catalog);
    }
  }

  /** To be called before any route is added. */
  public void configure(JavalinConfig javalin) {
    javalin.events(events -> events.handlerAdded(AccessControl::requireStated));
  }

  private static void requireStated(HandlerMetaInfo route) {
    HandlerType method = route.getHttpMethod();
    if (method.isHttpMethod() && stated(route.getRoles()).size() != 1) {
      throw new IllegalStateException(
          "Cannot add the route " + method + " " + route.getPath() + ": state its Access, once");
    }
  }

  private static List<Access> stated(Iterable<?> roles) {
    List<Access> found = new ArrayList<>();
    roles.forEach(
        role -> {
          if (role instanceof Access access) {
            found.add(access);
          }
        });
    return found;
  }

  /**
   * To be called before any route is added.
   *
   * @param answered makes a handler answer with an error whatever fails in it
   */
  public void install(Javalin app, UnaryOperator<Handler> answered) {
    app.before(AccessControl::secure);
    app.before(answered.apply(origins::require));
    app.before(HomeProof.PATH, home::prove);
    app.beforeMatched(answered.apply(context -> letIn(app, context)));
    app.after(answered.apply(context -> audit.note(context, stated(context))));
    sessions.install(app, answered);
  }

  /** What keeps a browser from taking an answer for something else than it is. */
  private static void secure(Context context) {
    context
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Cache-Control", "no-store");
  }

  /**
   * @throws RecountException UNAUTHENTICATED, FORBIDDEN, ORIGIN_REFUSED; CATALOG_UNAVAILABLE
   */
  private void letIn(Javalin app, Context context) {
    Access access = access(app, context);
    Proof proof = proof(access, context);
    proof.in(context);
    RequestFacts.caller(context.req(), proof.caller().name());
    access.require(proof.caller(), context);
  }

  /** A HEAD to a path that has a GET has no route of its own, and runs no handler. */
  private static Access access(Javalin app, Context context) {
    List<Access> stated = stated(context.routeRoles());
    if (stated.isEmpty() && context.method() == HandlerType.HEAD) {
      stated =
          app.unsafeConfig()
              .pvt
              .internalRouter
              .findHttpHandlerEntries(HandlerType.GET, context.path())
              .findFirst()
              .map(route -> stated(route.getEndpoint().metadata(Roles.class).getRoles()))
              .orElse(stated);
    }
    // What states nothing is no route: it needs no role, but a name.
    return stated.isEmpty() ? Access.KNOWN : stated.get(0);
  }

  private Proof proof(Access access, Context context) {
    if (!settings.required()) {
      return new Proof(Proof.Kind.NOTHING, Caller.ANONYMOUS, null, null);
    }
    return access == Access.OPEN
        ? new Proof(Proof.Kind.NOTHING, Caller.NOBODY, null, null)
        : authenticator.proof(context);
  }

  private static Access stated(Context context) {
    List<Access> stated = stated(context.routeRoles());
    return stated.isEmpty() ? null : stated.get(0);
  }
}
