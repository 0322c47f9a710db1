package dev.recount.serving.dialect;

import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSetOption;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.SqlWithItem;

/**
 * A text that a tool sends to Pinot: options, and at most one query of one view, of which other
 * queries may be.
 */
public final class PinotSql {
  /** What JDBC's driver adds to a text that ends with a semicolon. */
  private static final Pattern LIMIT_BEHIND_END =
      Pattern.compile(";(\\s*LIMIT\\s+\\d+\\s*)$", Pattern.CASE_INSENSITIVE);

  private static final String DEFAULT_DATABASE = "default";

  private final String text;
  private final Map<String, String> options;
  private final Select leaf;
  private final List<Select> above;
  private final PinotNames names;

  private PinotSql(
      String text, Map<String, String> options, Select leaf, List<Select> above, PinotNames names) {
    this.text = text;
    this.options = options;
    this.leaf = leaf;
    this.above = above;
    this.names = names;
  }

  /**
   * Reads a text.
   *
   * @throws RecountException QUERY_SYNTAX, QUERY_NOT_SELECT, QUERY_UNSUPPORTED
   */
  public static PinotSql parse(String sql) {
    String text = sql == null ? "" : LIMIT_BEHIND_END.matcher(sql).replaceFirst(" $1");
    SqlText.Statements statements = SqlText.Statements.of(text);
    Map<String, String> options = new LinkedHashMap<>();
    List<SqlNode> queries = new ArrayList<>();
    for (SqlNode statement : statements.all()) {
      if (statement instanceof SqlSetOption option) {
        options.put(name(option), value(option.getValue()));
      } else {
        queries.add(statement);
      }
    }
    options.putAll(PinotOptions.read(statements.option()));
    if (queries.size() > 1) {
      throw QueryErrors.unsupported(
          "it has %s statements; send one SELECT at a time", queries.size());
    }
    return queries.isEmpty()
        ? new PinotSql(text, options, null, List.of(), null)
        : ofQuery(text, options, queries.get(0));
  }

  private static String name(SqlSetOption option) {
    return option.name() instanceof SqlIdentifier name
        ? String.join(".", name.names)
        : String.valueOf(option.name());
  }

  private static String value(SqlNode node) {
    return node != null && Literals.isLiteral(node)
        ? String.valueOf(Literals.of(node))
        : String.valueOf(node);
  }

  private static PinotSql ofQuery(String text, Map<String, String> options, SqlNode query) {
    PinotNames names = new PinotNames(node -> SqlText.source(text, node));
    List<Select> levels = levels(query);
    Select leaf = levels.get(levels.size() - 1);
    int next = levels.size() - 2;
    while (next >= 0) {
      Optional<Select> flat = Flattening.of(leaf, levels.get(next), names);
      if (flat.isEmpty()) {
        break;
      }
      leaf = flat.get();
      next--;
    }
    List<Select> above = new ArrayList<>();
    for (int i = next; i >= 0; i--) {
      above.add(levels.get(i));
    }
    return new PinotSql(text, options, leaf, above, names);
  }

  /** The query and those that it is of, the innermost last. */
  private static List<Select> levels(SqlNode query) {
    Map<String, SqlNode> with = new HashMap<>();
    List<Select> levels = new ArrayList<>();
    SqlNode next = query;
    while (next != null) {
      next = body(next, with);
      Select select = Select.of(next);
      levels.add(select);
      SqlNode source = select.source();
      if (source instanceof SqlIdentifier name && name.isSimple()) {
        next = with.remove(name.getSimple());
      } else {
        boolean isQuery = source != null && !(source instanceof SqlIdentifier);
        next = isQuery ? subquery(source) : null;
      }
    }
    return levels;
  }

  private static SqlNode subquery(SqlNode source) {
    boolean isQuery = source.isA(SqlKind.QUERY) || source.getKind() == SqlKind.ORDER_BY;
    if (source.getKind() == SqlKind.JOIN) {
      throw QueryErrors.unsupported("joins are not supported; query one view at a time");
    }
    if (!isQuery) {
      throw QueryErrors.unsupported("FROM must name one view, or be one SELECT over one view");
    }
    return source;
  }

  /** The query behind WITH, whose queries are remembered by their names. */
  private static SqlNode body(SqlNode query, Map<String, SqlNode> with) {
    SqlNode inner = query instanceof SqlOrderBy o ? o.query : query;
    if (!(inner instanceof SqlWith clause)) {
      return query;
    }
    for (SqlNode node : clause.withList) {
      SqlWithItem item = (SqlWithItem) node;
      if (item.columnList != null) {
        throw QueryErrors.unsupported(item, "columns are named in the query, with AS");
      }
      with.put(item.name.getSimple(), item.query);
    }
    return query instanceof SqlOrderBy o
        ? new SqlOrderBy(o.getParserPosition(), clause.body, o.orderList, o.offset, o.fetch)
        : clause.body;
  }

  /** What SET and OPTION say, by name as it was written. */
  public Map<String, String> options() {
    return Map.copyOf(options);
  }

  /** Whether it has options alone. */
  public boolean isOnlyOptions() {
    return leaf == null;
  }

  /** Whether it asks for values alone, as {@code SELECT 1} does. */
  public boolean isOfValues() {
    return leaf != null && leaf.from() == null;
  }

  /**
   * The one row of values that it asks for.
   *
   * @param now what relative moments are counted from
   */
  public Values values(Instant now) {
    return Values.of(leaf, names, now);
  }

  /** The name of the view, or {@code view@2}. */
  public String view() {
    SqlNode source = leaf.source();
    List<String> parts = ((SqlIdentifier) source).names;
    boolean hasDatabase = parts.size() > 1 && parts.get(0).equalsIgnoreCase(DEFAULT_DATABASE);
    return String.join(".", hasDatabase ? parts.subList(1, parts.size()) : parts);
  }

  /**
   * What is asked of the view, in Recount's words.
   *
   * @param now what relative moments are counted from
   * @param warnings what is not done as the text says
   * @throws RecountException QUERY_UNSUPPORTED
   */
  public SqlText of(ViewPlan plan, Instant now, List<String> warnings) {
    return ViewQuery.of(text, leaf, plan, now, names, warnings);
  }

  /** Whether what the view answers has to be computed with further; see {@link Rollup}. */
  public boolean isRolledUp() {
    return !above.isEmpty();
  }

  /** What is computed of the rows that the view answers with, one after the other. */
  public List<Rollup> rollups() {
    return above.stream().map(select -> new Rollup(select, names)).toList();
  }

  /** Whether it says how many rows it wants. */
  public boolean hasLimit() {
    return leaf.limit() != null;
  }
}
