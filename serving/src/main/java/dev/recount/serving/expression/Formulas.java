package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.QueryErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlCase;

/** Binds the operators and functions over merged values. */
public final class Formulas {
  private static final Map<SqlKind, Operator> BY_KIND =
      Map.ofEntries(
          Map.entry(SqlKind.PLUS, Operator.ADD),
          Map.entry(SqlKind.MINUS, Operator.SUBTRACT),
          Map.entry(SqlKind.TIMES, Operator.MULTIPLY),
          Map.entry(SqlKind.DIVIDE, Operator.DIVIDE),
          Map.entry(SqlKind.MOD, Operator.MODULO),
          Map.entry(SqlKind.MINUS_PREFIX, Operator.NEGATE),
          Map.entry(SqlKind.EQUALS, Operator.EQUAL),
          Map.entry(SqlKind.NOT_EQUALS, Operator.NOT_EQUAL),
          Map.entry(SqlKind.LESS_THAN, Operator.LESS),
          Map.entry(SqlKind.LESS_THAN_OR_EQUAL, Operator.LESS_OR_EQUAL),
          Map.entry(SqlKind.GREATER_THAN, Operator.GREATER),
          Map.entry(SqlKind.GREATER_THAN_OR_EQUAL, Operator.GREATER_OR_EQUAL),
          Map.entry(SqlKind.AND, Operator.AND),
          Map.entry(SqlKind.OR, Operator.OR),
          Map.entry(SqlKind.NOT, Operator.NOT),
          Map.entry(SqlKind.IS_NULL, Operator.IS_NULL),
          Map.entry(SqlKind.IS_NOT_NULL, Operator.IS_NOT_NULL),
          Map.entry(SqlKind.COALESCE, Operator.COALESCE),
          Map.entry(SqlKind.NULLIF, Operator.NULLIF),
          Map.entry(SqlKind.FLOOR, Operator.FLOOR),
          Map.entry(SqlKind.CEIL, Operator.CEIL));

  private static final Map<String, Operator> BY_NAME =
      Map.ofEntries(
          Map.entry("abs", Operator.ABS),
          Map.entry("round", Operator.ROUND),
          Map.entry("floor", Operator.FLOOR),
          Map.entry("ceil", Operator.CEIL),
          Map.entry("ceiling", Operator.CEIL),
          Map.entry("sqrt", Operator.SQRT),
          Map.entry("recount_variance", Operator.VARIANCE),
          Map.entry("mod", Operator.MODULO),
          Map.entry("coalesce", Operator.COALESCE),
          Map.entry("nullif", Operator.NULLIF),
          Map.entry("%", Operator.MODULO));

  private static final Set<SqlKind> BY_FORM =
      Set.of(SqlKind.CASE, SqlKind.CAST, SqlKind.IN, SqlKind.NOT_IN, SqlKind.BETWEEN);

  private Formulas() {}

  /** The operator of a comparison. */
  public static Operator comparison(SqlKind kind) {
    return BY_KIND.get(kind);
  }

  /** Whether the call itself, whatever it is of, is one that the gateway computes. */
  static boolean isSupported(SqlCall call) {
    return BY_FORM.contains(call.getKind()) || operator(call) != null;
  }

  private static Operator operator(SqlCall call) {
    Operator operator = BY_KIND.get(call.getKind());
    return operator == null
        ? BY_NAME.get(call.getOperator().getName().toLowerCase(Locale.ROOT))
        : operator;
  }

  public static Expression call(SqlCall call, Function<SqlNode, Expression> bind) {
    return switch (call.getKind()) {
      case CASE -> conditional((SqlCase) call, bind);
      case CAST -> cast(call, bind);
      case IN -> in(call, bind);
      case NOT_IN -> new Expression.Call(Operator.NOT, in(call, bind));
      case BETWEEN -> between(call, bind);
      default -> plain(call, bind);
    };
  }

