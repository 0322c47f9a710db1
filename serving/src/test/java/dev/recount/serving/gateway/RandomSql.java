package dev.recount.serving.gateway;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random expressions over the rows of {@link RandomRows}: as the gateway reads them, and as Spark
 * does where that is another way. There a whole number of any size is a decimal one, a division by
 * zero is made NULL, and a boolean that is compared with a number is cast. Left out is what Spark
 * itself reads in another way: two quotes in a text, and LIKE of a character beyond U+FFFF beside a
 * wildcard, which it takes for two.
 */
final class RandomSql {
  /** An expression in both ways. */
  record Sql(String gateway, String spark) {
    static Sql same(String sql) {
      return new Sql(sql, sql);
    }
  }

  private static final List<String> OPERATORS = List.of("=", "<>", "<", "<=", ">", ">=");
  private static final List<String> NUMBERS = List.of("small", "num", "dbl");

  private final Random random;

  RandomSql(Random random) {
    this.random = random;
  }

  <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private String name(String kind) {
    return chance(50) ? kind : kind + "2";
  }

  private String kind() {
    return any(List.of("txt", "flag", "small", "num", "dbl", "day", "ts"));
  }

  /** A condition over rows. */
  Sql condition(int depth) {
    if (depth > 0 && chance(55)) {
      Sql left = condition(depth - 1);
      Sql right = condition(depth - 1);
      return switch (random.nextInt(3)) {
        case 0 -> of("(%s AND %s)", left, right);
        case 1 -> of("(%s OR %s)", left, right);
        default -> of("(NOT %s)", left);
      };
    }
    return switch (random.nextInt(9)) {
      case 0 -> columns();
      case 1 -> among();
      case 2 -> between();
      case 3 -> pattern();
      case 4 -> nulls();
      case 5 -> computed();
      case 6 -> constants();
      case 7 -> flags();
      default -> value();
    };
  }

  static Sql of(String form, Sql... parts) {
    return new Sql(
        form.formatted((Object[]) Arrays.stream(parts).map(Sql::gateway).toArray(String[]::new)),
        form.formatted((Object[]) Arrays.stream(parts).map(Sql::spark).toArray(String[]::new)));
  }

  private Sql columns() {
    String kind = kind();
    String other = NUMBERS.contains(kind) ? any(NUMBERS) : kind;
    String operator =
        kind.equals("txt") && chance(80) ? any(OPERATORS.subList(0, 2)) : any(OPERATORS);
    return Sql.same("(" + name(kind) + " " + operator + " " + name(other) + ")");
  }

  private Sql value() {
    String kind = kind();
    return Sql.same("(" + name(kind) + " " + any(OPERATORS) + " " + literal(kind) + ")");
  }

  private Sql among() {
    String kind = any(List.of("txt", "small", "num", "dbl", "day", "ts"));
    String list =
        IntStream.rangeClosed(0, random.nextInt(4))
            .mapToObj(i -> chance(8) ? "NULL" : literal(kind))
            .collect(Collectors.joining(", "));
    return Sql.same("(" + name(kind) + (chance(50) ? " IN (" : " NOT IN (") + list + "))");
  }

  private Sql between() {
    String kind = any(List.of("txt", "small", "num", "dbl", "day", "ts"));
    return Sql.same(
        "("
            + name(kind)
            + (chance(60) ? " BETWEEN " : " NOT BETWEEN ")
            + literal(kind)
            + " AND "
            + literal(kind)
            + ")");
  }

  private Sql pattern() {
    String like =
        any(
            List.of(
                "%",
                "_",
                "a%",
                "%a",
                "%b%",
                "_b_",
                "%a%b%",
                "A%",
                "\u00c4",
                "__",
                "a\\%b",
                "a\\_b",
                "%\\\\",
                "%.%",
                "[%",
                "",
                "%\n",
                "straSSe",
                "%\u00df%"));
    String not = chance(30) ? " NOT" : "";
    if (chance(20)) {
      String regular = any(List.of("^a", "b$", "^[ab]+$", "a.c", "(?i)abc", "\u00e4|x", "^.$"));
      return Sql.same("(" + not.strip() + " regexp_like(" + name("txt") + ", '" + regular + "'))");
    }
    return Sql.same("(" + name("txt") + not + (chance(40) ? " ILIKE '" : " LIKE '") + like + "')");
  }

