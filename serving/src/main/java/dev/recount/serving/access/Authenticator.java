package dev.recount.serving.access;

import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.AccessKey;
import dev.recount.error.RecountException;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds who sent a request by what it brings: a key or a token, as a Bearer token or as the
 * password of Basic, whose user does not matter; or the cookie of a browser that has logged in.
 */
final class Authenticator {
  /** What a browser holds. */
  static final String COOKIE = "recount_session";

  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";

  private final Keys keys;
  private final Optional<Tokens> tokens;

  Authenticator(Keys keys, Optional<Tokens> tokens) {
    this.keys = keys;
    this.tokens = tokens;
  }

  /**
   * @throws RecountException UNAUTHENTICATED; ORIGIN_REFUSED; CATALOG_UNAVAILABLE
   */
  Proof proof(Context context) {
    String header = context.header("Authorization");
    if (header != null) {
      return proof(secret(header.strip()));
    }
    String cookie = context.cookie(COOKIE);
    if (cookie != null) {
      return session(cookie, context);
    }
    throw Proof.refused("it says nothing of who sends it; send a key: 'Authorization: Bearer KEY'");
  }

  private Proof proof(String secret) {
    Optional<SecretKey> key = SecretKey.parse(secret);
    if (key.isPresent()) {
      AccessKey found = keys.require(key.get(), false);
      return new Proof(Proof.Kind.KEY, caller(found), found.keyId(), null);
    }
    return tokens
        .orElseThrow(() -> Proof.refused("what it brings is no key of this server (rk_...)"))
        .proof(secret);
  }

  private Proof session(String cookie, Context context) {
    AccessKey found =
        keys.require(
            SecretKey.parse(cookie).orElseThrow(() -> Proof.refused("its cookie is no session")),
            true);
    Origins.requireNoOtherSite(context);
    boolean isChange = context.method() != HandlerType.GET && context.method() != HandlerType.HEAD;
    if (isChange) {
      Origins.requireOwnPage(context);
    }
    return new Proof(Proof.Kind.SESSION, caller(found), found.keyId(), null);
  }

  private static Caller caller(AccessKey key) {
    return new Caller(
        key.keyName(),
        key.isSession() ? key.parentId() : key.keyId(),
        key.roleSet(),
        key.viewGrants(),
        key.eventGrants());
  }

  private static String secret(String header) {
    String scheme = header.toLowerCase(Locale.ROOT);
    if (scheme.startsWith(BEARER)) {
      return header.substring(BEARER.length()).strip();
    }
    if (scheme.startsWith(BASIC)) {
      try {
        byte[] decoded = Base64.getDecoder().decode(header.substring(BASIC.length()).strip());
        String userAndPassword = new String(decoded, StandardCharsets.UTF_8);
        return userAndPassword.substring(userAndPassword.indexOf(':') + 1);
      } catch (IllegalArgumentException e) {
        throw Proof.refused("its Basic credentials are not Base64");
      }
    }
    throw Proof.refused("its Authorization is neither Bearer nor Basic");
  }
}
