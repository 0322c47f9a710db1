package dev.recount.serving.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.serving.access.TestingAccess.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Access control that is off: everybody on this machine may do everything, and no page may. */
class AccessOffTest {
  @TempDir private static Path home;
  private static TestingAccess access;

  @BeforeAll
  static void start() {
    access = new TestingAccess(home, Map.of());
  }

  @AfterAll
  static void stop() {
    access.close();
  }

  @Test
  void everybody_mayDoEverything() throws IOException {
    assertThat(access.send("GET", "/known").body()).isEqualTo("anonymous");
    assertThat(access.send("POST", "/runs/cancel").status()).isEqualTo(200);
    assertThat(access.send("POST", "/events/page_view").status()).isEqualTo(202);
    assertThat(access.send("GET", "/known", "Authorization", "Bearer whatever").status())
        .isEqualTo(200);
    Reply session = access.send("POST", "/v1/session");
    assertThat(session.body()).contains("\"access_required\":false", "\"name\":\"anonymous\"");
    assertThat(session.header("Set-Cookie")).isNull();
    assertThat(access.audit.toString()).contains("\"who\":\"anonymous\"");
    AccessControl.prepare(access.config, access.catalog);
    assertThat(Files.exists(access.config.home().commandKey().file())).isFalse();
    assertThat(access.config.access().notices().get(0)).startsWith("Access control is off");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.8.8.8", "[::1]:9"})
  void host_isThisMachine(String host) throws IOException {
    assertThat(access.send("GET", "/known", "Host", host).status()).isEqualTo(200);
    assertThat(
            access.send("POST", "/runs/cancel", "Host", host, "Origin", "http://" + host).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "localhost:80:80"
      })
  void foreignHost_isRefused(String host) throws IOException {
    Reply reply = access.send("GET", "/open", "Host", host);
    assertThat(reply.status()).isBetween(400, 499);
    Reply own = access.send("POST", "/runs/cancel", "Host", host, "Origin", "http://" + host);
    assertThat(own.status()).isBetween(400, 499);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://evil.example", "null", "http://localhost:3000", "file://", ""})
  void foreignPage_isRefused(String origin) throws IOException {
    Reply reply = access.send("POST", "/runs/cancel", "Origin", origin);
    assertThat(reply.code()).isEqualTo("ORIGIN_REFUSED");
    assertThat(access.send("GET", "/nothing", "Origin", origin).status()).isEqualTo(403);
  }
}