  private Sql nulls() {
    Sql of = chance(50) ? Sql.same(name(kind())) : number();
    return of(chance(50) ? "(%s IS NULL)" : "(%s IS NOT NULL)", of);
  }

  private Sql flags() {
    String flag = name("flag");
    return switch (random.nextInt(4)) {
      case 0 -> Sql.same(flag);
      case 1 -> {
        String rest = " " + any(OPERATORS) + " " + any(List.of("0", "1", "2", "-1", "0.5"));
        yield new Sql("(" + flag + rest + ")", "(CAST(" + flag + " AS INT)" + rest + ")");
      }
      case 2 ->
          Sql.same("(" + flag + " = '" + any(List.of("TRUE", "f", " yes ", "0", "False")) + "')");
      default ->
          Sql.same("(" + flag + " " + any(OPERATORS) + " " + any(List.of("TRUE", "FALSE")) + ")");
    };
  }

  private Sql constants() {
    return Sql.same(
        any(
            List.of(
                "(1 = 1)",
                "(1 > 2)",
                "(1.0 = 1)",
                "(NULL = 1)",
                "('a' < 'b')",
                "(0.1 + 0.2 < 1)",
                "TRUE",
                "FALSE",
                "(2 + 3 * 4 = 14)",
                "(CASE WHEN 1 = 1 THEN TRUE ELSE FALSE END)",
                "(1 IN (1, NULL))",
                "(3 NOT IN (1, NULL))",
                "(3 BETWEEN 1 AND 2)",
                "(DATE '2024-01-05' = '2024-1-5')",
                "(abs(-3) = 3)",
                "('\uE000' < '\uD83D\uDE00')")));
  }

  private Sql computed() {
    if (chance(30)) {
      Sql text = text();
      return chance(50)
          ? of("(%s = %s)", text, Sql.same(literal("txt")))
          : of("(%s <> %s)", text, Sql.same(name("txt")));
    }
    if (chance(25)) {
      return of("(%s " + any(OPERATORS) + " %s)", moment(), Sql.same(literal("ts")));
    }
    Sql left = number();
    Sql right =
        chance(60)
            ? Sql.same(literal(any(List.of("small", "num"))))
            : chance(50) ? number() : Sql.same(name(any(NUMBERS)));
    return of("(%s " + any(OPERATORS) + " %s)", left, right);
  }

  Sql text() {
    return Sql.same(any(List.of("lower", "upper", "trim")) + "(" + name("txt") + ")");
  }

  Sql moment() {
    return Sql.same(
        "date_trunc('"
            + any(List.of("second", "minute", "hour", "day", "week", "month", "quarter", "year"))
            + "', "
            + name("ts")
            + ")");
  }

  /** A number that is computed. */
  Sql number() {
    return switch (random.nextInt(8)) {
      case 0 -> Sql.same("length(" + name("txt") + ")");
      case 1 ->
          Sql.same(
              any(List.of("year", "quarter", "month", "day", "hour", "minute", "second"))
                  + "("
                  + name("ts")
                  + ")");
      case 2 -> Sql.same("extract(WEEK FROM " + name("ts") + ")");
      case 3 -> of("abs(%s)", operand(any(NUMBERS)));
      case 4 -> rounded();
      case 5 -> modulo();
      case 6 -> divided();
      default -> {
        String kind = any(NUMBERS);
        String other = kind.equals("dbl") ? "dbl" : any(List.of("small", "num"));
        yield of(
            "(%s " + any(List.of("+", "-", "*")) + " %s)",
            operand(kind),
            chance(50) ? operand(other) : whole(other));
      }
    };
  }

  private Sql whole(String kind) {
    return Sql.same(
        kind.equals("dbl")
            ? any(List.of("2e0", "-0.5e0", "1e22"))
            : any(List.of("0", "1", "2", "-3", "1000")));
  }

  private Sql operand(String kind) {
    String name = name(kind);
    return kind.equals("dbl")
        ? Sql.same(name)
        : new Sql(name, "CAST(" + name + " AS DECIMAL(19, 0))");
  }

