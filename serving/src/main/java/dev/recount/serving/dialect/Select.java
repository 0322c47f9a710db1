package dev.recount.serving.dialect;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.sql.Nesting;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlSelectKeyword;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * A SELECT as its user wrote it, of a view or of another SELECT.
 *
 * @param from null if there is none; so are where, having and limit
 */
record Select(
    SqlNode from,
    boolean distinct,
    List<SqlNode> items,
    SqlNode where,
    List<SqlNode> groupBy,
    SqlNode having,
    List<SqlNode> orderBy,
    Long limit,
    long offset) {
  private static final SqlParserPos HERE = SqlParserPos.ZERO;

  /**
   * @throws RecountException QUERY_UNSUPPORTED, QUERY_NOT_SELECT if it is no plain SELECT
   */
  static Select of(SqlNode statement) {
    SqlOrderBy order = statement instanceof SqlOrderBy o ? o : null;
    SqlNode query = order == null ? statement : order.query;
    if (!(query instanceof SqlSelect select)) {
      throw query.isA(SqlKind.QUERY)
          ? QueryErrors.unsupported(
              "%s is not supported; send one SELECT over one view", query.getKind())
          : RecountException.of(
              ErrorCode.QUERY_NOT_SELECT,
              "Cannot run '%s': only SELECT over one view can be run",
              query.getKind());
    }
    if (!select.getWindowList().isEmpty() || select.getQualify() != null) {
      throw QueryErrors.unsupported("WINDOW and QUALIFY are not supported");
    }
    return new Select(
        select.getFrom(),
        select.getModifierNode(SqlSelectKeyword.DISTINCT) != null,
        list(select.getSelectList()),
        select.getWhere(),
        list(select.getGroup()),
        select.getHaving(),
        list(order == null ? null : order.orderList),
        number(order == null ? null : order.fetch, "LIMIT"),
        offset(order));
  }

  private static long offset(SqlOrderBy order) {
    Long offset = number(order == null ? null : order.offset, "OFFSET");
    return offset == null ? 0 : offset;
  }

  private static List<SqlNode> list(SqlNodeList nodes) {
    return nodes == null ? List.of() : List.copyOf(nodes.getList());
  }

  private static Long number(SqlNode node, String clause) {
    if (node == null || node instanceof SqlLiteral literal && literal.getValue() == null) {
      return null;
    }
    if (node instanceof SqlNumericLiteral literal && literal.isInteger()) {
      return SqlNodes.rows(literal);
    }
    throw QueryErrors.unsupported(node, clause + " must be a whole number");
  }

  /** The same with each of its parts changed. */
  Select mapped(UnaryOperator<SqlNode> change) {
    return new Select(
        from,
        distinct,
        items.stream().map(change).toList(),
        where == null ? null : change.apply(where),
        groupBy.stream().map(change).toList(),
        having == null ? null : change.apply(having),
        orderBy.stream().map(change).toList(),
        limit,
        offset);
  }

  /** The conditions of WHERE, all of which must hold. */
  List<SqlNode> conditions() {
    if (where == null) {
      return List.of();
    }
    return where.getKind() == SqlKind.AND ? Nesting.links((SqlCall) where) : List.of(where);
  }

  /** What FROM names, without the name that is given to it. */
  SqlNode source() {
    return from != null && from.getKind() == SqlKind.AS ? ((SqlCall) from).operand(0) : from;
  }

  /** Whether its rows are groups of what it is of. */
  boolean isAggregated() {
    return !groupBy.isEmpty() || having != null || items.stream().anyMatch(Merges::hasAggregate);
  }

  /**
   * Whether it leaves the rows of what it is of as they are, but for those that WHERE takes out.
   */
  boolean isPlain() {
    return !distinct && !isAggregated() && limit == null && offset == 0;
  }

  boolean hasStar() {
    return items.stream().anyMatch(Select::isStar);
  }

  static boolean isStar(SqlNode item) {
    return item instanceof SqlIdentifier identifier && identifier.isStar();
  }

  /** What an item computes, without the name that is given to it. */
  static SqlNode expression(SqlNode item) {
    return item.getKind() == SqlKind.AS ? ((SqlCall) item).operand(0) : item;
  }

  /** The names that the items are given with AS. */
  List<String> aliases() {
    return items.stream()
        .filter(i -> i.getKind() == SqlKind.AS)
        .map(i -> ((SqlIdentifier) ((SqlCall) i).operand(1)).getSimple())
        .toList();
  }

  static SqlNode named(SqlNode expression, String name) {
    return SqlStdOperatorTable.AS.createCall(HERE, expression, new SqlIdentifier(name, HERE));
  }

  /** Both conditions, either of which may be null. */
  static SqlNode both(SqlNode left, SqlNode right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    return SqlStdOperatorTable.AND.createCall(HERE, left, right);
  }

  /** Whether a part of a query names one of these columns. */
  static boolean isNamed(SqlIdentifier identifier, List<String> names) {
    return identifier.isSimple() && names.contains(SqlNodes.column(identifier));
  }
}
