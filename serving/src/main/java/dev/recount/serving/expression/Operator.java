package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The operators that the gateway computes itself, with SQL's NULL: what each takes, the type it
 * gives, and its value.
 */
public enum Operator {
  ADD(Takes.NUMBERS, 2, Operator::wider, known(v -> Numbers.add(v[0], v[1]))),
  SUBTRACT(Takes.NUMBERS, 2, Operator::wider, known(v -> Numbers.subtract(v[0], v[1]))),
  MULTIPLY(Takes.NUMBERS, 2, Operator::wider, known(v -> Numbers.multiply(v[0], v[1]))),
  DIVIDE(Takes.NUMBERS, 2, always(ColumnType.DOUBLE), known(v -> Numbers.divide(v[0], v[1]))),
  MODULO(Takes.NUMBERS, 2, Operator::wider, known(v -> Numbers.remainder(v[0], v[1]))),
  NEGATE(Takes.NUMBERS, 1, Operator::first, known(v -> Numbers.subtract(0L, v[0]))),
  EQUAL(sign -> sign == 0),
  NOT_EQUAL(sign -> sign != 0),
  LESS(sign -> sign < 0),
  LESS_OR_EQUAL(sign -> sign <= 0),
  GREATER(sign -> sign > 0),
  GREATER_OR_EQUAL(sign -> sign >= 0),
  AND(Takes.CONDITIONS, 2, always(ColumnType.BOOLEAN), Operator::and),
  OR(Takes.CONDITIONS, 2, always(ColumnType.BOOLEAN), Operator::or),
  NOT(Takes.CONDITIONS, 1, always(ColumnType.BOOLEAN), v -> not(v[0])),
  IS_NULL(Takes.ANYTHING, 1, always(ColumnType.BOOLEAN), v -> v[0] == null),
  IS_NOT_NULL(Takes.ANYTHING, 1, always(ColumnType.BOOLEAN), v -> v[0] != null),
  /** when, then, when, then, ..., else; of which only what is needed is computed. */
  CASE(Takes.ANYTHING, 1, Integer.MAX_VALUE, Operator::ofBranches, null),
  COALESCE(Takes.ANYTHING, 1, Integer.MAX_VALUE, Operator::common, Operator::firstKnown),
  /** What is given back, and the two that are compared, of which a query names one. */
  NULLIF(Takes.COMPARABLE, 2, Operator::first, v -> isEqual(v[1], v[2]) ? null : v[0]),
  ABS(Takes.NUMBERS, 1, Operator::first, known(v -> Numbers.absolute(v[0]))),
  FLOOR(
      Takes.NUMBERS,
      1,
      always(ColumnType.LONG),
      known(v -> Numbers.rounded(v[0], RoundingMode.FLOOR))),
  CEIL(
      Takes.NUMBERS,
      1,
      always(ColumnType.LONG),
      known(v -> Numbers.rounded(v[0], RoundingMode.CEILING))),
  /** A number, and the digits that are kept where they are given. */
  ROUND(
      Takes.NUMBERS,
      1,
      2,
      types -> types.size() > 1 ? first(types) : ColumnType.LONG,
      known(v -> Numbers.rounded(v[0], v.length > 1 ? v[1] : 0L))),
  SQRT(Takes.NUMBERS, 1, always(ColumnType.DOUBLE), known(v -> Numbers.root(v[0]))),
  /** Of count, sum, sum of squares, and what is taken off the count: 1 of a sample, else 0. */
  VARIANCE(
      Takes.NUMBERS,
      4,
      always(ColumnType.DOUBLE),
      known(v -> Numbers.variance(v[0], v[1], v[2], v[3]))),
  TO_DOUBLE(Takes.NUMBERS, 1, always(ColumnType.DOUBLE), known(v -> Numbers.asDouble(v[0]))),
  TO_LONG(Takes.NUMBERS, 1, always(ColumnType.LONG), known(v -> Numbers.asLong(v[0]))),
  TO_STRING(Takes.ANYTHING, 1, always(ColumnType.STRING), known(v -> String.valueOf(v[0]))),
  /** The number of the day of a DATE's text. */
  TO_DAY(Takes.ANYTHING, 1, always(ColumnType.DATE), known(v -> Values.day(v[0]))),
  /** The moment of milliseconds, or of the begin of a day. */
  TO_MOMENT(Takes.ANYTHING, 1, always(ColumnType.TIMESTAMP), known(v -> Values.moment(v[0])));

