package dev.recount.serving.sql;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.text.Utf8Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.avatica.util.Quoting;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlSelectKeyword;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.parser.babel.SqlBabelParserImpl;
import org.apache.calcite.sql.validate.SqlConformanceEnum;

/**
 * A query as its user wrote it: one SELECT over one view.
 *
 * @param where null if there is none; so are the following
 * @param limit rows asked for; null if the query does not say
 * @param warnings what was left out of the text
 */
public record SqlText(
    String text,
    String view,
    boolean distinct,
    SqlNodeList select,
    SqlNode where,
    List<SqlNode> groupBy,
    SqlNode having,
    List<SqlNode> orderBy,
    Long limit,
    long offset,
    List<String> warnings) {
  /** Largest text of a query. */
  static final int MOST_BYTES = 64 * 1024;

  private static final SqlParser.Config PARSER =
      SqlParser.config()
          .withParserFactory(SqlBabelParserImpl.FACTORY)
          .withConformance(SqlConformanceEnum.BABEL)
          .withQuoting(Quoting.DOUBLE_QUOTE)
          .withQuotedCasing(Casing.UNCHANGED)
          .withUnquotedCasing(Casing.UNCHANGED)
          .withIdentifierMaxLength(256);

  private static final Pattern UNQUOTED_VERSION = Pattern.compile("(?i)\\bFROM\\s+\\w+@\\d");

  /** How a query, or an option before it, begins. */
  private static final Set<String> BEGINNINGS = Set.of("SELECT", "WITH", "SET");

  /** How statements begin that the parser of queries does not know. */
  private static final Set<String> OTHER_STATEMENTS =
      Set.of(
          "CREATE",
          "DROP",
          "ALTER",
          "TRUNCATE",
          "INSERT",
          "UPDATE",
          "DELETE",
          "MERGE",
          "GRANT",
          "REVOKE",
          "CALL",
          "USE",
          "SHOW",
          "DESCRIBE",
          "EXPLAIN",
          "COPY",
          "COMMIT",
          "ROLLBACK");

  /**
   * Reads a query.
   *
   * @throws RecountException QUERY_SYNTAX with line and column; QUERY_NOT_SELECT; QUERY_UNSUPPORTED
   */
  public static SqlText parse(String sql) {
    SqlScan scan = scan(sql);
    List<String> warnings = new ArrayList<>();
    if (scan.hasOption()) {
      warnings.add("OPTION(...) was ignored: it can make answers inexact");
    }
    return ofStatement(sql, scan, onlyQuery(statements(sql, scan), warnings), warnings);
  }

  /**
   * The statements of a text, each as its user wrote it, and what is in Pinot's {@code OPTION(...)}
   * at its end, of which the statements know nothing.
   *
   * @param option null if there is none
   */
  public record Statements(List<SqlNode> all, String option) {
    /**
     * @throws RecountException QUERY_SYNTAX with line and column; QUERY_NOT_SELECT
     */
    public static Statements of(String sql) {
      SqlScan scan = scan(sql);
      return new Statements(
          List.copyOf(statements(sql, scan).getList()), scan.hasOption() ? scan.option() : null);
    }
  }

  private static SqlNodeList statements(String sql, SqlScan scan) {
    return Nesting.withStackFor(sql, () -> statements(scan));
  }

  /** The text, of which it is known that a parser can read it without harm. */
  private static SqlScan scan(String sql) {
    if (sql == null || sql.isBlank()) {
      throw new RecountException(
          ErrorCode.QUERY_SYNTAX,
          "Cannot read the query: it is empty; write SELECT ... FROM <view>");
    }
    requireSmall(sql);
    requireUnicode(sql);
    SqlScan scan = SqlScan.of(sql);
    Nesting.requireFewParentheses(scan.deepest());
    return scan;
  }

  private static void requireSmall(String sql) {
    int bytes =
        sql.length() > MOST_BYTES ? sql.length() : sql.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw RecountException.of(
          ErrorCode.QUERY_SYNTAX,
          "Cannot read the query: its text has more than %s bytes; ask for less at a "
              + "time, or put what it lists into the view",
          MOST_BYTES);
    }
  }

  /** On its way to Pinot it would become a question mark, which may be a value. */
  private static void requireUnicode(String sql) {
    int at = Utf8Text.firstLoneSurrogate(sql);
    if (at >= 0) {
      throw RecountException.of(
          ErrorCode.QUERY_SYNTAX,
          "Cannot read the query: its character %s is half of a surrogate pair, which no "
              + "text can be compared with",
          at + 1);
    }
  }

  private static SqlNodeList statements(SqlScan scan) {
    try {
      return Nesting.balanced(SqlParser.create(scan.forParser(), PARSER).parseStmtList());
    } catch (SqlParseException e) {
      if (e.getCause() instanceof StackOverflowError deep) {
        throw Nesting.tooManyOperators(deep);
      }
      if (OTHER_STATEMENTS.contains(scan.firstWord())) {
        throw notSelect(scan.firstWord());
      }
      if (!scan.firstWord().isEmpty() && !BEGINNINGS.contains(scan.firstWord())) {
        throw RecountException.of(
            ErrorCode.QUERY_SYNTAX,
            e,
            "Cannot read the query: '%s' does not begin a query; write SELECT ... FROM <view>",
            SqlNodes.shortened(scan.firstWord()));
      }
      int line = e.getPos() == null ? 1 : e.getPos().getLineNum();
      int column = e.getPos() == null ? 1 : e.getPos().getColumnNum();
      throw new RecountException(
          ErrorCode.QUERY_SYNTAX,
          "Cannot read the query: line "
              + line
              + ", column "
              + column
              + ": "
              + firstLine(e)
              + (UNQUOTED_VERSION.matcher(scan.forParser()).find()
                  ? "; a version of a view is written in quotes, such as FROM \"page_views@2\""
                  : ""),
          Map.of("line", line, "column", column),
          e);
    }
  }

  private static RecountException notSelect(String statement) {
    return RecountException.of(
        ErrorCode.QUERY_NOT_SELECT,
        "Cannot run '%s': only SELECT over one view can be run",
        statement);
  }

  private static String firstLine(SqlParseException e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("syntax error");
    return SqlNodes.shortened(
        message
            .replace(SqlNodes.MEASURE, "MEASURE")
            .replaceFirst(" at line \\d+, column \\d+\\.?$", ""));
  }

  private static SqlNode onlyQuery(SqlNodeList statements, List<String> warnings) {
    List<SqlNode> queries = new ArrayList<>();
    for (SqlNode statement : statements) {
      if (statement.getKind() == SqlKind.SET_OPTION) {
        warnings.add("'" + SqlNodes.show(statement) + "' was ignored: it can make answers inexact");
      } else {
        queries.add(statement);
      }
    }
    if (queries.size() != 1) {
      throw QueryErrors.unsupported(
          "it has %s statements; send one SELECT at a time", queries.size());
    }
    return queries.get(0);
  }

  private static SqlText ofStatement(
      String text, SqlScan scan, SqlNode statement, List<String> warnings) {
    SqlOrderBy order = statement instanceof SqlOrderBy o ? o : null;
    SqlNode query = order == null ? statement : order.query;
    if (query.getKind() == SqlKind.UNION
        || query.getKind() == SqlKind.INTERSECT
        || query.getKind() == SqlKind.EXCEPT
        || query.getKind() == SqlKind.WITH) {
      throw QueryErrors.unsupported(
          "%s is not supported; send one SELECT over one view", query.getKind());
    }
    if (!(query instanceof SqlSelect select)) {
      throw notSelect(scan.firstWord());
    }
    refuseUnusual(select);
    return new SqlText(
        text,
        view(select.getFrom()),
        select.getModifierNode(SqlSelectKeyword.DISTINCT) != null,
        select.getSelectList(),
        select.getWhere(),
        list(select.getGroup()),
        select.getHaving(),
        list(order == null ? null : order.orderList),
        count(order == null ? null : order.fetch, "LIMIT").orElse(null),
        count(order == null ? null : order.offset, "OFFSET").orElse(0L),
        warnings);
  }

  private static void refuseUnusual(SqlSelect select) {
    if (!select.getWindowList().isEmpty()) {
      throw QueryErrors.unsupported("WINDOW is not supported");
    }
    if (select.getQualify() != null) {
      throw QueryErrors.unsupported("QUALIFY is not supported");
    }
  }

  private static List<SqlNode> list(SqlNodeList nodes) {
    return nodes == null ? List.of() : List.copyOf(nodes.getList());
  }

  /** The name in FROM; an alias is allowed and ignored. */
  private static String view(SqlNode from) {
    SqlNode source =
        from != null && from.getKind() == SqlKind.AS ? ((SqlBasicCall) from).operand(0) : from;
    if (source == null) {
      throw QueryErrors.unsupported("it has no FROM; write SELECT ... FROM <view>");
    }
    if (source.getKind() == SqlKind.JOIN) {
      throw QueryErrors.unsupported("joins are not supported; query one view at a time");
    }
    if (!(source instanceof SqlIdentifier name)) {
      throw QueryErrors.unsupported(
          "FROM must name one view; subqueries and table functions are not supported");
    }
    return String.join(".", name.names);
  }

  private static Optional<Long> count(SqlNode node, String clause) {
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof SqlNumericLiteral literal && literal.isInteger()) {
      return Optional.of(SqlNodes.rows(literal));
    }
    if (node instanceof SqlLiteral literal && literal.getValue() == null) {
      return Optional.empty();
    }
    throw QueryErrors.unsupported(node, clause + " must be a whole number");
  }

  /** The piece of the text that a node was read from. */
  public String source(SqlNode node) {
    return source(text, node);
  }

  /** The piece of a text that a node was read from. */
  public static String source(String text, SqlNode node) {
    String[] lines = text.split("\n", -1);
    var position = node.getParserPosition();
    StringBuilder piece = new StringBuilder();
    for (int line = position.getLineNum(); line <= position.getEndLineNum(); line++) {
      String whole = lines[line - 1];
      int from = line == position.getLineNum() ? position.getColumnNum() - 1 : 0;
      int to = line == position.getEndLineNum() ? position.getEndColumnNum() : whole.length();
      piece.append(whole, Math.min(from, whole.length()), Math.min(to, whole.length())).append(' ');
    }
    return piece.toString().strip().replaceAll("\\s+", " ");
  }
}
