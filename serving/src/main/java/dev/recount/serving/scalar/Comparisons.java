package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.StoredText;
import dev.recount.serving.expression.Formulas;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.sql.Times;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;

/**
 * Writes comparisons the way Pinot computes what Spark does: the types of both sides decide what is
 * compared, and what cannot be compared exactly is refused. NULL is left to the caller: what is
 * written here may say anything of rows in which a side is NULL.
 */
final class Comparisons {
  private static final String ALWAYS = Conditions.ALWAYS;
  private static final String NEVER = Conditions.NEVER;

  private static final BigDecimal DOUBLE_HOLDS = BigDecimal.valueOf(1L << 53);
  private static final BigDecimal LONG_BEYOND = new BigDecimal(BigInteger.ONE.shiftLeft(63));

  /** From here on the order of characters in Java is not that of their bytes in UTF-8. */
  private static final char FIRST_SURROGATE = '\uD800';

  private Comparisons() {}

  /** Whether it is one of =, <>, <, <=, > and >=. */
  static boolean isComparison(SqlKind kind) {
    return SqlKind.COMPARISON.contains(kind) && kind != SqlKind.IN;
  }

  /**
   * An expression compared with a value.
   *
   * @param value not null
   */
  static String withValue(SqlNode node, Scalar left, SqlKind operator, Object value) {
    return switch (left.type()) {
      case INT, LONG -> WholeComparisons.of(left, operator, number(node, left, value));
      case TIMESTAMP -> WholeComparisons.of(left, operator, millis(node, value));
      case DATE -> WholeComparisons.of(left, operator, days(value));
      case DOUBLE -> ofDouble(left, operator, asDouble(node, value));
      case BOOLEAN -> flag(left, operator, value);
      case STRING -> text(node, left, operator, value);
      default -> throw QueryErrors.unsupported(node, "sketches cannot be compared");
    };
  }

  private static BigDecimal number(SqlNode node, Scalar left, Object value) {
    if (!(value instanceof Number)) {
      throw QueryErrors.cannotCompare("number", value);
    }
    if (value instanceof Double approximate) {
      BigDecimal exact = finite(node, approximate);
      boolean isRounded =
          exact.abs().compareTo(DOUBLE_HOLDS) >= 0 && exact.abs().compareTo(LONG_BEYOND) <= 0;
      if (left.type() == ColumnType.LONG && isRounded) {
        throw QueryErrors.unsupported(
            node,
            "'" + value + "' is a DOUBLE, which stands for many whole numbers; write all digits");
      }
      return exact;
    }
    return decimal((Number) value);
  }

  private static BigDecimal finite(SqlNode node, double number) {
    if (Double.isInfinite(number) || Double.isNaN(number)) {
      throw QueryErrors.unsupported(node, "it compares with a number that a DOUBLE cannot hold");
    }
    return new BigDecimal(number);
  }

  private static BigDecimal decimal(Number value) {
    return value instanceof BigDecimal decimal ? decimal : new BigDecimal(value.toString());
  }

  private static BigDecimal millis(SqlNode node, Object value) {
    if (value instanceof Double number) {
      finite(node, number);
      return BigDecimal.valueOf(number);
    }
    if (value instanceof Number number) {
      return decimal(number);
    }
    return millisOf(Times.moment(value));
  }

  private static BigDecimal millisOf(Instant moment) {
    return BigDecimal.valueOf(moment.getEpochSecond())
        .movePointRight(3)
        .add(BigDecimal.valueOf(moment.getNano(), 6));
  }

  private static BigDecimal days(Object value) {
    if (value instanceof Instant moment) {
      long seconds = moment.getEpochSecond();
      BigDecimal day = BigDecimal.valueOf(Math.floorDiv(seconds, 86_400L));
      boolean isMidnight = Math.floorMod(seconds, 86_400L) == 0 && moment.getNano() == 0;
      return isMidnight ? day : day.add(new BigDecimal("0.5"));
    }
    return BigDecimal.valueOf(Times.day(value).toEpochDay());
  }

  /** How a comparison with one value begins. */
  static String equal(Scalar left) {
    return left.compared() + " = ";
  }

  private static double asDouble(SqlNode node, Object value) {
    if (!(value instanceof Number number)) {
      throw QueryErrors.cannotCompare("number", value);
    }
    double found = number.doubleValue();
    finite(node, found);
    return found;
  }

