package dev.recount.serving.gateway;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.calcite.sql.SqlNode;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The errors that a query itself can cause, in one form. */
final class QueryErrors {
  private static final int FURTHEST_SUGGESTION = 4;

  private QueryErrors() {}

  static RecountException unsupported(String reason) {
    return new RecountException(ErrorCode.QUERY_UNSUPPORTED, "Cannot answer the query: " + reason);
  }

  /** Names the part of the query, where it stands, and what to write instead. */
  static RecountException unsupported(SqlNode node, String reason) {
    int line = node.getParserPosition().getLineNum();
    int column = node.getParserPosition().getColumnNum();
    return new RecountException(
        ErrorCode.QUERY_UNSUPPORTED,
        "Cannot answer the query: '"
            + SqlText.show(node)
            + "' (line "
            + line
            + ", column "
            + column
            + "): "
            + reason,
        Map.of("line", line, "column", column),
        null);
  }

  static RecountException timeout() {
    return new RecountException(
        ErrorCode.QUERY_TIMEOUT,
        "Cannot answer the query: it took longer than serving.timeout; narrow WHERE, or raise"
            + " serving.timeout");
  }

  static RecountException unknownColumn(String name, String view, Collection<String> known) {
    String suggestion =
        nearest(name, known).map(n -> "did you mean '" + n + "'? Its").orElse("its");
    return new RecountException(
        ErrorCode.QUERY_COLUMN_UNKNOWN,
        "Cannot find the column '"
            + name
            + "' in the view '"
            + view
            + "': "
            + suggestion
            + " columns are "
            + String.join(", ", known),
        Map.of("column", name, "columns", known),
        null);
  }

  static RecountException unknownView(String name, Collection<String> known) {
    String suggestion =
        nearest(name, known)
            .map(n -> "did you mean '" + n + "'? The views are ")
            .orElse("the views are ");
    String list =
        known.isEmpty()
            ? "there are none yet (recount apply)"
            : suggestion + String.join(", ", known);
    return new RecountException(
        ErrorCode.VIEW_UNKNOWN,
        "Cannot find the view '" + name + "': " + list,
        Map.of("view", name, "views", known),
        null);
  }

  private static Optional<String> nearest(String name, Collection<String> known) {
    LevenshteinDistance distance = new LevenshteinDistance(FURTHEST_SUGGESTION);
    return known.stream()
        .filter(k -> distance.apply(k, name) >= 0)
        .min((a, b) -> Integer.compare(distance.apply(a, name), distance.apply(b, name)));
  }
}
