package dev.recount.serving.gateway;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import java.time.Instant;

/** An expression that rows are grouped by. */
record GroupKey(Scalar scalar) {
  /** The value of a cell of Pinot's answer; null where it is the code of NULL. */
  Object value(String cell) {
    if (isNull(cell)) {
      return null;
    }
    switch (scalar.type()) {
      case INT:
      case LONG:
        return Cells.number(cell, ColumnType.LONG);
      case DOUBLE:
        return Double.valueOf(cell);
      case BOOLEAN:
        return Boolean.valueOf(cell);
      case TIMESTAMP:
        return Instant.ofEpochMilli(Times.pinotMillis(cell));
      default:
        return cell;
    }
  }

  /** Whether a cell of Pinot's answer is the code of NULL. */
  boolean isNull(String cell) {
    Dimension column = scalar.column();
    if (column == null || !column.nullable()) {
      return false;
    }
    Object code = column.storedNull();
    return column.type() == ColumnType.TIMESTAMP && !cell.matches("-?\\d+")
        ? cell.equals(Times.pinotText((Long) code))
        : cell.equals(String.valueOf(code));
  }

  /** Whether Pinot sorts by it as the gateway does, the code of NULL included. */
  boolean isOrderedByPinot() {
    Dimension column = scalar.column();
    boolean nullText =
        column != null && column.nullable() && !(column.storedNull() instanceof Number);
    return !nullText;
  }
}
