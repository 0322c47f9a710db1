package dev.recount.core.view;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OrderedDoubleTest {
  /** In Spark's order. */
  private static final double[] NUMBERS = {
    Double.NEGATIVE_INFINITY,
    -Double.MAX_VALUE,
    -1.5,
    -Double.MIN_NORMAL,
    -Double.MIN_VALUE,
    0.0,
    Double.MIN_VALUE,
    0.1,
    1e22,
    Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NaN
  };

  @Test
  void wholeNumbers_haveTheOrderOfTheDoubles_andAreTheDoublesAgain() {
    long before = Dimension.NULL_LONG;
    for (double number : NUMBERS) {
      long ordered = OrderedDouble.of(number);
      assertThat(ordered).as("%s", number).isGreaterThan(before);
      assertThat(OrderedDouble.number(ordered)).isEqualTo((Double) number);
      before = ordered;
    }
  }

  @Test
  void bothZeros_andAllNaN_areOne() {
    assertThat(OrderedDouble.of(-0.0)).isEqualTo(OrderedDouble.of(0.0));
    double negative = Double.longBitsToDouble(0xFFF8_0000_0000_0001L);
    double signalling = Double.longBitsToDouble(0x7FF0_0000_0000_0001L);
    assertThat(OrderedDouble.of(negative)).isEqualTo(OrderedDouble.of(Double.NaN));
    assertThat(OrderedDouble.of(signalling)).isEqualTo(OrderedDouble.of(Double.NaN));
  }
}
