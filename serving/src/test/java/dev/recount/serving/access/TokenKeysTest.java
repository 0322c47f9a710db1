package dev.recount.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often an identity provider is asked for its keys. */
class TokenKeysTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final int AT_ONCE = 16;

  @TempDir private Path home;

  private static String token(RSAKey key, String keyId) throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).build(),
            new JWTClaimsSet.Builder()
                .subject("ann")
                .issuer("https://id.example.com")
                .audience("recount")
                .expirationTime(Date.from(Clock.systemUTC().instant().plusSeconds(3600)))
                .build());
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }

  private Tokens tokens(HttpServer provider) {
    return new Tokens(
        RecountConfig.load(
                home,
                Optional.empty(),
                Map.of(
                    "RECOUNT_ACCESS_JWT_JWKS_URL",
                    "http://127.0.0.1:" + provider.getAddress().getPort() + "/keys",
                    "RECOUNT_ACCESS_JWT_ISSUER",
                    "https://id.example.com",
                    "RECOUNT_ACCESS_JWT_AUDIENCE",
                    "recount"))
            .access()
            .jwt());
  }

  /** Somebody may make up names of keys: the provider must not be asked for each. */
  @Test
  void unknownKeys_atOnce_areLookedForOnce() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("one").generate();
    byte[] keys = new JWKSet(key).toPublicJWKSet().toString().getBytes(StandardCharsets.UTF_8);
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch allWait = new CountDownLatch(1);
    HttpServer provider =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.createContext(
        "/keys",
        exchange -> {
          if (asked.incrementAndGet() > 1) {
            await(allWait);
          }
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    provider.start();
    try {
      Tokens tokens = tokens(provider);
      assertThat(tokens.proof(token(key, "one")).caller().name()).isEqualTo("jwt:ann");
      assertThat(asked).hasValue(1);
      String unknown = token(key, "made-up");
      ConcurrentLinkedQueue<ErrorCode> refusals = new ConcurrentLinkedQueue<>();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        callers.add(new Thread(() -> refusals.add(refusal(tokens, unknown))));
      }
      callers.forEach(Thread::start);
      Deadline.after(SOON)
          .require(
              "one who asks, and others who wait for that",
              POLL,
              () ->
                  asked.get() == 2
                      && callers.stream()
                              .filter(c -> c.getState() == Thread.State.TIMED_WAITING)
                              .count()
                          == AT_ONCE - 1);
      allWait.countDown();
      for (Thread caller : callers) {
        caller.join(SOON.toMillis());
      }
      assertThat(refusals).hasSize(AT_ONCE).containsOnly(ErrorCode.UNAUTHENTICATED);
      assertThat(asked).hasValue(2);
    } finally {
      allWait.countDown();
      provider.stop(0);
    }
  }

  private static ErrorCode refusal(Tokens tokens, String token) {
    try {
      tokens.proof(token);
      return null;
    } catch (RecountException e) {
      return e.code();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
