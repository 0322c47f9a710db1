package dev.recount.infra.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** SQL by chance: right, nearly right, and spoilt on purpose. */
final class FuzzSql {
  /** What would do harm if a text were taken for more than a text. */
  static final List<String> INJECTIONS =
      List.of(
          "' OR 1=1 --",
          "'; DROP TABLE traffic; --",
          "GET' OR method <> '",
          "1) OR (1=1",
          "1 FROM page_views_v1 --",
          "status) FROM page_views_v1_OFFLINE --",
          "1 UNION ALL SELECT page_url FROM page_views_v1",
          "0 OPTION(useMultistageEngine=true)",
          "1; SET skipUpsert=true; SELECT 1",
          "SET minServerGroupTrimSize = 1; SELECT status FROM traffic",
          "GROOVY('{\"returnType\":\"STRING\",\"isSingleValue\":true}', 'new File(\"/etc\").text')",
          "IN_SUBQUERY(status, 'SELECT ID_SET(views) FROM page_views_v1')",
          "LOOKUP('page_views_v1', 'page_url', 'method', method)",
          "\"status\" /* */ , $segmentName, $hostName",
          "(SELECT MAX(views) FROM page_views)",
          "traffic_v1_OFFLINE",
          "\\' OR 1=1 --",
          "\u0000",
          "’ OR ’1’=’1",
          "\"; DELETE FROM traffic",
          "%27%20OR%201=1",
          "${jndi:ldap://localhost/x}",
          "1 -- \n FROM page_views",
          "method LIKE '%' ESCAPE ''''",
          "REGEXP_LIKE(method, '(a+)+$')");

  private static final List<String> COLUMNS =
      List.of("status", "method", "hour", "requests", "bytes", "avg_bytes", "min_bytes");
  private static final List<String> OTHER_COLUMNS =
      List.of(
          "page_url",
          "_arrived",
          "$docId",
          "\"status\"",
          "\"a b\"",
          "nothing",
          "*",
          "traffic.status");
  private static final List<String> LITERALS =
      List.of(
          "0",
          "1",
          "-1",
          "200",
          "9223372036854775807",
          "9223372036854775808",
          "1e308",
          "1e999",
          "0.1",
          "''",
          "'GET'",
          "'a''b'",
          "'%'",
          "'é日\\_'",
          "TRUE",
          "NULL",
          "'2015-05-17'",
          "DATE '2015-05-17'",
          "TIMESTAMP '2015-05-17 10:00:00'",
          "INTERVAL '1' DAY",
          "X'00'",
          "CURRENT_TIMESTAMP",
          "?",
          "-(-(-1))",
          "'\u0000'",
          "1000000000000000000000000000000.5");
  private static final List<String> FUNCTIONS =
      List.of(
          "MEASURE",
          "SUM",
          "AVG",
          "MIN",
          "MAX",
          "COUNT",
          "DISTINCTCOUNT",
          "PERCENTILETDIGEST",
          "DISTINCTCOUNTTHETASKETCH",
          "upper",
          "lower",
          "length",
          "substr",
          "concat",
          "coalesce",
          "nullif",
          "abs",
          "round",
          "floor",
          "date_trunc",
          "DATETRUNC",
          "DATETIMECONVERT",
          "TEXT_MATCH",
          "REGEXP_LIKE",
          "JSONEXTRACTSCALAR",
          "ago",
          "now",
          "replace",
          "mod",
          "sqrt",
          "LASTWITHTIME",
          "ARRAYLENGTH",
          "nosuchfunction");
  private static final List<String> OPERATORS =
      List.of("+", "-", "*", "/", "%", "||", "=", "<>", "!=", "<", ">", ">=", "AND", "OR");
  private static final List<String> TYPES =
      List.of("INT", "BIGINT", "DOUBLE", "VARCHAR", "TIMESTAMP", "BOOLEAN", "DECIMAL(5, 2)", "X");
  private static final List<String> TABLES =
      List.of(
          "traffic",
          "traffic",
          "\"traffic@1\"",
          "\"traffic@9\"",
          "page_views",
          "traffic_v1",
          "traffic_v1_OFFLINE",
          "default.traffic",
          "TRAFFIC",
          "traffic t",
          "traffic, page_views",
          "traffic JOIN page_views ON TRUE",
          "(VALUES (1)) v",
          "nothing",
          "\"traf\"\"fic\"");

  private final Random random;

  FuzzSql(Random random) {
    this.random = random;
  }

  <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private boolean isRare() {
    return random.nextInt(6) == 0;
  }

