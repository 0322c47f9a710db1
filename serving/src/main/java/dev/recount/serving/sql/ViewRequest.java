package dev.recount.serving.sql;

import dev.recount.core.Moments;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * A question to one view as the parameters of a URL. Each parameter is parsed by itself and must be
 * the clause that it stands for, so none can reach into another.
 */
public final class ViewRequest {
  private static final Set<String> MANY = Set.of("select", "by", "order");
  private static final Set<String> ONCE =
      Set.of("where", "having", "from", "to", "grain", "limit", "offset", "mode");
  private static final String SOURCE = "v";
  private static final SqlParserPos HERE = SqlParserPos.ZERO;

  private final Map<String, List<String>> parameters;

  /**
   * A request with these parameters, by name.
   *
   * @throws RecountException REQUEST_INVALID if one is not known or given too often
   */
  public ViewRequest(Map<String, List<String>> parameters) {
    this(parameters, Set.of());
  }

  /**
   * A request with these parameters, by name.
   *
   * @param others names that are read elsewhere
   * @throws RecountException REQUEST_INVALID if one is not known or given too often
   */
  public ViewRequest(Map<String, List<String>> parameters, Set<String> others) {
    this.parameters = Map.copyOf(parameters);
    parameters.forEach(
        (name, values) -> {
          Set<String> known = new TreeSet<>(MANY);
          known.addAll(ONCE);
          known.addAll(others);
          if (!known.contains(name)) {
            throw invalid(name, values.get(0), "it is not one of " + String.join(", ", known));
          }
          if (!MANY.contains(name) && values.size() > 1) {
            throw invalid(name, String.join("', '", values), "give it once");
          }
        });
  }

  /** By name. */
  public Map<String, List<String>> parameters() {
    return parameters;
  }

  /** The parameters as they came. */
  @Override
  public String toString() {
    return parameters.entrySet().stream()
        .flatMap(p -> p.getValue().stream().map(value -> p.getKey() + "=" + value))
        .sorted()
        .collect(Collectors.joining("&"));
  }

  /** The mode asked for; null if the request names none. */
  public String mode() {
    return one("mode").orElse(null);
  }

  /** Whether it means other times as time passes. */
  public boolean isRelative() {
    return Stream.of("from", "to")
        .flatMap(name -> one(name).stream())
        .anyMatch(
            value ->
                !Moments.parseRelative(value, Instant.EPOCH)
                    .equals(Moments.parseRelative(value, Instant.EPOCH.plusSeconds(1))));
  }

  /**
   * The query that it stands for.
   *
   * @param now what relative moments are counted from
   * @param zone of moments that say none
   * @throws RecountException REQUEST_INVALID, QUERY_...
   */
  public SqlText sql(ViewPlan plan, Instant now, ZoneId zone) {
    MeasureNames measures = new MeasureNames(plan);
    List<SqlNode> keys = keys(plan, measures);
    List<SqlNode> items = new ArrayList<>(keys);
    selected(measures).filter(AggregateCalls::isIn).forEach(items::add);
    Set<String> names = items.stream().map(ViewRequest::name).collect(Collectors.toSet());
    List<SqlNode> positions = new ArrayList<>();
    for (int i = 1; i <= keys.size(); i++) {
      positions.add(SqlLiteral.createExactNumeric(String.valueOf(i), HERE));
    }
    return new SqlText(
        "",
        plan.view(),
        false,
        new SqlNodeList(items, HERE),
        where(plan, text -> Moments.parseRelative(text, now, zone)),
        positions,
        one("having")
            .map(h -> clause("having", "SELECT 1 FROM v HAVING\n" + h).having())
            .map(h -> measures.in(h, names))
            .orElse(null),
        order(measures, names),
        number("limit").orElse(null),
        number("offset").orElse(0L),
        List.of());
  }

  /**
   * What to group by, each with its name: the grain of time, {@code by}, and selected dimensions.
   */
  private List<SqlNode> keys(ViewPlan plan, MeasureNames measures) {
    List<SqlNode> keys = new ArrayList<>();
    one("grain").ifPresent(grain -> keys.add(truncated(plan, grain)));
    many("by")
        .ifPresent(
            by -> {
              SqlText parsed = clause("by", "SELECT 1 FROM v GROUP BY\n" + by);
              parsed.groupBy().forEach(node -> addKey(keys, named(node, parsed)));
            });
    selected(measures).filter(n -> !AggregateCalls.isIn(n)).forEach(n -> addKey(keys, n));
    return keys;
  }

  /** A bare name means the key of that name if there is one already, such as the grain. */
  private static void addKey(List<SqlNode> keys, SqlNode key) {
    SqlNode known = keys.stream().filter(k -> name(k).equals(name(key))).findFirst().orElse(null);
    if (known == null) {
      keys.add(key);
    } else if (!(expression(key) instanceof SqlIdentifier)
        && !SqlNodes.isSame(expression(known), expression(key))) {
      throw RecountException.of(
          ErrorCode.REQUEST_INVALID,
          "Cannot group by '%s' and '%s': both are named '%s'; give one another name with AS",
          SqlNodes.show(expression(known)),
          SqlNodes.show(expression(key)),
          name(key));
    }
  }

  private static SqlNode expression(SqlNode aliased) {
    return ((SqlCall) aliased).operand(0);
  }

  private static String name(SqlNode aliased) {
    return ((SqlIdentifier) ((SqlCall) aliased).operand(1)).getSimple();
  }