  private static String ofDouble(Scalar left, SqlKind operator, double value) {
    if (left.column() != null) {
      return "%s %s %s"
          .formatted(
              Stored.column(left.column()), operator.sql, Stored.literal(left.column(), value));
    }
    String literal = "'" + (value == 0 ? 0.0d : value) + "'";
    String comparison = left.sql() + " " + operator.sql + " " + literal;
    boolean isAbove = operator == SqlKind.GREATER_THAN || operator == SqlKind.GREATER_THAN_OR_EQUAL;
    // NaN is larger than all numbers, and no comparison of Pinot's own holds for it.
    return isAbove ? "(" + comparison + " OR NOT " + left.sql() + " >= '-Infinity')" : comparison;
  }

  /** Which of the two values fulfil it is known here. */
  private static String flag(Scalar left, SqlKind operator, Object value) {
    List<Boolean> fulfil =
        Stream.of(true, false).filter(flag -> holds(flag, operator, value)).toList();
    if (fulfil.isEmpty()) {
      return NEVER;
    }
    return fulfil.size() == 2 ? ALWAYS : left.sql() + " = '" + fulfil.get(0) + "'";
  }

  private static boolean holds(boolean flag, SqlKind operator, Object value) {
    int order;
    if (value instanceof Number number) {
      order = (flag ? BigDecimal.ONE : BigDecimal.ZERO).compareTo(decimal(number));
    } else if (value instanceof Boolean other) {
      order = Boolean.compare(flag, other);
    } else {
      order =
          Boolean.compare(
              flag,
              Literals.flag(value).orElseThrow(() -> QueryErrors.cannotCompare("boolean", value)));
    }
    return Formulas.comparison(operator).holds(order);
  }

  private static String text(SqlNode node, Scalar left, SqlKind operator, Object value) {
    if (!(value instanceof String text)) {
      throw QueryErrors.unsupported(
          node, "it compares a text with '" + value + "', which is not a text; write it in quotes");
    }
    String plain = left.compared() + " " + operator.sql + " " + Quoted.text(StoredText.of(text));
    boolean isOrder = operator != SqlKind.EQUALS && operator != SqlKind.NOT_EQUALS;
    if (!isOrder || text.chars().noneMatch(c -> c >= FIRST_SURROGATE)) {
      return plain;
    }
    boolean isBelow = operator == SqlKind.LESS_THAN || operator == SqlKind.LESS_THAN_OR_EQUAL;
    String larger = found(left, Patterns.differing(node, text, true));
    String smaller = found(left, Patterns.differing(node, text, false));
    return isBelow
        ? "((" + plain + " AND NOT " + larger + ") OR " + smaller + ")"
        : "((" + plain + " OR " + larger + ") AND NOT " + smaller + ")";
  }

  private static String found(Scalar text, String pattern) {
    return "REGEXP_LIKE(" + text.sql() + ", " + Quoted.text(pattern) + ")";
  }

  /** Two expressions compared with each other. */
  static String withEachOther(SqlNode node, Scalar left, SqlKind operator, Scalar right) {
    boolean isTime = isMillis(left) && isMillis(right);
    if (isTime || left.isWhole() && right.isWhole()) {
      return computed(left.asWhole(), operator, right.asWhole());
    }
    if (left.isNumber() && right.isNumber()) {
      return left.column() != null && right.column() != null && left.type() == right.type()
          ? computed(left.compared(), operator, right.compared())
          : computed(left.asDouble(), operator, right.asDouble());
    }
    if (left.type() != right.type()) {
      throw QueryErrors.unsupported(
          node, "a " + left.type() + " cannot be compared with a " + right.type());
    }
    boolean isOrder = operator != SqlKind.EQUALS && operator != SqlKind.NOT_EQUALS;
    if (isOrder && left.type() == ColumnType.STRING) {
      throw QueryErrors.unsupported(
          node, "texts can be compared with each other by = and <> only, or with a value");
    }
    return computed(left.compared(), operator, right.compared());
  }

  /** Pinot's own comparison of two expressions is one of their difference, as a DOUBLE. */
  private static String computed(String left, SqlKind operator, String right) {
    return "CASE WHEN " + left + " " + operator.sql + " " + right + " THEN 1 ELSE 0 END = 1";
  }

  private static boolean isMillis(Scalar scalar) {
    return scalar.type() == ColumnType.TIMESTAMP || scalar.type() == ColumnType.LONG;
  }
}
