package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.AccessKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeyCatalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands, on a real catalog. */
class KeyCommandsTest {
  @TempDir private Path home;
  private Catalog catalog;

  @BeforeEach
  void open() throws IOException {
    Files.writeString(
        home.resolve("recount.conf"),
        "catalog.url = \"jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1\"\n");
    catalog = Catalog.open(RecountConfig.load(home));
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private record Result(int code, String out, String err) {}

  private Result run(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--home", home.toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new StackCli())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler(
                (e, at, parsed) -> {
                  at.getErr().println(((RecountException) e).code() + ": " + e.getMessage());
                  return 2;
                })
            .execute(arguments.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  @Test
  void key_isShownOnce_listed_andRevoked() {
    Result made =
        run("key", "create", "reports", "--roles", "read,write", "--views", "traffic,sales_*");
    assertThat(made.code()).as(made.err()).isZero();
    SecretKey key = SecretKey.parse(made.out().strip()).orElseThrow();
    assertThat(made.err()).contains("shown only now", "access control is off");
    AccessKey kept = catalog.keys().find(key.id()).orElseThrow();
    assertThat(key.matches(kept.secretHash())).isTrue();

    Result list = run("key", "list");
    assertThat(list.out())
        .contains("reports", key.id(), "read,write", "traffic,sales_*", "never", "valid")
        .doesNotContain(key.secret());
    JsonNode json = Json.read(run("key", "list", "--format", "json").out(), JsonNode.class);
    assertThat(json.at("/0/name").asText()).isEqualTo("reports");
    assertThat(json.at("/0/views/1").asText()).isEqualTo("sales_*");
    assertThat(json.at("/0/last_used").isNull()).isTrue();
    assertThat(json.toString()).doesNotContain(key.secret(), key.hash());

    assertThat(run("key", "revoke", "reports").out()).isEqualTo("Revoked 'reports'.\n");
    assertThat(run("key", "revoke", key.id()).out()).contains("was revoked before");
    assertThat(run("key", "list").out()).contains("There are no keys");
    assertThat(run("key", "list", "--all").out()).contains("reports", "revoked");
  }

  @Test
  void sessionsOfATokensSubject_areListed_andRevoked() {
    assertThat(run("key", "list", "--sessions").out()).isEqualTo("No browser is logged in.\n");
    SecretKey one = session("jwt:me");
    SecretKey two = session("jwt:me");
    SecretKey other = session("jwt:you");
    assertThat(run("key", "list", "--sessions").out())
        .contains("jwt:me", "jwt:you", one.id(), two.id(), "valid");
    assertThat(run("key", "revoke", "jwt:me").out()).isEqualTo("Revoked 'jwt:me'.\n");
    assertThat(catalog.keys().sessions()).extracting(AccessKey::keyId).containsOnly(other.id());
    assertThat(run("key", "revoke", other.id()).code()).isZero();
    assertThat(catalog.keys().sessions()).isEmpty();
    assertRefused("there is no such key or session", "key", "revoke", "jwt:me");
  }

  private SecretKey session(String name) {
    SecretKey session = SecretKey.random();
    KeyCatalog.Purpose purpose =
        new KeyCatalog.Purpose(
            name, Role.parse("read"), Grants.ALL, Grants.NONE, Duration.ofHours(1));
    catalog.keys().addSession(session, purpose, null);
    return session;
  }

  @Test
  void key_isMadeForATime_asJson() {
    Result made = run("key", "create", "x", "--expires", "90d", "--format", "json");
    JsonNode json = Json.read(made.out(), JsonNode.class);
    SecretKey key = SecretKey.parse(json.path("key").asText()).orElseThrow();
    AccessKey kept = catalog.keys().find(key.id()).orElseThrow();
    assertThat(kept.roles()).isEqualTo("read");
    assertThat(kept.expires()).isNotNull();
  }

  @Test
  void whatCannotBeDone_isSaid_andNothingIsDone() {
    run("key", "create", "reports");
    assertRefused("there is one; give another name", "key", "create", "reports");
    assertRefused("its name may have letters", "key", "create", "a b");
    assertRefused("did you mean 'read'?", "key", "create", "x", "--roles", "reed");
    assertRefused("give it a role", "key", "create", "x", "--roles", ",");
    assertRefused("Cannot grant 'a-b'", "key", "create", "x", "--views", "a-b");
    assertRefused("write 30m, 12h or 90d", "key", "create", "x", "--expires", "soon");
    assertRefused("did you mean 'reports'?", "key", "revoke", "reports", "report");
    assertThat(catalog.keys().all()).singleElement().matches(AccessKey::isValid);
  }

  private void assertRefused(String reason, String... words) {
    Result result = run(words);
    assertThat(result.err()).contains(reason);
    assertThat(result.code()).isEqualTo(2);
  }
}
