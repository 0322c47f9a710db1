package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.Literals;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Numbers as they are in Pinot's answers. */
public final class Cells {
  /** From here on a DOUBLE no longer holds every whole number. */
  static final double DOUBLE_LIMIT = 9007199254740992d;

  private Cells() {}

  public static boolean isBeyondDouble(String cell) {
    return !(Math.abs(Double.parseDouble(cell)) < DOUBLE_LIMIT);
  }

  public static boolean isInfinite(String cell) {
    return cell.endsWith("Infinity");
  }

  /** A whole number, however it is written. */
  public static BigInteger whole(String cell) {
    return cell.equals("null") ? BigInteger.ZERO : new BigDecimal(cell).toBigInteger();
  }

  /** A number of the type, Long or BigInteger for whole ones, else Double. */
  public static Number number(String cell, ColumnType type) {
    return type == ColumnType.DOUBLE ? (Number) Double.valueOf(cell) : Literals.whole(whole(cell));
  }
}