  /** What the arguments of an operator must be. */
  enum Takes {
    NUMBERS,
    CONDITIONS,
    COMPARABLE,
    ANYTHING
  }

  private final Takes takes;
  private final int least;
  private final int most;
  private final Function<List<ColumnType>, ColumnType> type;
  private final Function<Object[], Object> compute;
  private final IntPredicate order;

  /** A comparison, which holds for these orders of two values. */
  Operator(IntPredicate order) {
    this.takes = Takes.COMPARABLE;
    this.least = 2;
    this.most = 2;
    this.type = always(ColumnType.BOOLEAN);
    this.compute = known(v -> order.test(Values.compare(v[0], v[1])));
    this.order = order;
  }

  Operator(
      Takes takes,
      int count,
      Function<List<ColumnType>, ColumnType> type,
      Function<Object[], Object> compute) {
    this(takes, count, count, type, compute);
  }

  Operator(
      Takes takes,
      int least,
      int most,
      Function<List<ColumnType>, ColumnType> type,
      Function<Object[], Object> compute) {
    this.takes = takes;
    this.least = least;
    this.most = most;
    this.type = type;
    this.compute = compute;
    this.order = null;
  }

  Takes takes() {
    return takes;
  }

  /** Whether it can have so many arguments. */
  boolean takes(int count) {
    return least <= count && count <= most;
  }

  /**
   * The type of its value.
   *
   * @param types of its arguments; null of a NULL
   */
  ColumnType type(List<ColumnType> types) {
    return type.apply(types);
  }

  /** Its value of these, each of which may be NULL. */
  public Object of(Object... values) {
    return compute.apply(values);
  }

  /** Whether a comparison holds for two values of this order. */
  public boolean holds(int sign) {
    return order.test(sign);
  }

  /** What is NULL if an argument is. */
  private static Function<Object[], Object> known(Function<Object[], Object> compute) {
    return values -> Arrays.stream(values).anyMatch(Objects::isNull) ? null : compute.apply(values);
  }

  private static Function<List<ColumnType>, ColumnType> always(ColumnType type) {
    return types -> type;
  }

  private static ColumnType wider(List<ColumnType> types) {
    return types.contains(ColumnType.DOUBLE) ? ColumnType.DOUBLE : ColumnType.LONG;
  }

  private static ColumnType first(List<ColumnType> types) {
    return types.get(0) == null ? ColumnType.STRING : types.get(0);
  }

  private static ColumnType common(List<ColumnType> types) {
    return types.contains(ColumnType.DOUBLE)
        ? ColumnType.DOUBLE
        : types.stream().filter(Objects::nonNull).findFirst().orElse(ColumnType.STRING);
  }

  private static ColumnType ofBranches(List<ColumnType> types) {
    return common(
        IntStream.range(0, types.size())
            .filter(i -> i % 2 == 1 || i == types.size() - 1)
            .mapToObj(types::get)
            .toList());
  }

  private static Boolean and(Object... values) {
    if (Arrays.asList(values).contains(false)) {
      return false;
    }
    return Arrays.asList(values).contains(null) ? null : Boolean.valueOf(true);
  }

  private static Boolean or(Object... values) {
    return not(and(Arrays.stream(values).map(Operator::not).toArray()));
  }

  private static Boolean not(Object value) {
    return value == null ? null : Boolean.valueOf(!(Boolean) value);
  }

  private static Object firstKnown(Object... values) {
    return Arrays.stream(values).filter(Objects::nonNull).findFirst().orElse(null);
  }

  private static boolean isEqual(Object left, Object right) {
    return left != null && right != null && Values.compare(left, right) == 0;
  }
}
