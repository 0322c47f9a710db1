package dev.recount.serving.sql;

import dev.recount.core.Nearest;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Collection;
import java.util.Map;
import org.apache.calcite.sql.SqlNode;

/** The errors that a query itself can cause, in one form. */
public final class QueryErrors {
  private QueryErrors() {}

  public static RecountException unsupported(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.QUERY_UNSUPPORTED, "Cannot answer the query: " + reason, arguments);
  }

  /** Names the part of the query, where it stands, and what to write instead. */
  public static RecountException unsupported(SqlNode node, String reason) {
    int line = node.getParserPosition().getLineNum();
    int column = node.getParserPosition().getColumnNum();
    return new RecountException(
        ErrorCode.QUERY_UNSUPPORTED,
        "Cannot answer the query: '%s' (line %s, column %s): %s"
            .formatted(SqlNodes.show(node), line, column, reason),
        Map.of("line", line, "column", column),
        null);
  }

  public static RecountException cannotCompare(String expected, Object found) {
    return RecountException.of(
        ErrorCode.QUERY_UNSUPPORTED,
        "Cannot compare with '%s': the column needs a %s",
        found,
        expected);
  }

  public static RecountException timeout() {
    return new RecountException(
        ErrorCode.QUERY_TIMEOUT,
        "Cannot answer the query: it took longer than serving.timeout; narrow WHERE, or raise"
            + " serving.timeout");
  }

  public static RecountException unknownColumn(String name, String view, Collection<String> known) {
    return new RecountException(
        ErrorCode.QUERY_COLUMN_UNKNOWN,
        "Cannot find the column '%s' in the view '%s': %sits columns are %s"
            .formatted(name, view, Nearest.hint(name, known), String.join(", ", known)),
        Map.of("column", name, "columns", known),
        null);
  }
}
