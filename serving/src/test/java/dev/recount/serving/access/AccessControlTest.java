package dev.recount.serving.access;

import static dev.recount.serving.access.TestingAccess.bearer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.KeyCatalog;
import dev.recount.serving.access.TestingAccess.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Access control that is on: who is let in, and to what. */
class AccessControlTest {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "RECOUNT_ACCESS_REQUIRED", "true",
          "RECOUNT_ACCESS_ORIGINS", "https://www.example.com");

  @TempDir private static Path home;
  private static TestingAccess access;

  @BeforeAll
  static void start() {
    access = new TestingAccess(home, SETTINGS);
  }

  @AfterAll
  static void stop() {
    access.close();
  }

  @BeforeEach
  void forget() {
    // So many unknown keys are looked for in a second, and no more.
    access.clock.move(Duration.ofSeconds(1));
    access.audit.clear();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // method, path, roles, views, events, status
        "GET  | /open                 |         |        |        | 200",
        "GET  | /known                |         |        |        | 401",
        "GET  | /known                | write   |        |        | 200",
        "HEAD | /open                 |         |        |        | 200",
        "HEAD | /views/traffic        |         |        |        | 401",
        "HEAD | /runs                 | write   | *      | *      | 403",
        "HEAD | /views/traffic        | read    | *      |        | 200",
        "GET  | /views/traffic        |         |        |        | 401",
        "GET  | /views/traffic        | read    | *      |        | 200",
        "GET  | /views/traffic@2      | read    | traff* |        | 200",
        "GET  | /views/traffic        | read    | likes  |        | 403",
        "GET  | /views/traffic        | read    |        | *      | 403",
        "GET  | /views/traffic        | write,operate | * | *     | 403",
        "GET  | /sql?from=traffic     | read    | traffic|        | 200",
        "GET  | /sql?from=likes@3     | read    | traffic|        | 403",
        "GET  | /sql?from=traffic     | write   | *      |        | 403",
        "GET  | /runs                 | read    | *      |        | 200",
        "GET  | /runs                 | read    | t*     |        | 403",
        "GET  | /runs?view=traffic    | read    | t*     |        | 200",
        "GET  | /runs?view=likes      | read    | t*     |        | 403",
        "GET  | /runs?view=t&view=likes | read  | t*     |        | 403",
        "GET  | /runs                 | operate | *      |        | 403",
        "GET  | /status               | read    | *      |        | 200",
        "GET  | /status?view=traffic  | read    | t*     |        | 403",
        "POST | /events/page_view     | write   |        | page_* | 202",
        "POST | /events/page_view     | write   | *      | like   | 403",
        "POST | /events/page_view     | read    | *      | *      | 403",
        "POST | /views/traffic/pause  | operate | traffic|        | 200",
        "POST | /views/likes/pause    | operate | traffic|        | 403",
        "POST | /views/traffic/pause  | read    | *      |        | 403",
        "POST | /runs/cancel          | operate | *      |        | 200",
        "POST | /runs/cancel          | operate | traffic|        | 403",
        "GET  | /nothing              |         |        |        | 404"
      })
  void route_isForThoseWithItsRoleAndAGrant(
      String method, String path, String roles, String views, String events, int status)
      throws IOException {
    String[] headers = {};
    if (roles != null) {
      headers = bearer(access.key(roles, views == null ? "" : views, events == null ? "" : events));
    }
    assertThat(access.send(method, path, headers).status()).isEqualTo(status);
  }

  @Test
  void key_comesAsBearerOrAsThePasswordOfBasic() throws IOException {
    SecretKey key = access.key("read", "*", "");
    String basic =
        Base64.getEncoder()
            .encodeToString(("anybody:" + key.text()).getBytes(StandardCharsets.UTF_8));
    for (String header :
        new String[] {"Bearer " + key.text(), "bearer  " + key.text() + " ", "Basic " + basic}) {
      Reply reply = access.send("GET", "/known", "Authorization", header);
      assertThat(reply.body()).as(header).isEqualTo("k-" + key.id());
    }
    for (String header :
        new String[] {
          "Bearer rk_" + key.id() + "_" + "x".repeat(43),
          "Bearer " + SecretKey.random().text(),
          "Bearer eyJhbGciOiJub25lIn0.e30.",
          "Basic " + key.text(),
          "Basic !",
          "Digest x",
          key.text(),
          ""
        }) {
      Reply reply = access.send("GET", "/known", "Authorization", header);
      assertThat(reply.status()).as(header).isEqualTo(401);
      assertThat(reply.code()).as(header).isEqualTo("UNAUTHENTICATED");
      assertThat(reply.body()).doesNotContain(key.secret());
    }
  }

  @Test
  void revokedKey_isRefusedWithinSeconds_andUseIsNoted() throws IOException {
    SecretKey key = access.key("read", "*", "");
    assertThat(access.send("GET", "/known", bearer(key)).status()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> access.catalog.keys().find(key.id()).orElseThrow().lastUsed() != null);

    access.catalog.keys().revoke(key.id());
    access.clock.move(Duration.ofSeconds(5));
    Reply reply = access.send("GET", "/known", bearer(key));
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.body()).contains("was revoked or has expired").contains(key.id());
  }

  /** Whether it was used before or not. */
  @Test
  void keys_areGoodForMinutes_whileTheCatalogIsAway(@TempDir Path other) throws IOException {
    try (TestingAccess away = new TestingAccess(other, SETTINGS)) {
      SecretKey key = away.key("read", "*", "");
      SecretKey unused = away.key("read", "*", "");
      SecretKey short_ = away.key("read", "*", "", Duration.ofMinutes(5));
      String cookie = cookie(away.send("POST", "/v1/session", bearer(key)));
      away.clock.move(Duration.ofSeconds(5));
      assertThat(away.send("GET", "/known", bearer(key)).status()).isEqualTo(200);
      away.catalog.close();
      away.clock.move(Duration.ofMinutes(4));
      assertThat(away.send("GET", "/known", bearer(short_)).status()).isEqualTo(200);
      away.clock.move(Duration.ofMinutes(5));
      assertThat(away.send("GET", "/known", bearer(key)).status()).isEqualTo(200);
      assertThat(away.send("GET", "/known", bearer(unused)).status()).isEqualTo(200);
      assertThat(away.send("GET", "/known", "Cookie", cookie).status()).isEqualTo(200);
      assertThat(away.send("GET", "/known", bearer(short_)).code()).isEqualTo("UNAUTHENTICATED");
      assertThat(away.send("GET", "/known", bearer(SecretKey.random())).code())
          .as("it may have been made meanwhile")
          .isEqualTo("CATALOG_UNAVAILABLE");
      away.clock.move(Duration.ofMinutes(2));
      assertThat(away.send("GET", "/known", bearer(key)).code()).isEqualTo("CATALOG_UNAVAILABLE");
    }
  }

  @Test
  void unknownKeys_doNotHaveTheCatalogAskedWithoutBound() throws IOException {
    SecretKey known = access.key("read", "*", "");
    assertThat(access.send("GET", "/known", bearer(known)).status()).isEqualTo(200);
    for (int i = 0; i < 100; i++) {
      access.send("GET", "/known", bearer(SecretKey.random()));
    }
    SecretKey young = access.key("read", "*", "");
    assertThat(access.send("GET", "/known", bearer(young)).code()).isEqualTo("UNAUTHENTICATED");
    assertThat(access.send("GET", "/known", bearer(known)).status()).isEqualTo(200);
    access.clock.move(Duration.ofSeconds(1));
    assertThat(access.send("GET", "/known", bearer(young)).status()).isEqualTo(200);
  }

  private static String cookie(Reply login) {
    return login.header("Set-Cookie").replaceFirst(";.*", "");
  }

  @Test
  void sessions_areBoundedInNumber() throws IOException {
    SecretKey key = access.key("read", "*", "");
    String first = cookie(access.send("POST", "/v1/session", bearer(key)));
    for (int i = 0; i < KeyCatalog.MOST_SESSIONS; i++) {
      access.send("POST", "/v1/session", bearer(key));
    }
    access.clock.move(Duration.ofSeconds(5));
    assertThat(access.send("GET", "/known", "Cookie", first).status()).isEqualTo(401);
    assertThat(access.catalog.keys().sessions())
        .filteredOn(session -> session.parentId().equals(key.id()))
        .hasSize(KeyCatalog.MOST_SESSIONS);
  }

  @Test
  void homesProcess_provesThatItKnowsTheHomesKey_andTellsNobodyTheKey() throws IOException {
    AccessControl.prepare(access.config, access.catalog);
    SecretKey key =
        SecretKey.parse(access.config.home().commandKey().read().orElseThrow()).orElseThrow();
    Reply reply = access.send("GET", "/health/live", "Recount-Challenge", "abc");
    assertThat(reply.header("Recount-Proof")).isEqualTo(key.proof("abc", access.app.port()));
    assertThat(access.send("GET", "/health/live").header("Recount-Proof")).isNull();
    assertThat(
            access
                .send("GET", "/health/live", "Recount-Challenge", "a".repeat(101))
                .header("Recount-Proof"))
        .isNull();
    assertThat(access.send("GET", "/open", "Recount-Challenge", "abc").header("Recount-Proof"))
        .isNull();
  }

  @Test
  void namesOfViews_areToldToThoseWithAGrant() throws IOException {
    SecretKey one = access.key("read", "traf*", "");
    Reply hint = access.send("GET", "/unknown-view", bearer(one));
    assertThat(hint.body()).contains("the views are traffic\"").doesNotContain("secret");
    SecretKey all = access.key("read", "*", "");
    assertThat(access.send("GET", "/unknown-view", bearer(all)).body())
        .contains("the views are secret, traffic");
    SecretKey writer = access.key("write", "*", "*");
    assertThat(access.send("GET", "/unknown-view", bearer(writer)).body())
        .contains("there is no such view")
        .doesNotContain("traffic");
  }

  @Test
  void browser_logsInOnce_andItsCookieIsForOwnPagesOnly() throws IOException {
    SecretKey key = access.key("read,write", "*", "*");
    Reply login = access.send("POST", "/v1/session", bearer(key));
    String set = login.header("Set-Cookie");
    assertThat(set)
        .startsWith("recount_session=rk_")
        .contains("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200")
        .doesNotContain(key.secret())
        .doesNotContain("Secure");
    assertThat(
            access
                .send(
                    "POST",
                    "/v1/session",
                    "X-Forwarded-Proto",
                    "https",
                    bearer(key)[0],
                    bearer(key)[1])
                .header("Set-Cookie"))
        .contains("Secure");
    String cookie = set.replaceFirst(";.*", "");

    Reply who = access.send("GET", "/v1/session", "Cookie", cookie);
    JsonNode json = Json.read(who.body(), JsonNode.class);
    assertThat(json.path("name").asText()).isEqualTo("k-" + key.id());
    assertThat(json.path("key_id").asText()).isEqualTo(key.id());
    assertThat(json.path("roles").toString()).isEqualTo("[\"read\",\"write\"]");
    assertThat(access.send("GET", "/views/traffic", "Cookie", cookie).status()).isEqualTo(200);

    String event = "/events/page_view";
    String own = "http://127.0.0.1:" + access.app.port();
    assertThat(access.send("POST", event, "Cookie", cookie).code()).isEqualTo("ORIGIN_REFUSED");
    for (String page : new String[] {"https://www.example.com", "null", "http://127.0.0.1:1"}) {
      Reply refused = access.send("POST", event, "Cookie", cookie, "Origin", page);
      assertThat(refused.code()).as(page).isEqualTo("ORIGIN_REFUSED");
    }
    assertThat(access.send("POST", event, "Cookie", cookie, "Origin", own).status()).isEqualTo(202);
    assertThat(
            access.send("POST", event, "Cookie", cookie, "Sec-Fetch-Site", "same-origin").status())
        .isEqualTo(202);
    // What a browser holds is no key, and a key is no cookie.
    String session = cookie.replaceFirst(".*=", "");
    assertThat(access.send("GET", "/known", "Authorization", "Bearer " + session).status())
        .isEqualTo(401);
    assertThat(access.send("GET", "/known", "Cookie", "recount_session=" + key.text()).status())
        .isEqualTo(401);

    for (String site : new String[] {"same-site", "cross-site"}) {
      Reply refused =
          access.send("GET", "/views/traffic", "Cookie", cookie, "Sec-Fetch-Site", site);
      assertThat(refused.code()).as(site).isEqualTo("ORIGIN_REFUSED");
    }

    Reply again = access.send("POST", "/v1/session", "Cookie", cookie, "Origin", own);
    assertThat(again.header("Set-Cookie")).as("a session does not prolong itself").isNull();
    Reply logout = access.send("DELETE", "/v1/session", "Cookie", cookie, "Origin", own);
    assertThat(logout.status()).isEqualTo(204);
    assertThat(logout.header("Set-Cookie")).contains("Max-Age=0");
    assertThat(access.send("GET", "/known", "Cookie", cookie).status()).isEqualTo(401);
  }

  @Test
  void session_endsWhenItsKeyIsRevoked() throws IOException {
    SecretKey key = access.key("read", "*", "");
    String cookie =
        access
            .send("POST", "/v1/session", bearer(key))
            .header("Set-Cookie")
            .replaceFirst(";.*", "");
    assertThat(access.send("GET", "/known", "Cookie", cookie).status()).isEqualTo(200);
    access.catalog.keys().revoke(key.id());
    access.clock.move(Duration.ofSeconds(5));
    Reply over = access.send("GET", "/known", "Cookie", cookie);
    assertThat(over.status()).isEqualTo(401);
    assertThat(over.body()).contains("log in again");
  }

  @Test
  void listedPage_maySendEvents_andOthersMayNot() throws IOException {
    SecretKey key = access.key("write", "", "page_view");
    Reply asked =
        access.send(
            "OPTIONS",
            "/events/page_view",
            "Origin",
            "https://www.example.com",
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "authorization,content-type");
    assertThat(asked.status()).isEqualTo(204);
    assertThat(asked.header("Access-Control-Allow-Origin")).isEqualTo("https://www.example.com");
    assertThat(asked.header("Access-Control-Allow-Headers")).contains("authorization");
    assertThat(asked.header("Access-Control-Allow-Methods")).contains("POST");
    assertThat(asked.header("Access-Control-Allow-Credentials")).isNull();
    Reply sent =
        access.send(
            "POST",
            "/events/page_view",
            "Origin",
            "https://www.example.com",
            bearer(key)[0],
            bearer(key)[1]);
    assertThat(sent.status()).isEqualTo(202);
    assertThat(sent.header("Access-Control-Allow-Origin")).isEqualTo("https://www.example.com");
    assertThat(sent.header("Access-Control-Expose-Headers").split(", "))
        .contains("X-Request-Id", "Recount-Rows", "Recount-Complete", "Recount-Provenance");
    for (String page :
        new String[] {
          "https://evil.example", "http://www.example.com", "https://www.example.com.x"
        }) {
      Reply refused =
          access.send("POST", "/events/page_view", "Origin", page, bearer(key)[0], bearer(key)[1]);
      assertThat(refused.code()).as(page).isEqualTo("ORIGIN_REFUSED");
      assertThat(refused.header("Access-Control-Allow-Origin")).as(page).isNull();
      assertThat(refused.header("Access-Control-Expose-Headers")).as(page).isNull();
    }
  }

  @Test
  void changesAndRefusals_areNoted() throws IOException {
    SecretKey key = access.key("read,write", "*", "*");
    access.send("GET", "/views/traffic", bearer(key));
    access.send("GET", "/open");
    assertThat(access.audit).isEmpty();
    access.send("POST", "/events/page_view", bearer(key));
    access.send(
        "POST", "/runs/cancel", "X-Forwarded-For", "10.1.1.1", bearer(key)[0], bearer(key)[1]);
    access.send("GET", "/known");
    access.send("POST", "/v1/session", bearer(key));
    SecretKey operating = access.key("operate", "*", "");
    access.send("POST", "/runs/cancel", bearer(operating));
    String operator = "\"who\":\"k-" + operating.id() + "\",\"key_id\":\"" + operating.id() + "\",";
    String who = "\"who\":\"k-" + key.id() + "\",\"key_id\":\"" + key.id() + "\",";
    String at = "{\"at\":\"" + access.clock.instant() + "\",";
    assertThat(access.audit)
        .containsExactly(
            "EVENTS "
                + at
                + who
                + "\"from\":\"127.0.0.1\",\"what\":\"POST /events/page_view\",\"status\":202,"
                + "\"result\":{\"accepted\":3}}",
            "REFUSED "
                + at
                + who
                + "\"from\":\"127.0.0.1\",\"forwarded_for\":\"10.1.1.1\","
                + "\"what\":\"POST /runs/cancel\",\"status\":403,\"code\":\"FORBIDDEN\"}",
            "REFUSED "
                + at
                + "\"from\":\"127.0.0.1\",\"what\":\"GET /known\",\"status\":401,"
                + "\"code\":\"UNAUTHENTICATED\"}",
            "EVENTS "
                + at
                + who
                + "\"from\":\"127.0.0.1\",\"what\":\"POST /v1/session\",\"status\":200}",
            "OPERATION "
                + at
                + operator
                + "\"from\":\"127.0.0.1\",\"what\":\"POST /runs/cancel\",\"status\":200}");
    assertThat(access.audit.toString()).doesNotContain(key.secret());
  }

  @Test
  void answers_haveSecurityHeaders_errorsToo() throws IOException {
    for (String path : new String[] {"/open", "/known", "/nothing"}) {
      Reply reply = access.send("GET", path);
      assertThat(reply.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
      assertThat(reply.header("X-Frame-Options")).as(path).isEqualTo("DENY");
      assertThat(reply.header("Content-Security-Policy")).as(path).contains("default-src 'none'");
      assertThat(reply.header("Cache-Control")).as(path).isEqualTo("no-store");
      assertThat(reply.header("Cross-Origin-Resource-Policy")).as(path).isEqualTo("same-origin");
    }
  }

  @Test
  void routeThatStatesNoAccess_cannotBeAdded() {
    assertThatIllegalStateException()
        .isThrownBy(() -> access.app.get("/forgotten", context -> context.result("secret")))
        .withMessage("Cannot add the route GET /forgotten: state its Access, once");
    assertThatIllegalStateException()
        .isThrownBy(() -> access.app.put("/twice", context -> {}, Access.OPEN, Access.READ));
  }

  @Test
  void commandKey_isMadeOnce_andAgainWhenItIsLostOrRevoked() throws IOException {
    AccessControl.prepare(access.config, access.catalog);
    Path file = access.config.home().commandKey().file();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    SecretKey key = SecretKey.parse(Files.readString(file).strip()).orElseThrow();
    assertThat(access.send("POST", "/runs/cancel", bearer(key)).status()).isEqualTo(200);
    AccessControl.prepare(access.config, access.catalog);
    assertThat(Files.readString(file).strip()).isEqualTo(key.text());

    Files.delete(file);
    AccessControl.prepare(access.config, access.catalog);
    SecretKey second = SecretKey.parse(Files.readString(file).strip()).orElseThrow();
    assertThat(access.catalog.keys().find(key.id()).orElseThrow().isValid()).isFalse();
    access.catalog.keys().revoke(second.id());
    AccessControl.prepare(access.config, access.catalog);
    SecretKey third = SecretKey.parse(Files.readString(file).strip()).orElseThrow();
    assertThat(access.send("POST", "/runs/cancel", bearer(third)).status()).isEqualTo(200);
  }
}
