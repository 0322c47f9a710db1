package dev.recount.planner.compile;

import dev.recount.core.view.WideSum;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/**
 * A sum of whole numbers as the sum of their lower halves and the sum of their upper halves, of
 * which neither leaves a LONG, and what is stored of it; see {@link WideSum}.
 *
 * @param low the sum of the lower 32 bits, none negative
 * @param high the sum of the upper 32 bits, with their sign
 */
record Halves(Column low, Column high) {
  static final int BITS = 32;
  static final long LOW = (1L << BITS) - 1;

  private Column upper() {
    return high.plus(functions.shiftright(low, BITS));
  }

  private Column wholes() {
    return functions.shiftright(upper(), BITS - 1).plus(1L);
  }

  private Column fits() {
    return wholes().equalTo(0L).or(wholes().equalTo(1L));
  }

  /** What is stored under the sum's own name. */
  Column part() {
    Column wrapped = functions.shiftleft(upper(), BITS).bitwiseOR(low.bitwiseAND(LOW));
    return functions.when(fits(), wrapped).otherwise(wrapped.bitwiseOR(Long.MIN_VALUE));
  }

  /** How many times 2^63 is to be added to it. */
  Column carry() {
    return functions.when(fits(), functions.lit(0L)).otherwise(wholes());
  }
}