  private static Expression plain(SqlCall call, Function<SqlNode, Expression> bind) {
    Operator operator = operator(call);
    if (operator == null) {
      throw QueryErrors.unsupported(
          call,
          "it is neither in GROUP BY nor computed from merged values; put it in GROUP BY, or use"
              + " arithmetic, comparisons, CASE, COALESCE, NULLIF, ABS, FLOOR, CEIL, ROUND, CAST");
    }
    List<Expression> arguments = call.getOperandList().stream().map(bind).toList();
    if (!operator.takes(arguments.size())) {
      throw QueryErrors.unsupported(
          call, "it has " + arguments.size() + " arguments, which it cannot have");
    }
    switch (operator.takes()) {
      case COMPARABLE:
        return Comparands.compared(call, operator, arguments.get(0), arguments.get(1));
      case NUMBERS:
        requireNumbers(call, arguments);
        break;
      case CONDITIONS:
        requireConditions(call, arguments);
        break;
      default:
    }
    return new Expression.Call(operator, arguments);
  }

  private static void requireConditions(SqlCall call, List<Expression> arguments) {
    for (Expression argument : arguments) {
      if (!argument.isNull() && argument.type() != ColumnType.BOOLEAN) {
        throw QueryErrors.unsupported(
            call, "it needs conditions, found a value of " + argument.type());
      }
    }
  }

  private static void requireNumbers(SqlCall call, List<Expression> arguments) {
    for (Expression argument : arguments) {
      if (!argument.isNull() && !argument.isNumber()) {
        throw QueryErrors.unsupported(call, "arithmetic needs numbers, found " + argument.type());
      }
    }
  }

  private static Expression conditional(SqlCase call, Function<SqlNode, Expression> bind) {
    List<Expression> arguments = new ArrayList<>();
    for (int i = 0; i < call.getWhenOperands().size(); i++) {
      Expression when = bind.apply(call.getWhenOperands().get(i));
      if (call.getValueOperand() != null) {
        when = Comparands.compared(call, Operator.EQUAL, bind.apply(call.getValueOperand()), when);
      }
      arguments.add(when);
      arguments.add(bind.apply(call.getThenOperands().get(i)));
    }
    arguments.add(
        call.getElseOperand() == null
            ? new Expression.Constant(null)
            : bind.apply(call.getElseOperand()));
    return new Expression.Call(Operator.CASE, arguments);
  }

  private static Expression cast(SqlCall call, Function<SqlNode, Expression> bind) {
    Expression value = bind.apply(call.operand(0));
    String type =
        ((SqlDataTypeSpec) call.operand(1)).getTypeName().toString().toUpperCase(Locale.ROOT);
    return switch (type) {
      case "DOUBLE", "FLOAT", "REAL", "DECIMAL" -> {
        requireNumbers(call, List.of(value));
        yield new Expression.Call(Operator.TO_DOUBLE, value);
      }
      case "BIGINT", "INTEGER", "LONG" -> {
        requireNumbers(call, List.of(value));
        yield new Expression.Call(Operator.TO_LONG, value);
      }
      case "VARCHAR", "STRING" -> new Expression.Call(Operator.TO_STRING, value);
      default -> throw QueryErrors.unsupported(call, "CAST goes to DOUBLE, BIGINT or VARCHAR");
    };
  }

  private static Expression in(SqlCall call, Function<SqlNode, Expression> bind) {
    if (!(call.operand(1) instanceof SqlNodeList list)) {
      throw QueryErrors.unsupported(call, "subqueries are not supported; list the values");
    }
    Expression value = bind.apply(call.operand(0));
    List<Expression> equal = new ArrayList<>();
    for (SqlNode item : list) {
      equal.add(Comparands.compared(call, Operator.EQUAL, value, bind.apply(item)));
    }
    return new Expression.Call(Operator.OR, equal);
  }

  private static Expression between(SqlCall call, Function<SqlNode, Expression> bind) {
    Expression value = bind.apply(call.operand(0));
    Expression low = bind.apply(call.operand(1));
    Expression high = bind.apply(call.operand(2));
    Expression within =
        new Expression.Call(
            Operator.AND,
            Comparands.compared(call, Operator.GREATER_OR_EQUAL, value, low),
            Comparands.compared(call, Operator.LESS_OR_EQUAL, value, high));
    boolean negated = call.getOperator().getName().startsWith("NOT");
    return negated ? new Expression.Call(Operator.NOT, within) : within;
  }
}
