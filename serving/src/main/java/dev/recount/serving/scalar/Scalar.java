package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.serving.sql.Quoted;
import java.math.BigInteger;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An expression over dimensions that Pinot computes for each stored row.
 *
 * @param sql as Pinot reads it
 * @param dimensions those it reads
 * @param column the dimension, if the expression is just one; else null
 * @param most of a whole number, the largest that it can be, with either sign; else null
 * @param form what Pinot computes a number as
 * @param defined conditions without which it is NULL, beside those on its dimensions
 */
public record Scalar(
    String sql,
    ColumnType type,
    Set<Dimension> dimensions,
    Dimension column,
    BigInteger most,
    Form form,
    List<String> defined) {
  /** Up to here a DOUBLE holds every whole number. */
  static final BigInteger DOUBLE_HOLDS = BigInteger.ONE.shiftLeft(53).subtract(BigInteger.ONE);

  private static final BigInteger INT_MOST = BigInteger.ONE.shiftLeft(31);
  private static final BigInteger LONG_MOST = BigInteger.ONE.shiftLeft(63);

  /** What Pinot computes a number as. */
  public enum Form {
    LONG,
    DOUBLE,
    BIG_DECIMAL
  }

  public Scalar {
    dimensions = Set.copyOf(dimensions);
    defined = List.copyOf(defined);
  }

  /** An expression that Pinot computes as what its type is stored as. */
  public Scalar(String sql, ColumnType type, Set<Dimension> dimensions, Dimension column) {
    this(
        sql,
        type,
        dimensions,
        column,
        most(type),
        type == ColumnType.DOUBLE ? Form.DOUBLE : Form.LONG,
        List.of());
  }

  /** A dimension as it stands. */
  static Scalar of(Dimension dimension) {
    return new Scalar(
        Quoted.name(dimension.name()), dimension.type(), Set.of(dimension), dimension);
  }

  private static BigInteger most(ColumnType type) {
    return switch (type) {
      case INT -> INT_MOST;
      case LONG, TIMESTAMP, DATE -> LONG_MOST;
      default -> null;
    };
  }

  /** The same, computed of these as well. */
  static Set<Dimension> dimensions(List<Scalar> scalars) {
    Set<Dimension> all = new LinkedHashSet<>();
    scalars.forEach(s -> all.addAll(s.dimensions()));
    return all;
  }

  public boolean isNumber() {
    return type == ColumnType.INT || type == ColumnType.LONG || type == ColumnType.DOUBLE;
  }

  boolean isWhole() {
    return type == ColumnType.INT || type == ColumnType.LONG;
  }

  /** What is compared with values of its type: the column that has their order, or itself. */
  String compared() {
    return column == null ? sql : Stored.column(column);
  }

  /** As Pinot can group by it: whole numbers of any size as text. */
  public String grouped() {
    return form == Form.BIG_DECIMAL ? "CAST(" + sql + " AS STRING)" : sql;
  }

  /** As a DOUBLE, by whose rules zero has no sign. */
  String asDouble() {
    return switch (form) {
      case DOUBLE -> column == null ? sql : "(" + sql + " + 0)";
      case LONG -> "(" + sql + " + 0)";
      case BIG_DECIMAL -> "CAST(" + sql + " AS DOUBLE)";
    };
  }

  /** A whole number as Pinot compares it exactly with others. */
  public String asWhole() {
    return form == Form.DOUBLE ? "CAST(" + sql + " AS LONG)" : sql;
  }

  /** A whole number as Pinot computes with it exactly. */
  String asBigDecimal() {
    boolean isDone = form == Form.BIG_DECIMAL || dimensions.isEmpty();
    return isDone ? sql : "CAST(" + asWhole() + " AS BIG_DECIMAL)";
  }
}
