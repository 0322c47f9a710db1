package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.text.TextQuery;
import java.util.List;

/** What the gateway computes from the groups and aggregates that Pinot answers with. */
public sealed interface Expression {
  ColumnType type();

  /** A value that stands in the query. */
  record Constant(Object value, ColumnType type) implements Expression {}

  /** A group-by value. */
  record Key(int index, ColumnType type) implements Expression {}

  /** A merged value. */
  record Merged(int index, ColumnType type) implements Expression {}

  /** An operator or function of {@link Operators}. */
  record Call(Operator operator, List<Expression> arguments, ColumnType type)
      implements Expression {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /** Whether a text matches a query, as a row that holds it would. */
  record Matches(Expression text, TextQuery query) implements Expression {
    @Override
    public ColumnType type() {
      return ColumnType.BOOLEAN;
    }
  }

  /** The operators that the gateway computes itself. */
  enum Operator {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    MODULO,
    NEGATE,
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    AND,
    OR,
    NOT,
    IS_NULL,
    IS_NOT_NULL,
    /** when, then, when, then, ..., else. */
    CASE,
    COALESCE,
    /** What is given back, and the two that are compared. */
    NULLIF,
    ABS,
    FLOOR,
    CEIL,
    ROUND,
    SQRT,
    /** Of count, sum, sum of squares, and what is taken off the count: 1 of a sample, else 0. */
    VARIANCE,
    TO_DOUBLE,
    TO_LONG,
    TO_STRING,
    /** The number of the day of a DATE's text. */
    TO_DAY,
    /** The moment of milliseconds, or of the begin of a day. */
    TO_MOMENT
  }
}
