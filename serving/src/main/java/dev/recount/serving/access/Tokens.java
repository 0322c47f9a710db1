package dev.recount.serving.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.RemoteKeySourceException;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSAlgorithmFamilyJWSKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.config.AccessConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.net.MalformedURLException;
import java.net.URI;
import java.text.ParseException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Tokens (JWT) of an identity provider: signed by one of the keys that it publishes, made by it,
 * meant for us, and not expired. Only signatures with a public key count. Thread-safe.
 */
final class Tokens {
  /** For the provider to take a connection, and then to answer; the default is half a second. */
  private static final int PATIENCE_MS = 5_000;

  /** While the provider does not answer, so many requests wait for it, and no more. */
  private static final int MOST_WAITING = 16;

  private static final long WAIT_MS = 500;

  private static final int MOST_BYTES = 1 << 20;

  /** How long its keys are good while it does not answer. */
  private static final long OUTAGE_MS = 4 * 60 * 60 * 1000L;

  private final AccessConfig.Jwt settings;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
  private final Semaphore waiting = new Semaphore(MOST_WAITING);

  /** The provider is first asked when a token comes, and again when keys are old or missing. */
  Tokens(AccessConfig.Jwt settings) {
    this.settings = settings;
    try {
      processor.setJWSKeySelector(
          new JWSAlgorithmFamilyJWSKeySelector<>(
              JWSAlgorithm.Family.SIGNATURE,
              JWKSourceBuilder.create(
                      URI.create(settings.jwksUrl().orElseThrow()).toURL(),
                      new DefaultResourceRetriever(PATIENCE_MS, PATIENCE_MS, MOST_BYTES))
                  .retrying(true)
                  .outageTolerant(OUTAGE_MS)
                  .build()));
    } catch (MalformedURLException e) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          e,
          "Cannot use access.jwt.jwks-url '%s': %s",
          settings.jwksUrl().orElseThrow(),
          e.getMessage());
    }
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWTClaimsSetVerifier(
        new DefaultJWTClaimsVerifier<>(
            settings.audience(),
            new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
            Set.of("sub", "exp")));
  }

  /**
   * Who a token says it is of.
   *
   * @throws RecountException UNAUTHENTICATED, ISSUER_UNAVAILABLE
   */
  Proof proof(String token) {
    enter();
    try {
      JWTClaimsSet claims = processor.process(token, null);
      Caller caller =
          new Caller(
              "jwt:" + claims.getSubject(),
              null,
              roles(words(claims, settings.rolesClaim())),
              grants(words(claims, settings.viewsClaim())),
              grants(words(claims, settings.eventsClaim())));
      return new Proof(Proof.Kind.TOKEN, caller, null, claims.getExpirationTime().toInstant());
    } catch (ParseException e) {
      throw Proof.refused("what it brings is neither a key of this server nor a token");
    } catch (RemoteKeySourceException e) {
      throw RecountException.of(
          ErrorCode.ISSUER_UNAVAILABLE,
          e,
          "Cannot check the token: '%s' does not give its keys (%s)",
          settings.jwksUrl().orElseThrow(),
          e.getMessage());
    } catch (BadJOSEException | JOSEException e) {
      throw Proof.refused("its token is not accepted: " + e.getMessage());
    } finally {
      waiting.release();
    }
  }

  private void enter() {
    try {
      if (waiting.tryAcquire(WAIT_MS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw RecountException.of(
        ErrorCode.ISSUER_UNAVAILABLE,
        "Cannot check the token: others wait for the keys of '%s' already; ask again",
        settings.jwksUrl().orElseThrow());
  }

  /** An identity provider knows other roles too. */
  private static Set<Role> roles(List<String> words) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      if (words.contains(role.text())) {
        roles.add(role);
      }
    }
    return roles;
  }

  private static Grants grants(List<String> words) {
    try {
      return Grants.parse(String.join(",", words));
    } catch (RecountException e) {
      throw Proof.refused("its token is not accepted: " + e.getMessage());
    }
  }

  /** An array of texts, or one text with commas or blanks between them. */
  private static List<String> words(JWTClaimsSet claims, String name) {
    Object claim = claims.getClaim(name);
    Stream<?> values =
        claim instanceof Collection<?> several ? several.stream() : Stream.ofNullable(claim);
    return values
        .flatMap(value -> Stream.of(value.toString().split("[,\\s]+")))
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
