package dev.recount.serving.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.serving.gateway.Plans;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasureAggregateTest {
  private static MeasureAggregate of(String measure) {
    return new MeasureAggregate(Plans.traffic("traffic").measure(measure).orElseThrow());
  }

  @Test
  void sumOfNoValues_isNull() {
    assertThat(of("bytes").value(List.of("0.0", "0.0", "0.0"))).isNull();
    assertThat(of("bytes").value(List.of("0.0", "0.0", "2.0"))).isEqualTo(0L);
    assertThat(of("requests").value(List.of("0.0"))).isEqualTo(0L);
  }

  @Test
  void sumBeyondDouble_isDoubtfulAndThenExact() {
    assertThat(of("bytes").isDoubtful(List.of("9.007199254740992E15", "1", "1"))).isTrue();
    assertThat(of("bytes").isDoubtful(List.of("9.007199254740991E15", "1", "1"))).isFalse();
    assertThat(of("bytes").isDoubtful(List.of("12.0", "-1.0", "1"))).isTrue();
    assertThat(of("requests").isDoubtful(List.of("9.1E15"))).isTrue();
    assertThat(of("bytes").value(List.of("9223372036854775807", "-1", "1", "0")))
        .isEqualTo(Long.MAX_VALUE);
    assertThat(of("bytes").columns(true).get(0)).isEqualTo("SUMPRECISION(\"bytes\")");
  }

  @Test
  void average_isExactBeforeItIsRounded() {
    assertThat(of("avg_bytes").value(List.of("27021597764222977", "0", "3")))
        .isEqualTo(9007199254740992.333d);
    assertThat(of("avg_bytes").value(List.of("0", "0", "0"))).isNull();
  }

  @Test
  void sumBeyondLong_isAnErrorAndItsAverageANumber() {
    List<String> inOneRow = List.of("-2", "-2", "2", "2");
    List<String> inTwo = List.of("18446744073709551614", "9223372036854775807", "2", "0");
    for (List<String> cells : List.of(inOneRow, inTwo)) {
      assertThatThrownBy(() -> of("bytes").value(cells)).hasMessageContaining("beyond a LONG");
      assertThat(of("avg_bytes").value(cells)).isEqualTo(0x1p63);
    }
    assertThat(of("bytes").value(List.of("-9223372036854775807", "-2", "3", "1"))).isEqualTo(1L);
    assertThat(of("bytes").isDoubtful(List.of("-2", "-2", "2"))).isTrue();
    assertThat(of("bytes").columns(false)).hasSize(3);
    assertThat(of("bytes").columns(true).get(3)).isEqualTo("SUMPRECISION(\"bytes__carry\")");
  }

  @Test
  void extremumOfNoValues_isNull() {
    assertThat(of("min_bytes").value(List.of("Infinity", "-Infinity"))).isNull();
    assertThat(of("min_bytes").value(List.of("9.223372036854776E18", "-9.2E18"))).isNull();
    assertThat(of("max_bytes").value(List.of("-9.223372036854776E18", "-9.2E18"))).isNull();
    assertThat(of("max_bytes").value(List.of("17.0", "1.0"))).isEqualTo(17L);
  }
}
