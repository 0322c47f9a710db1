package dev.recount.serving.gateway;

import dev.recount.core.view.ColumnType;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Numbers as they stand in Pinot's answers. */
final class Cells {
  /** From here on a DOUBLE no longer holds every whole number. */
  static final double DOUBLE_LIMIT = 9007199254740992d;

  private Cells() {}

  static boolean isBeyondDouble(String cell) {
    return !(Math.abs(Double.parseDouble(cell)) < DOUBLE_LIMIT);
  }

  static boolean isInfinite(String cell) {
    return cell.endsWith("Infinity");
  }

  /** A whole number, however it is written. */
  static BigInteger whole(String cell) {
    return cell.equals("null") ? BigInteger.ZERO : new BigDecimal(cell).toBigInteger();
  }

  /** A number of the type, Long or BigInteger for whole ones, else Double. */
  static Number number(String cell, ColumnType type) {
    return type == ColumnType.DOUBLE ? (Number) Double.valueOf(cell) : Literals.whole(whole(cell));
  }
}