  private String some(int most, String between, IntFunction<String> each) {
    List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(most); i >= 0; i--) {
      parts.add(each.apply(i));
    }
    return String.join(between, parts);
  }

  String column() {
    return one(isRare() ? OTHER_COLUMNS : COLUMNS);
  }

  String literal() {
    return one(LITERALS);
  }

  String expression(int depth) {
    if (depth == 0) {
      return random.nextInt(3) == 0 ? literal() : column();
    }
    return switch (random.nextInt(8)) {
      case 0 -> literal();
      case 1 -> one(FUNCTIONS) + "(" + some(3, ", ", i -> expression(depth - 1)) + ")";
      case 2 -> "MEASURE(" + column() + ")";
      case 3 ->
          "(" + expression(depth - 1) + " " + one(OPERATORS) + " " + expression(depth - 1) + ")";
      case 4 ->
          "CASE WHEN "
              + condition(depth - 1)
              + " THEN "
              + expression(depth - 1)
              + " ELSE "
              + expression(depth - 1)
              + " END";
      case 5 -> "CAST(" + expression(depth - 1) + " AS " + one(TYPES) + ")";
      case 6 -> "date_trunc('" + one(List.of("hour", "day", "week", "x")) + "', hour)";
      default -> column();
    };
  }

  String condition(int depth) {
    return switch (random.nextInt(8)) {
      case 0 -> column() + " IN (" + some(4, ", ", i -> literal()) + ")";
      case 1 -> column() + " BETWEEN " + literal() + " AND " + literal();
      case 2 -> column() + " LIKE " + literal();
      case 3 -> column() + " IS " + (random.nextBoolean() ? "NOT " : "") + "NULL";
      case 4 ->
          depth == 0 ? "TRUE" : "(" + condition(depth - 1) + " OR " + condition(depth - 1) + ")";
      case 5 -> depth == 0 ? "1 = 1" : "NOT " + condition(depth - 1);
      case 6 -> expression(depth) + " " + one(OPERATORS) + " " + expression(depth);
      default -> one(List.of("status >= 200", "method = 'GET'", "hour >= '2015-05-17'"));
    };
  }

  /** A query that is right, as programs send them. */
  String right() {
    String by = one(List.of("status", "method", "hour", "date_trunc('day', hour)"));
    return "SELECT "
        + by
        + ", MEASURE(requests) AS n, "
        + one(List.of("MEASURE(bytes)", "MEASURE(avg_bytes) / 2", "MEASURE(max_bytes)"))
        + " FROM traffic"
        + (random.nextBoolean() ? " WHERE " + one(List.of("status < 500", "method <> 'PUT'")) : "")
        + " GROUP BY "
        + by
        + (isRare() ? " HAVING MEASURE(requests) > 1" : "")
        + " ORDER BY n DESC LIMIT "
        + random.nextInt(20);
  }

  String query() {
    int depth = random.nextInt(4);
    String from = isRare() ? "(" + right() + ") t" : one(TABLES);
    return (isRare()
            ? "SET " + one(List.of("timeoutMs", "mode", "x")) + " = " + literal() + "; "
            : "")
        + "SELECT "
        + (isRare() ? "DISTINCT " : "")
        + some(4, ", ", i -> expression(depth) + (random.nextBoolean() ? " AS c" + i : ""))
        + " FROM "
        + from
        + (random.nextBoolean() ? " WHERE " + condition(depth) : "")
        + (random.nextBoolean() ? " GROUP BY " + some(3, ", ", i -> expression(depth / 2)) : "")
        + (isRare() ? " HAVING " + condition(depth) : "")
        + (random.nextBoolean()
            ? " ORDER BY " + expression(depth / 2) + (isRare() ? " DESC" : "")
            : "")
        + (random.nextBoolean()
            ? " LIMIT " + one(List.of("10", "0", "-1", "99999999999", "5, 5"))
            : "")
        + (isRare() ? " OPTION(timeoutMs=" + literal() + ")" : "")
        + (isRare() ? ";" : "");
  }

  /** A text of any of the kinds, which is as long as it may be now and then. */
  String any() {
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> right();
      case 4, 5, 6 -> spoilt(right());
      case 7, 8, 9 -> spoilt(query());
      case 10 -> one(INJECTIONS);
      case 11 -> "SELECT " + one(INJECTIONS) + " FROM traffic";
      case 12 -> "SELECT status FROM traffic WHERE method = '" + one(INJECTIONS) + "'";
      case 13 -> random.nextInt(4) == 0 ? large() : query();
      default -> query();
    };
  }

  private String large() {
    int most = one(List.of(10, 49, 51, 199, 201, 2_000));
    return switch (random.nextInt(5)) {
      case 0 -> "SELECT " + "(".repeat(most) + "1" + ")".repeat(most) + " FROM traffic";
      case 1 -> "SELECT status FROM traffic WHERE 1 = 1" + " AND status = 1".repeat(most);
      case 2 -> "SELECT status FROM traffic WHERE status IN (1" + ", 1".repeat(most) + ")";
      case 3 -> "SELECT '" + "x".repeat(64 * 1024 - random.nextInt(40)) + "' FROM traffic";
      default -> "SELECT 1" + " + 1".repeat(most) + " FROM traffic GROUP BY status";
    };
  }

  /** The text with some places changed. */
  String spoilt(String text) {
    StringBuilder changed = new StringBuilder(text);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(changed.length() + 1);
      int end = Math.min(changed.length(), at + random.nextInt(8));
      switch (random.nextInt(6)) {
        case 0 -> changed.delete(at, end);
        case 1 -> changed.insert(at, changed.substring(at, end));
        case 2 -> changed.insert(at, one(INJECTIONS));
        case 3 -> changed.insert(at, (char) random.nextInt(0x300));
        case 4 ->
            changed.insert(at, one(List.of("'", "\"", ";", "(", ")", "--", "/*", "\n", "\\")));
        default -> changed.insert(at, " " + expression(1) + " ");
      }
    }
    return changed.toString();
  }
}