  private SqlNode truncated(ViewPlan plan, String grain) {
    String time = time(plan, "grain", grain);
    String call = "date_trunc(" + Quoted.text(grain) + ", " + Quoted.name(time) + ")";
    return as(SqlText.parse("SELECT " + call + " FROM v").select().get(0), time);
  }

  /** The selected columns with their names; all measures if the request selects nothing. */
  private Stream<SqlNode> selected(MeasureNames measures) {
    SqlText parsed = clause("select", "SELECT\n" + many("select").orElse("*") + "\nFROM v");
    return parsed.select().stream()
        .flatMap(
            node ->
                node instanceof SqlIdentifier identifier && identifier.isStar()
                    ? measures.all().map(m -> as(measures.in(m), m.getSimple()))
                    : Stream.of(named(node, parsed)).map(measures::in));
  }

  private static SqlNode named(SqlNode node, SqlText parsed) {
    if (node.getKind() == SqlKind.AS) {
      return node;
    }
    boolean isColumn = node instanceof SqlIdentifier;
    String name = isColumn ? SqlNodes.column((SqlIdentifier) node) : parsed.source(node);
    return as(node, name);
  }

  private static SqlNode as(SqlNode node, String name) {
    return SqlStdOperatorTable.AS.createCall(HERE, node, new SqlIdentifier(name, HERE));
  }

  private SqlNode where(ViewPlan plan, Function<String, Optional<Instant>> moments) {
    List<SqlNode> conditions = new ArrayList<>();
    one("where")
        .ifPresent(w -> conditions.add(clause("where", "SELECT 1 FROM v WHERE\n" + w).where()));
    one("grain").ifPresent(grain -> conditions.add(hasTime(plan, grain)));
    one("from").ifPresent(from -> conditions.add(bound(plan, "from", from, ">=", moments)));
    one("to").ifPresent(to -> conditions.add(bound(plan, "to", to, "<", moments)));
    return conditions.stream()
        .reduce((a, b) -> SqlStdOperatorTable.AND.createCall(HERE, a, b))
        .orElse(null);
  }

  private SqlNode bound(
      ViewPlan plan,
      String name,
      String value,
      String operator,
      Function<String, Optional<Instant>> moments) {
    Instant moment =
        moments
            .apply(value)
            .orElseThrow(
                () ->
                    invalid(
                        name,
                        value,
                        "write a moment such as 2015-05-17T10:05:00Z, or -10m for so long before"
                            + " now (s, m, h, d or w)"));
    String column = Quoted.name(time(plan, name, value));
    return SqlText.parse(
            "SELECT 1 FROM v WHERE " + column + " " + operator + " " + moment.toEpochMilli())
        .where();
  }

  private static String time(ViewPlan plan, String name, String value) {
    String time = plan.header().get("time");
    if (time == null) {
      throw invalid(
          name,
          value,
          "the view '" + plan.view() + "' does not say which column is its time (-- @time COLUMN)");
    }
    return time;
  }

  /** A group of no time at all has no grain. */
  private SqlNode hasTime(ViewPlan plan, String grain) {
    String time = Quoted.name(time(plan, "grain", grain));
    return SqlText.parse("SELECT 1 FROM v WHERE " + time + " IS NOT NULL").where();
  }

  /** Sort keys; a minus sign before one means descending. */
  private List<SqlNode> order(MeasureNames measures, Set<String> names) {
    return many("order")
        .map(o -> clause("order", "SELECT 1 FROM v ORDER BY\n" + o).orderBy())
        .orElse(List.of())
        .stream()
        .map(
            node ->
                node.getKind() == SqlKind.MINUS_PREFIX
                    ? SqlStdOperatorTable.DESC.createCall(
                        HERE, ((SqlCall) node).<SqlNode>operand(0))
                    : node)
        .map(node -> measures.in(node, names))
        .toList();
  }

  private Optional<Long> number(String name) {
    return one(name)
        .map(
            value -> {
              if (!value.matches("\\d{1,18}")) {
                throw invalid(name, value, "write a whole number");
              }
              return Long.valueOf(value);
            });
  }

  /** Parses a query of which the parameter is one clause, and nothing else may be. */
  private SqlText clause(String name, String sql) {
    SqlText parsed;
    try {
      parsed = SqlText.parse(sql);
    } catch (RecountException e) {
      throw new RecountException(
          e.code(),
          "Cannot read the parameter '"
              + name
              + "': "
              + e.getMessage().replaceFirst("^Cannot [^:]*: (line 2, )?", ""),
          e.details(),
          e);
    }
    boolean isAlone =
        parsed.view().equals(SOURCE)
            && !parsed.distinct()
            && parsed.limit() == null
            && parsed.offset() == 0
            && parsed.warnings().isEmpty()
            && (name.equals("select") || parsed.select().size() == 1)
            && (name.equals("where") || parsed.where() == null)
            && (name.equals("by") || parsed.groupBy().isEmpty())
            && (name.equals("having") || parsed.having() == null)
            && (name.equals("order") || parsed.orderBy().isEmpty());
    if (!isAlone) {
      throw invalid(name, parameters.get(name).get(0), "it holds more than this one clause");
    }
    return parsed;
  }

  private Optional<String> one(String name) {
    return Optional.ofNullable(parameters.get(name)).map(values -> values.get(0));
  }

  private Optional<String> many(String name) {
    return Optional.ofNullable(parameters.get(name)).map(values -> String.join(", ", values));
  }

  private static RecountException invalid(String name, String value, String reason) {
    return new RecountException(
        ErrorCode.REQUEST_INVALID,
        "Cannot read the parameter '" + name + "' = '" + value + "': " + reason,
        Map.of("parameter", name),
        null);
  }
}