  private Sql rounded() {
    String function = any(List.of("floor", "ceil"));
    String kind = any(NUMBERS);
    String name = name(kind);
    String call = function + "(" + name + ")";
    return kind.equals("dbl")
        ? new Sql(
            call,
            "CASE WHEN abs("
                + name
                + ") < 1e15 THEN CAST("
                + call
                + " AS DOUBLE) ELSE "
                + name
                + " END")
        : Sql.same(call);
  }

  private Sql modulo() {
    String kind = any(NUMBERS);
    Sql of = operand(kind);
    if (kind.equals("dbl")) {
      String divisor = name("dbl");
      return new Sql(
          "mod(" + of.gateway() + ", " + divisor + ")",
          "mod(" + of.spark() + ", nullif(" + divisor + ", 0e0))");
    }
    if (kind.equals("small") && chance(40)) {
      String divisor = name("small");
      return new Sql(
          "mod(" + of.gateway() + ", " + divisor + ")",
          "mod(" + of.spark() + ", nullif(CAST(" + divisor + " AS DECIMAL(19, 0)), 0))");
    }
    return of(
        "mod(%s, %s)", of, Sql.same(any(List.of("1", "2", "3", "-7", "10", "1000", "67108863"))));
  }

  private Sql divided() {
    String left = name(any(NUMBERS));
    String right = chance(50) ? name(any(NUMBERS)) : any(List.of("2", "-3e0", "1e22"));
    return new Sql(
        "(" + left + " / " + right + ")",
        "(CAST(" + left + " AS DOUBLE) / nullif(CAST(" + right + " AS DOUBLE), 0e0))");
  }

  /** A value as it is written, of a type that it can be compared with. */
  private String literal(String kind) {
    Object value = any(RandomRows.VALUES.get(kind).stream().filter(v -> v != null).toList());
    return switch (kind) {
      case "txt" -> "'" + String.valueOf(value).replace("'", "''") + "'";
      case "small", "num" -> number(kind, (Long) value);
      case "dbl" -> ofDouble((Double) value);
      case "day" -> day((LocalDate) value);
      case "ts" -> moment((Instant) value);
      default -> String.valueOf(value);
    };
  }

  private String number(String kind, long value) {
    return switch (random.nextInt(8)) {
      case 0 -> value + ".0";
      case 1 -> value + ".5";
      case 2 -> any(List.of("1e22", "-1e300", "0.1"));
      case 3 -> kind.equals("num") ? String.valueOf(value) : any(List.of("2e2", "2.0e2", "4.04E2"));
      default -> value == Long.MIN_VALUE ? "-9223372036854775807" : String.valueOf(value);
    };
  }

  private String ofDouble(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return any(
          List.of("1.7976931348623157e308", "9007199254740993", "1", "0.1", "-0.0", "1e-400"));
    }
    return chance(40) && Math.abs(value) < 1e15
        ? new BigDecimal(value).toPlainString()
        : String.valueOf(value).toLowerCase(java.util.Locale.ROOT)
            + (String.valueOf(value).contains("E") ? "" : "e0");
  }

  private String day(LocalDate value) {
    if (value.getYear() < 1 || value.getYear() > 9999) {
      return any(
          List.of(
              "'2024-1-5'",
              "'2024-01-05 00:00:00'",
              "TIMESTAMP '2024-01-05 10:00:00'",
              "TIMESTAMP '2024-01-05 00:00:00'"));
    }
    return (chance(50) ? "DATE '" : "'") + value + "'";
  }

  private String moment(Instant value) {
    String text = value.toString().replace("T", " ").replace("Z", "");
    return switch (random.nextInt(5)) {
      case 0 -> "TIMESTAMP '" + text + "'";
      case 1 -> "'" + value + "'";
      case 2 -> any(List.of("DATE '2024-01-05'", "'2024-01-05'", "'2024-01-05 00:00:00.0005'"));
      default -> "'" + text + "'";
    };
  }

  List<Sql> conditions(int count) {
    List<Sql> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(condition(2));
    }
    return all;
  }
}
