package dev.recount.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.recount.serving.access.TestingAccess.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of an identity provider, whose keys come over HTTP. */
class TokensTest {
  private static final String ISSUER = "https://id.example.com";

  @TempDir private static Path home;
  private static RSAKey rsa;
  private static ECKey ec;
  private static RSAKey unknown;
  private static HttpServer provider;
  private static TestingAccess access;

  @BeforeAll
  static void start() throws JOSEException, IOException {
    rsa = new RSAKeyGenerator(2048).keyID("one").generate();
    ec = new ECKeyGenerator(Curve.P_256).keyID("two").generate();
    unknown = new RSAKeyGenerator(2048).keyID("one").generate();
    byte[] keys =
        new JWKSet(List.of(rsa, ec)).toPublicJWKSet().toString().getBytes(StandardCharsets.UTF_8);
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.createContext(
        "/keys",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "application/jwk-set+json");
          exchange.sendResponseHeaders(200, keys.length);
          exchange.getResponseBody().write(keys);
          exchange.close();
        });
    provider.start();
    access =
        new TestingAccess(
            home,
            Map.of(
                "RECOUNT_ACCESS_REQUIRED",
                "true",
                "RECOUNT_ACCESS_JWT_JWKS_URL",
                "http://127.0.0.1:" + provider.getAddress().getPort() + "/keys",
                "RECOUNT_ACCESS_JWT_ISSUER",
                ISSUER,
                "RECOUNT_ACCESS_JWT_AUDIENCE",
                "recount"));
  }

  @AfterAll
  static void stop() {
    access.close();
    provider.stop(0);
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("ann")
        .issuer(ISSUER)
        .audience("recount")
        .expirationTime(Date.from(access.clock.instant().plusSeconds(6 * 3600)))
        .claim("recount_roles", List.of("read", "offline_access"))
        .claim("recount_views", "traffic sales_*");
  }

  private static String signed(
      JWSAlgorithm algorithm, String keyId, JWSSigner signer, JWTClaimsSet claims)
      throws JOSEException {
    SignedJWT token = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(keyId).build(), claims);
    token.sign(signer);
    return token.serialize();
  }

  private static String token(Consumer<JWTClaimsSet.Builder> change) throws JOSEException {
    JWTClaimsSet.Builder claims = claims();
    change.accept(claims);
    return signed(JWSAlgorithm.RS256, "one", new RSASSASigner(rsa), claims.build());
  }

  private static Reply send(String path, String token) throws IOException {
    return access.send("GET", path, "Authorization", "Bearer " + token);
  }

  @Test
  void token_hasTheRolesAndGrantsThatItSays() throws Exception {
    String token = token(claims -> {});
    assertThat(send("/known", token).body()).isEqualTo("jwt:ann");
    assertThat(send("/views/traffic", token).status()).isEqualTo(200);
    assertThat(send("/views/sales_1", token).status()).isEqualTo(200);
    assertThat(send("/views/likes", token).status()).isEqualTo(403);
    assertThat(
            access.send("POST", "/events/page_view", "Authorization", "Bearer " + token).status())
        .isEqualTo(403);
    String nothing = token(c -> c.claim("recount_views", null).claim("recount_roles", "read"));
    assertThat(send("/views/traffic", nothing).status()).isEqualTo(403);
    String ofEc = signed(JWSAlgorithm.ES256, "two", new ECDSASigner(ec), claims().build());
    assertThat(send("/known", ofEc).status()).isEqualTo(200);
    SignedJWT typed =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("one")
                .type(new JOSEObjectType("at+jwt"))
                .build(),
            claims().build());
    typed.sign(new RSASSASigner(rsa));
    assertThat(send("/known", typed.serialize()).status()).isEqualTo(200);
  }

  @Test
  void tokenThatIsNotForUs_isRefused() throws Exception {
    Date past = Date.from(access.clock.instant().minusSeconds(600));
    byte[] publicKey = rsa.toPublicJWK().toString().getBytes(StandardCharsets.UTF_8);
    Map<String, String> tokens =
        Map.of(
            "of another issuer", token(c -> c.issuer("https://evil.example")),
            "for another", token(c -> c.audience("others")),
            "expired", token(c -> c.expirationTime(past)),
            "without an end", token(c -> c.expirationTime(null)),
            "not yet",
                token(
                    c -> c.notBeforeTime(Date.from(access.clock.instant().plusSeconds(6 * 3600)))),
            "of nobody", token(c -> c.subject(null)),
            "of another key",
                signed(JWSAlgorithm.RS256, "one", new RSASSASigner(unknown), claims().build()),
            "by the public key",
                signed(JWSAlgorithm.HS256, "one", new MACSigner(publicKey), claims().build()),
            "unsigned", new PlainJWT(claims().build()).serialize(),
            "with a grant that is none", token(c -> c.claim("recount_views", ".*")));
    for (Map.Entry<String, String> token : tokens.entrySet()) {
      Reply reply = send("/known", token.getValue());
      assertThat(reply.code()).as(token.getKey()).isEqualTo("UNAUTHENTICATED");
    }
    String changed = token(claims -> {}).replaceFirst("\\..*\\.", ".e30.");
    assertThat(send("/known", changed).status()).isEqualTo(401);
    assertThat(send("/known", "not.a.token").status()).isEqualTo(401);
  }

  /** Clocks differ, so that a token is good for a minute more; a session would outlive it. */
  @Test
  void expiredToken_beginsNoSession() throws Exception {
    Date past = Date.from(access.clock.instant().minusSeconds(20));
    String token = token(c -> c.expirationTime(past));
    assertThat(send("/known", token).status()).isEqualTo(200);
    Reply login = access.send("POST", "/v1/session", "Authorization", "Bearer " + token);
    assertThat(login.code()).isEqualTo("UNAUTHENTICATED");
    assertThat(login.header("Set-Cookie")).isNull();
  }

  @Test
  void sessionOfAToken_canBeRevoked() throws Exception {
    String token = token(c -> c.subject("bob"));
    String cookie =
        access
            .send("POST", "/v1/session", "Authorization", "Bearer " + token)
            .header("Set-Cookie")
            .replaceFirst(";.*", "");
    assertThat(access.send("GET", "/known", "Cookie", cookie).body()).isEqualTo("jwt:bob");
    access.catalog.keys().sessions().stream()
        .filter(session -> session.keyName().equals("jwt:bob"))
        .forEach(session -> access.catalog.keys().revoke(session.keyId()));
    access.clock.move(Duration.ofSeconds(5));
    assertThat(access.send("GET", "/known", "Cookie", cookie).status()).isEqualTo(401);
  }

  @Test
  void session_isNotLongerThanItsToken() throws Exception {
    String token = token(claims -> {});
    Reply login = access.send("POST", "/v1/session", "Authorization", "Bearer " + token);
    String cookie = login.header("Set-Cookie");
    long seconds = Long.parseLong(cookie.replaceFirst("(?s).*Max-Age=(\\d+).*", "$1"));
    assertThat(seconds).isPositive().isLessThan(access.config.access().session().toSeconds());
    Reply read = access.send("GET", "/views/traffic", "Cookie", cookie.replaceFirst(";.*", ""));
    assertThat(read.status()).isEqualTo(200);
    assertThat(
            access.send("GET", "/views/likes", "Cookie", cookie.replaceFirst(";.*", "")).status())
        .isEqualTo(403);
  }
}
