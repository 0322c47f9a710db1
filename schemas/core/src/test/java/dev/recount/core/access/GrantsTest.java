package dev.recount.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "traffic          | traffic     | true",
        "traffic          | traffic2    | false",
        "traffic          | Traffic     | false",
        "*                | anything    | true",
        "sales_*          | sales_daily | true",
        "sales_*          | sales_      | true",
        "sales_*          | salesdaily  | false",
        "*_daily          | sales_daily | true",
        "*_daily          | _daily      | true",
        "*_daily          | daily       | false",
        "a*a              | aa          | true",
        "a*a              | a           | false",
        "a*b*c            | a1b2c       | true",
        "a*b*c            | abbc        | true",
        "a*b*c            | acb         | false",
        "**               | x           | true",
        "traffic, sales_* | sales_1     | true",
        "traffic, sales_* | likes       | false",
        "''               | likes       | false",
        "a.c              | abc         | error"
      })
  void pattern_allowsNames(String grants, String name, String allowed) {
    if (allowed.equals("error")) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> Grants.parse(grants))
          .withMessageContaining("Cannot grant 'a.c'");
      return;
    }
    assertThat(Grants.parse(grants).allows(name)).isEqualTo(Boolean.valueOf(allowed));
    assertThat(Grants.parse(Grants.parse(grants).text())).isEqualTo(Grants.parse(grants));
  }

  @Test
  void onlyAStar_isAll() {
    assertThat(Grants.parse("a,*").isAll()).isTrue();
    assertThat(Grants.parse("a*").isAll()).isFalse();
    assertThat(Grants.NONE.isAll()).isFalse();
  }

  @Test
  void manyStars_takeNoLonger() {
    Grants grants = Grants.parse("*a".repeat(50));
    Assertions.assertTimeoutPreemptively(
        Duration.ofMinutes(1), () -> assertThat(grants.allows("a".repeat(49) + "b")).isFalse());
  }

  @Test
  void roles_areReadAndWritten() {
    assertThat(Role.parse("operate, READ")).isEqualTo(EnumSet.of(Role.READ, Role.OPERATE));
    assertThat(Role.text(Role.parse("operate,read"))).isEqualTo("read,operate");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Role.parse("raed"))
        .withMessage(
            "Cannot use the role 'raed': did you mean 'read'? roles are read, write, operate");
  }
}
