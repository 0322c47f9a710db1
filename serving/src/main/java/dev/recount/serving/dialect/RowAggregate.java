package dev.recount.serving.dialect;

import dev.recount.core.view.ColumnType;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.sql.Literals;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * An aggregate over rows that are in memory.
 *
 * @param of what it is of; null for {@code COUNT(*)}
 * @param distinct whether each value counts once
 */
record RowAggregate(Function function, Expression of, boolean distinct) {
  private static final Object[] NONE = {};

  enum Function {
    COUNT,
    SUM,
    MIN,
    MAX,
    AVG
  }

  ColumnType type() {
    return switch (function) {
      case COUNT -> ColumnType.LONG;
      case AVG -> ColumnType.DOUBLE;
      case SUM -> of.type() == ColumnType.DOUBLE ? ColumnType.DOUBLE : ColumnType.LONG;
      default -> of.type();
    };
  }

  /** Its value of these rows; null for NULL. */
  Object value(List<Object[]> rows) {
    if (of == null) {
      return (long) rows.size();
    }
    Stream<Object> known = rows.stream().map(r -> of.value(r, NONE)).filter(Objects::nonNull);
    List<Object> values = (distinct ? new HashSet<>(known.toList()).stream() : known).toList();
    if (function == Function.COUNT) {
      return (long) values.size();
    }
    if (values.isEmpty()) {
      return null;
    }
    return switch (function) {
      case MIN -> values.stream().min(dev.recount.serving.expression.Values::compare).get();
      case MAX -> values.stream().max(dev.recount.serving.expression.Values::compare).get();
      case AVG -> average(values);
      default -> sum(values);
    };
  }

  private Object sum(List<Object> values) {
    if (type() == ColumnType.DOUBLE) {
      return values.stream().mapToDouble(v -> ((Number) v).doubleValue()).sum();
    }
    Number sum = Literals.whole(whole(values));
    if (!(sum instanceof Long)) {
      throw RecountException.of(
          ErrorCode.MEASURE_OVERFLOW, "Cannot answer the query: a SUM went beyond a LONG");
    }
    return sum;
  }

  private static BigInteger whole(List<Object> values) {
    return values.stream()
        .map(v -> new BigInteger(v.toString()))
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  private Object average(List<Object> values) {
    return of.type() == ColumnType.DOUBLE
        ? values.stream().mapToDouble(v -> ((Number) v).doubleValue()).sum() / values.size()
        : (Object)
            new BigDecimal(whole(values))
                .divide(BigDecimal.valueOf(values.size()), MathContext.DECIMAL128)
                .doubleValue();
  }
}
