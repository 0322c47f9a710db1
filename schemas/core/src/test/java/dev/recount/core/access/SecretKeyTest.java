package dev.recount.core.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SecretKeyTest {
  @Test
  void key_isReadAsItIsWritten_andKnownByItsHashAlone() {
    SecretKey key = SecretKey.random();
    SecretKey read = SecretKey.parse(key.text()).orElseThrow();
    assertThat(read).isEqualTo(key);
    assertThat(read.matches(key.hash())).isTrue();
    assertThat(key.hash()).hasSize(64).doesNotContain(key.secret());
    assertThat(key.toString()).contains(key.id()).doesNotContain(key.secret());
    SecretKey other = SecretKey.random();
    assertThat(other.id()).isNotEqualTo(key.id());
    assertThat(other.matches(key.hash())).isFalse();
  }

  @Test
  void proof_isOfOneKey_oneText_andOnePort() {
    SecretKey key = SecretKey.random();
    String proof = key.proof("a", 1);
    assertThat(proof).isEqualTo(key.proof("a", 1)).hasSize(64).doesNotContain(key.secret());
    assertThat(Set.of(key.proof("b", 1), key.proof("a", 2), SecretKey.random().proof("a", 1)))
        .hasSize(3)
        .doesNotContain(proof);
  }

  @Test
  void whatIsNoKey_isNone() {
    String key = SecretKey.random().text();
    for (String text :
        new String[] {
          "", "rk_", key + "x", key.substring(1), key.replace("rk_", "rx_"), " " + key
        }) {
      assertThat(SecretKey.parse(text)).as(text).isEmpty();
    }
  }
}
