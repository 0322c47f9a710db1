package dev.recount.contract.view;

/** A group-by column of a view. A NULL is stored as {@link #storedNull}. */
public record Dimension(String name, ColumnType type, boolean nullable) {
  /** Stands for NULL in a STRING dimension: a character of the private use area, then "null". */
  public static final String NULL_STRING = "\uE000null";

  /** What a NULL of this dimension is stored as; outside what real values may be. */
  public Object storedNull() {
    switch (type) {
      case STRING:
      case BOOLEAN:
      case DATE:
        return NULL_STRING;
      case INT:
        return Integer.MIN_VALUE;
      case DOUBLE:
        return Double.NEGATIVE_INFINITY;
      case LONG:
      case TIMESTAMP:
        return Long.MIN_VALUE;
      default:
        throw new IllegalStateException(name + " of " + type + " cannot be a dimension");
    }
  }
}
