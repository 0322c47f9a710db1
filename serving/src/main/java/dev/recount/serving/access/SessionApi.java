package dev.recount.serving.access;

import dev.recount.core.Json;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeyCatalog;
import dev.recount.core.config.AccessConfig;
import dev.recount.error.RecountException;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.Handler;
import io.javalin.http.SameSite;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The path {@code /v1/session}: a browser logs in once, with a key or a token, and holds a cookie
 * from then on. The cookie is as good as what it was given for, for a limited time; scripts cannot
 * read it, and pages of other sites cannot have it sent along.
 */
final class SessionApi {
  static final String PATH = "/v1/session";

  private final AccessConfig settings;
  private final Catalog catalog;
  private final Keys keys;
  private final Clock clock;

  SessionApi(AccessConfig settings, Catalog catalog, Keys keys, Clock clock) {
    this.settings = settings;
    this.catalog = catalog;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Who somebody is.
   *
   * @param accessRequired false: access control is off, and everybody may do everything
   */
  record Who(
      boolean accessRequired,
      String name,
      String keyId,
      List<String> roles,
      List<String> views,
      List<String> events) {}

  void install(Javalin app, UnaryOperator<Handler> answered) {
    app.get(PATH, answered.apply(this::who), Access.KNOWN);
    app.post(PATH, answered.apply(this::logIn), Access.SESSION);
    app.delete(PATH, answered.apply(this::logOut), Access.SESSION);
  }

  private void who(Context context) {
    Caller caller = Caller.of(context);
    Who who =
        new Who(
            settings.required(),
            caller.name(),
            caller.keyId(),
            caller.roles().stream().sorted().map(Role::text).toList(),
            caller.views().patterns(),
            caller.events().patterns());
    context.contentType("application/json; charset=utf-8").result(Json.write(who));
  }

  /**
   * A session does not begin another: it would never end. Nor is one longer than its token, of
   * which others may accept a minute more because clocks differ.
   */
  private void logIn(Context context) {
    Proof proof = Proof.of(context);
    if (proof.kind() == Proof.Kind.KEY || proof.kind() == Proof.Kind.TOKEN) {
      Duration life = life(proof);
      catalog.keys().removeOldSessions();
      SecretKey session = SecretKey.random();
      Caller caller = proof.caller();
      catalog
          .keys()
          .addSession(
              session,
              new KeyCatalog.Purpose(
                  caller.name(), caller.roles(), caller.views(), caller.events(), life),
              proof.keyId());
      setCookie(context, session.text(), (int) life.toSeconds());
    }
    who(context);
  }

  private Duration life(Proof proof) {
    if (proof.expires() == null) {
      return settings.session();
    }
    Duration left = Duration.between(clock.instant(), proof.expires());
    if (left.toSeconds() < 1) {
      throw Proof.refused("its token has expired");
    }
    return left.compareTo(settings.session()) < 0 ? left : settings.session();
  }

  /**
   * @throws RecountException CATALOG_UNAVAILABLE: the session would be good still
   */
  private void logOut(Context context) {
    Proof proof = Proof.of(context);
    if (proof.kind() == Proof.Kind.SESSION) {
      catalog.keys().revoke(proof.keyId());
      keys.forget(proof.keyId());
      setCookie(context, "", 0);
    }
    context.status(204);
  }

  /** A proxy may have unpacked TLS; what it says can only make the cookie safer. */
  private static void setCookie(Context context, String value, int seconds) {
    Cookie cookie = new Cookie(Authenticator.COOKIE, value);
    cookie.setPath("/");
    cookie.setMaxAge(seconds);
    cookie.setHttpOnly(true);
    cookie.setSameSite(SameSite.STRICT);
    cookie.setSecure(
        context.req().isSecure() || "https".equalsIgnoreCase(context.header("X-Forwarded-Proto")));
    context.cookie(cookie);
  }
}
