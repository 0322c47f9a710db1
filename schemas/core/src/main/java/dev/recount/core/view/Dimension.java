package dev.recount.core.view;

import java.util.List;

/**
 * A group-by column of a view. No value of it is stored as NULL is, nor as another value:
 *
 * <ul>
 *   <li>STRING: its {@link StoredText}; NULL is {@link StoredText#NULL}
 *   <li>BOOLEAN: the text true or false; NULL is {@link StoredText#NULL}
 *   <li>INT, DATE (days since 1970), TIMESTAMP (milliseconds since 1970): a LONG; NULL is {@link
 *       #NULL_LONG}, which none of these types has
 *   <li>LONG: itself; if it can be NULL, {@code <name>__null} beside it is 1 for NULL and 0 for a
 *       value
 *   <li>DOUBLE: {@code <name>__order}, its {@link OrderedDouble}, NULL being {@link #NULL_LONG};
 *       beside it {@code <name>}, the number itself, to be computed with
 * </ul>
 */
public record Dimension(String name, ColumnType type, boolean nullable) {
  /** NULL of whole numbers; of a LONG only beside its flag. */
  public static final long NULL_LONG = Long.MIN_VALUE;

  private static final String FLAG = "__null";
  private static final String ORDER = "__order";

  /** How the values are in Pinot and in the lake. */
  public List<DimensionColumn> columns() {
    return switch (type) {
      case STRING, BOOLEAN -> List.of(new DimensionColumn(name, ColumnType.STRING, true));
      case INT, DATE, TIMESTAMP -> List.of(new DimensionColumn(name, ColumnType.LONG, true));
      case LONG ->
          hasNullFlag()
              ? List.of(
                  new DimensionColumn(name, ColumnType.LONG, true),
                  new DimensionColumn(nullFlag(), ColumnType.INT, true))
              : List.of(new DimensionColumn(name, ColumnType.LONG, true));
      case DOUBLE ->
          List.of(
              new DimensionColumn(orderedColumn(), ColumnType.LONG, true),
              new DimensionColumn(name, ColumnType.DOUBLE, false));
      default -> throw new IllegalStateException(name + " of " + type + " cannot be a dimension");
    };
  }

  /** Whether a separate column marks NULL. */
  public boolean hasNullFlag() {
    return type == ColumnType.LONG && nullable;
  }

  /** The column that says whether a LONG is NULL. */
  public String nullFlag() {
    return name + FLAG;
  }

  /** The column whose order is the order of the values, by which they are found. */
  public String orderedColumn() {
    return type == ColumnType.DOUBLE ? name + ORDER : name;
  }

  /** What a NULL is stored as, in the order of {@link #columns}. */
  public List<Object> storedNull() {
    return switch (type) {
      case STRING, BOOLEAN -> List.of(StoredText.NULL);
      case DOUBLE -> List.of(NULL_LONG, 0.0d);
      default -> hasNullFlag() ? List.of(NULL_LONG, 1) : List.of(NULL_LONG);
    };
  }
}
