package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.OrderedDouble;
import dev.recount.core.view.StoredText;
import dev.recount.serving.sql.Quoted;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/** Dimensions the way Pinot has them stored: NULL, values in conditions, and values in answers. */
public final class Stored {
  private static final String IS_NULL = "1";

  private Stored() {}

  /** The column that a dimension is compared and sorted by; see {@link #literal}. */
  public static String column(Dimension dimension) {
    return Quoted.name(dimension.orderedColumn());
  }

  /** The columns that tell its values and NULL apart. */
  public static List<String> keys(Dimension dimension) {
    return dimension.hasNullFlag()
        ? List.of(column(dimension), Quoted.name(dimension.nullFlag()))
        : List.of(column(dimension));
  }

  /** The condition that a dimension that can be NULL is NULL. */
  public static String isNull(Dimension dimension) {
    return ofNull(dimension, "=");
  }

  /** The condition that a dimension that can be NULL is not NULL. */
  public static String isNotNull(Dimension dimension) {
    return ofNull(dimension, "<>");
  }

  private static String ofNull(Dimension dimension, String operator) {
    return dimension.hasNullFlag()
        ? Quoted.name(dimension.nullFlag()) + " " + operator + " " + IS_NULL
        : column(dimension) + " " + operator + " " + quoted(dimension.storedNull().get(0));
  }

  /** Pinot reads whole numbers beyond 2^53 exactly only if they are texts. */
  public static String quoted(Object stored) {
    boolean isSmall = stored instanceof Number n && Math.abs(n.doubleValue()) < Cells.DOUBLE_LIMIT;
    return isSmall ? String.valueOf(stored) : Quoted.text(stored);
  }

  /**
   * A value that is not NULL, to compare {@link #column} with.
   *
   * @param value a text, a Boolean, a number, a LocalDate or an Instant, as the type asks for
   */
  static String literal(Dimension dimension, Object value) {
    if (value instanceof LocalDate day) {
      return String.valueOf(day.toEpochDay());
    }
    if (value instanceof Instant moment) {
      return String.valueOf(moment.toEpochMilli());
    }
    return switch (dimension.type()) {
      case STRING -> Quoted.text(StoredText.of(String.valueOf(value)));
      case BOOLEAN -> Quoted.text(value);
      case DOUBLE -> quoted(OrderedDouble.of(((Number) value).doubleValue()));
      default -> value instanceof Long ? quoted(value) : String.valueOf(value);
    };
  }

  /** A stored text in Pinot's words with as many characters as the text itself. */
  static String withoutEscapes(String sql) {
    String zero = Quoted.text(StoredText.ZERO);
    String one = Quoted.text(StoredText.ONE);
    return "REPLACE(REPLACE(" + sql + ", " + zero + ", '0'), " + one + ", '1')";
  }

  /** Whether cells of {@link #keys} are NULL. */
  public static boolean isNull(Dimension dimension, List<String> cells) {
    return dimension.hasNullFlag()
        ? cells.get(1).equals(IS_NULL)
        : dimension.nullable()
            && cells.get(0).equals(String.valueOf(dimension.storedNull().get(0)));
  }

  /** The value of cells of {@link #keys}; null for NULL. */
  public static Object value(Dimension dimension, List<String> cells) {
    if (isNull(dimension, cells)) {
      return null;
    }
    return known(dimension, cells.get(0));
  }

  /** The value of a cell of {@link #column}, which is not NULL. */
  public static Object known(Dimension dimension, String cell) {
    return dimension.type() == ColumnType.DOUBLE
        ? (Object) OrderedDouble.number(Long.parseLong(cell))
        : value(dimension.type(), cell);
  }

  /** The value of a cell of an expression, which is not NULL. */
  public static Object value(ColumnType type, String cell) {
    return switch (type) {
      case INT, LONG -> Cells.number(cell, ColumnType.LONG);
      case DOUBLE -> Double.valueOf(cell);
      case BOOLEAN -> Boolean.valueOf(cell);
      case TIMESTAMP -> Instant.ofEpochMilli(Cells.whole(cell).longValueExact());
      case DATE -> LocalDate.ofEpochDay(Cells.whole(cell).longValueExact()).toString();
      default -> StoredText.text(cell);
    };
  }
}
