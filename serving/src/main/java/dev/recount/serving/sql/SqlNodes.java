package dev.recount.serving.sql;

import java.math.BigDecimal;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.util.Litmus;

/** What is asked of a part of a query everywhere. */
public final class SqlNodes {
  /** MEASURE is a keyword of the parser: the function goes by another name of the same length. */
  public static final String MEASURE = "MEASUR_";

  /** Longest piece of a query that an error shows. */
  private static final int MOST_SHOWN = 200;

  private static final BigDecimal MOST_ROWS = BigDecimal.valueOf(1L << 53);

  private SqlNodes() {}

  /** A node as a user would write it, shortened if it is long. */
  static String show(SqlNode node) {
    String shown =
        node.toString()
            .replace("`" + MEASURE + "`", "MEASURE")
            .replace(MEASURE, "MEASURE")
            .replace("`", "")
            .replaceAll("\\s+", " ");
    return shortened(shown);
  }

  /** A piece of a query, no longer than an error shows. */
  static String shortened(String text) {
    return text.length() > MOST_SHOWN ? text.substring(0, MOST_SHOWN) + "..." : text;
  }

  /** The name of a column, without the view's before it. */
  public static String column(SqlIdentifier identifier) {
    return identifier.names.get(identifier.names.size() - 1);
  }

  /** A whole number of rows, or more than there ever are if it is larger. */
  public static long rows(SqlNumericLiteral number) {
    return number.bigDecimalValue().min(MOST_ROWS).longValue();
  }

  /** A place in a list, or one that no list has if the number is larger. */
  public static int place(SqlNumericLiteral number) {
    return (int) Math.min(Integer.MAX_VALUE, rows(number));
  }

  /** Whether the node is a call of the function with this name, in any case. */
  public static boolean isCall(SqlNode node, String name) {
    return node instanceof SqlBasicCall call && call.getOperator().getName().equalsIgnoreCase(name);
  }

  /** Whether two nodes say the same. */
  public static boolean isSame(SqlNode left, SqlNode right) {
    return left.equalsDeep(right, Litmus.IGNORE);
  }
}
