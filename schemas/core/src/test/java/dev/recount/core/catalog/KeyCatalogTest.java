package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Keys on a real H2 server. */
class KeyCatalogTest extends CatalogOnH2 {
  private static KeyCatalog.Purpose purpose(String name, Duration life) {
    return new KeyCatalog.Purpose(
        name, EnumSet.of(Role.READ, Role.WRITE), Grants.parse("a,b_*"), Grants.NONE, life);
  }

  private AccessKey find(SecretKey key) {
    return catalog.keys().find(key.id()).orElseThrow();
  }

  @Test
  void key_isKept_withoutItsSecret() {
    SecretKey key = SecretKey.random();
    assertThat(catalog.keys().add(key, purpose("reports", null))).isTrue();
    AccessKey found = find(key);
    assertThat(found.isValid()).isTrue();
    assertThat(key.matches(found.secretHash())).isTrue();
    assertThat(found.toString()).doesNotContain(key.secret());
    assertThat(found.roleSet()).containsExactlyInAnyOrder(Role.READ, Role.WRITE);
    assertThat(found.viewGrants()).isEqualTo(Grants.parse("a,b_*"));
    assertThat(found.eventGrants()).isEqualTo(Grants.NONE);
    assertThat(found.lastUsed()).isNull();
    assertThat(found.expires()).isNull();
    catalog.keys().used(key.id());
    assertThat(find(key).lastUsed()).isNotNull();
  }

  @Test
  void name_isFreeAgain_whenItsKeyIsRevokedOrExpired() {
    SecretKey first = SecretKey.random();
    catalog.keys().add(first, purpose("reports", Duration.ofDays(90)));
    assertThat(catalog.keys().add(SecretKey.random(), purpose("reports", null))).isFalse();
    assertThat(find(first).expires()).isAfter(find(first).created().plus(Duration.ofDays(89)));

    catalog.sql().update("UPDATE access_key SET expires = created - INTERVAL '1' HOUR", Map.of());
    assertThat(find(first).isValid()).isFalse();
    SecretKey second = SecretKey.random();
    assertThat(catalog.keys().add(second, purpose("reports", null))).isTrue();
    assertThat(catalog.keys().revoke(second.id())).isTrue();
    assertThat(catalog.keys().revoke(second.id())).isFalse();
    assertThat(find(second).isValid()).isFalse();
    assertThat(catalog.keys().add(SecretKey.random(), purpose("reports", null))).isTrue();
    assertThat(catalog.keys().all()).hasSize(3);
  }

  @Test
  void sessions_areSoMany_andNoMore() {
    SecretKey key = SecretKey.random();
    catalog.keys().add(key, purpose("reports", null));
    SecretKey other = SecretKey.random();
    catalog.keys().addSession(other, purpose("reports", Duration.ofHours(1)), null);
    SecretKey first = SecretKey.random();
    catalog.keys().addSession(first, purpose("reports", Duration.ofHours(1)), key.id());
    SecretKey last = null;
    for (int i = 0; i < KeyCatalog.MOST_SESSIONS; i++) {
      last = SecretKey.random();
      catalog.keys().addSession(last, purpose("reports", Duration.ofHours(1)), key.id());
    }
    assertThat(catalog.keys().sessions())
        .hasSize(KeyCatalog.MOST_SESSIONS + 1)
        .extracting(AccessKey::keyId)
        .contains(other.id(), last.id())
        .doesNotContain(first.id());
  }

  @Test
  void session_endsWithTheKeyThatItBeganWith() {
    SecretKey key = SecretKey.random();
    catalog.keys().add(key, purpose("reports", null));
    SecretKey session = SecretKey.random();
    catalog.keys().addSession(session, purpose("reports", Duration.ofHours(12)), key.id());
    SecretKey ofToken = SecretKey.random();
    catalog.keys().addSession(ofToken, purpose("jwt:me", Duration.ofHours(1)), null);
    assertThat(find(session).isValid()).isTrue();
    assertThat(find(session).isSession()).isTrue();
    assertThat(catalog.keys().all()).extracting(AccessKey::keyId).containsExactly(key.id());

    assertThat(catalog.keys().valid())
        .extracting(AccessKey::keyId)
        .containsExactlyInAnyOrder(key.id(), session.id(), ofToken.id());

    catalog.keys().revoke(key.id());
    assertThat(find(session).isValid()).isFalse();
    assertThat(find(ofToken).isValid()).isTrue();
    for (List<AccessKey> valid : List.of(catalog.keys().valid(), catalog.keys().sessions())) {
      assertThat(valid).extracting(AccessKey::keyId).containsExactly(ofToken.id());
    }

    catalog.keys().revoke(ofToken.id());
    catalog.keys().removeOldSessions();
    assertThat(catalog.keys().find(ofToken.id())).isEmpty();
    assertThat(catalog.keys().find(session.id())).as("it is not over by itself").isPresent();
  }
}
