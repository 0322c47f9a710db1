package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.text.TextQuery;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;

/** What the gateway computes from the groups and aggregates that Pinot answers with. */
public sealed interface Expression {
  ColumnType type();

  /**
   * Its value of a group; null for NULL.
   *
   * @param keys what the group is grouped by
   * @param merged the merged values of the group
   */
  Object value(Object[] keys, Object[] merged);

  /** Whether it is a NULL that is in the query. */
  default boolean isNull() {
    return false;
  }

  default boolean isNumber() {
    return type() == ColumnType.INT || type() == ColumnType.LONG || type() == ColumnType.DOUBLE;
  }

  /** A value that is in the query. */
  record Constant(Object value, ColumnType type) implements Expression {
    public Constant(Object value) {
      this(value, typeOf(value));
    }

    private static ColumnType typeOf(Object value) {
      if (value instanceof Boolean) {
        return ColumnType.BOOLEAN;
      }
      if (value instanceof LocalDate) {
        return ColumnType.DATE;
      }
      if (value instanceof Instant) {
        return ColumnType.TIMESTAMP;
      }
      if (value instanceof Double || value instanceof BigDecimal) {
        return ColumnType.DOUBLE;
      }
      return value instanceof Number ? ColumnType.LONG : ColumnType.STRING;
    }

    @Override
    public boolean isNull() {
      return value == null;
    }

    @Override
    public Object value(Object[] keys, Object[] merged) {
      return value;
    }
  }

  /** A group-by value. */
  record Key(int index, ColumnType type) implements Expression {
    @Override
    public Object value(Object[] keys, Object[] merged) {
      return keys[index];
    }
  }

  /** A merged value. */
  record Merged(int index, ColumnType type) implements Expression {
    @Override
    public Object value(Object[] keys, Object[] merged) {
      return merged[index];
    }
  }

  /** An operator or function. */
  record Call(Operator operator, List<Expression> arguments, ColumnType type)
      implements Expression {
    public Call(Operator operator, List<Expression> arguments) {
      this(operator, List.copyOf(arguments), typeOf(operator, arguments));
    }

    public Call(Operator operator, Expression... arguments) {
      this(operator, List.of(arguments));
    }

    private static ColumnType typeOf(Operator operator, List<Expression> arguments) {
      ColumnType[] types =
          arguments.stream().map(a -> a.isNull() ? null : a.type()).toArray(ColumnType[]::new);
      return operator.type(Arrays.asList(types));
    }

    @Override
    public Object value(Object[] keys, Object[] merged) {
      return operator == Operator.CASE
          ? firstMatch(keys, merged)
          : operator.of(arguments.stream().map(a -> a.value(keys, merged)).toArray());
    }

    private Object firstMatch(Object[] keys, Object[] merged) {
      int otherwise = arguments.size() - 1;
      for (int i = 0; i < otherwise; i += 2) {
        if (Boolean.TRUE.equals(arguments.get(i).value(keys, merged))) {
          return arguments.get(i + 1).value(keys, merged);
        }
      }
      return arguments.get(otherwise).value(keys, merged);
    }
  }

  /** Whether a text matches a query, as a row that holds it would. */
  record Matches(Expression text, TextQuery query) implements Expression {
    @Override
    public ColumnType type() {
      return ColumnType.BOOLEAN;
    }

    @Override
    public Object value(Object[] keys, Object[] merged) {
      Object found = text.value(keys, merged);
      return found == null ? null : query.matches((String) found);
    }
  }
}
