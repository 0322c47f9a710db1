package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.expression.Expression.Operator;
import dev.recount.serving.sql.QueryErrors;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
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

  public static Expression constant(Object value) {
    return new Expression.Constant(value, type(value));
  }

  private static ColumnType type(Object value) {
    if (value instanceof Boolean) {
      return ColumnType.BOOLEAN;
    }
    if (value instanceof LocalDate) {
      return ColumnType.DATE;
    }
    if (value instanceof Instant) {
      return ColumnType.TIMESTAMP;
    }
    boolean isDouble = value instanceof Double || value instanceof BigDecimal;
    return isDouble
        ? ColumnType.DOUBLE
        : value instanceof Number ? ColumnType.LONG : ColumnType.STRING;
  }

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
    switch (call.getKind()) {
      case CASE:
        return conditional((SqlCase) call, bind);
      case CAST:
        return cast(call, bind);
      case IN:
        return in(call, bind);
      case NOT_IN:
        return new Expression.Call(Operator.NOT, List.of(in(call, bind)), ColumnType.BOOLEAN);
      case BETWEEN:
        return between(call, bind);
      default:
        return plain(call, bind);
    }
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
    requireCount(call, operator, arguments.size());
    if (isComparison(operator)) {
      return Comparands.compared(call, operator, arguments.get(0), arguments.get(1));
    }
    if (isArithmetic(operator)) {
      requireNumbers(call, arguments);
    }
    if (operator == Operator.AND || operator == Operator.OR || operator == Operator.NOT) {
      requireConditions(call, arguments);
    }
    ColumnType type = type(operator, arguments);
    return new Expression.Call(operator, arguments, type);
  }

  private static void requireCount(SqlCall call, Operator operator, int count) {
    boolean fits =
        switch (operator) {
          case NEGATE, NOT, IS_NULL, IS_NOT_NULL, ABS, FLOOR, CEIL, SQRT -> count == 1;
          case ROUND -> count == 1 || count == 2;
          case COALESCE -> count >= 1;
          case VARIANCE -> count == 4;
          default -> count == 2;
        };
    if (!fits) {
      throw QueryErrors.unsupported(call, "it has " + count + " arguments, which it cannot have");
    }
  }

  private static boolean isComparison(Operator operator) {
    switch (operator) {
      case EQUAL:
      case NOT_EQUAL:
      case LESS:
      case LESS_OR_EQUAL:
      case GREATER:
      case GREATER_OR_EQUAL:
      case NULLIF:
        return true;
      default:
        return false;
    }
  }

  private static void requireConditions(SqlCall call, List<Expression> arguments) {
    for (Expression argument : arguments) {
      if (!Comparands.isNull(argument) && argument.type() != ColumnType.BOOLEAN) {
        throw QueryErrors.unsupported(
            call, "it links conditions, found a value of " + argument.type());
      }
    }
  }

  private static boolean isArithmetic(Operator operator) {
    switch (operator) {
      case ADD:
      case SUBTRACT:
      case MULTIPLY:
      case DIVIDE:
      case MODULO:
      case NEGATE:
      case ABS:
      case FLOOR:
      case CEIL:
      case ROUND:
      case SQRT:
      case VARIANCE:
        return true;
      default:
        return false;
    }
  }

  private static void requireNumbers(SqlCall call, List<Expression> arguments) {
    for (Expression argument : arguments) {
      ColumnType type = argument.type();
      if (!Comparands.isNull(argument)
          && type != ColumnType.INT
          && type != ColumnType.LONG
          && type != ColumnType.DOUBLE) {
        throw QueryErrors.unsupported(call, "arithmetic needs numbers, found " + type);
      }
    }
  }

  private static ColumnType type(Operator operator, List<Expression> arguments) {
    ColumnType first = arguments.get(0).type();
    switch (operator) {
      case ADD:
      case SUBTRACT:
      case MULTIPLY:
      case MODULO:
        return Operators.wider(first, arguments.get(1).type());
      case DIVIDE:
      case SQRT:
      case VARIANCE:
        return ColumnType.DOUBLE;
      case NEGATE:
      case ABS:
      case NULLIF:
        return first;
      case ROUND:
        return arguments.size() > 1 ? first : ColumnType.LONG;
      case FLOOR:
      case CEIL:
        return ColumnType.LONG;
      case COALESCE:
        return common(arguments);
      default:
        return ColumnType.BOOLEAN;
    }
  }

  private static ColumnType common(List<Expression> branches) {
    List<ColumnType> types =
        branches.stream()
            .filter(b -> !(b instanceof Expression.Constant c && c.value() == null))
            .map(Expression::type)
            .distinct()
            .toList();
    if (types.isEmpty()) {
      return ColumnType.STRING;
    }
    return types.contains(ColumnType.DOUBLE) ? ColumnType.DOUBLE : types.get(0);
  }

  private static Expression conditional(SqlCase call, Function<SqlNode, Expression> bind) {
    List<Expression> arguments = new ArrayList<>();
    List<Expression> branches = new ArrayList<>();
    for (int i = 0; i < call.getWhenOperands().size(); i++) {
      Expression when = bind.apply(call.getWhenOperands().get(i));
      if (call.getValueOperand() != null) {
        when = Comparands.compared(call, Operator.EQUAL, bind.apply(call.getValueOperand()), when);
      }
      arguments.add(when);
      branches.add(bind.apply(call.getThenOperands().get(i)));
      arguments.add(branches.get(i));
    }
    branches.add(
        call.getElseOperand() == null ? constant(null) : bind.apply(call.getElseOperand()));
    arguments.add(branches.get(branches.size() - 1));
    return new Expression.Call(Operator.CASE, arguments, common(branches));
  }

  private static Expression cast(SqlCall call, Function<SqlNode, Expression> bind) {
    Expression value = bind.apply(call.operand(0));
    String type =
        ((SqlDataTypeSpec) call.operand(1)).getTypeName().toString().toUpperCase(Locale.ROOT);
    switch (type) {
      case "DOUBLE":
      case "FLOAT":
      case "REAL":
      case "DECIMAL":
        requireNumbers(call, List.of(value));
        return new Expression.Call(Operator.TO_DOUBLE, List.of(value), ColumnType.DOUBLE);
      case "BIGINT":
      case "INTEGER":
      case "LONG":
        requireNumbers(call, List.of(value));
        return new Expression.Call(Operator.TO_LONG, List.of(value), ColumnType.LONG);
      case "VARCHAR":
      case "STRING":
        return new Expression.Call(Operator.TO_STRING, List.of(value), ColumnType.STRING);
      default:
        throw QueryErrors.unsupported(call, "CAST goes to DOUBLE, BIGINT or VARCHAR");
    }
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
    return new Expression.Call(Operator.OR, equal, ColumnType.BOOLEAN);
  }

  private static Expression between(SqlCall call, Function<SqlNode, Expression> bind) {
    Expression value = bind.apply(call.operand(0));
    Expression low = bind.apply(call.operand(1));
    Expression high = bind.apply(call.operand(2));
    Expression within =
        new Expression.Call(
            Operator.AND,
            List.of(
                Comparands.compared(call, Operator.GREATER_OR_EQUAL, value, low),
                Comparands.compared(call, Operator.LESS_OR_EQUAL, value, high)),
            ColumnType.BOOLEAN);
    boolean negated = call.getOperator().getName().startsWith("NOT");
    return negated
        ? new Expression.Call(Operator.NOT, List.of(within), ColumnType.BOOLEAN)
        : within;
  }
}
