package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Truncation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlCase;

/** Writes expressions over dimensions the way Pinot reads them, with their types. */
public final class ScalarRenderer {
  private static final Set<String> OF_NUMBERS =
      Set.of("abs", "ceil", "ceiling", "floor", "mod", "%");

  /** Exact arithmetic names what it computes with more than once. */
  private static final int LONGEST = 8_000;

  private final Columns columns;
  private final BiFunction<SqlCase, ScalarRenderer, Scalar> cases;

  /**
   * @param cases writes a CASE, whose conditions are written with this
   */
  public ScalarRenderer(Columns columns, BiFunction<SqlCase, ScalarRenderer, Scalar> cases) {
    this.columns = columns;
    this.cases = cases;
  }

  public Scalar render(SqlNode node) {
    if (node instanceof SqlIdentifier identifier) {
      return Scalar.of(columns.dimension(identifier));
    }
    if (node instanceof SqlIntervalQualifier unit) {
      return render(columns.columnNamedLike(unit));
    }
    if (Constants.isConstant(node)) {
      return constant(node, Constants.value(node));
    }
    if (node instanceof SqlCall call) {
      return call(call);
    }
    throw QueryErrors.unsupported(node, "expressions of this kind are not supported here");
  }

  private static Scalar constant(SqlNode node, Object value) {
    if (value instanceof Long || value instanceof BigInteger) {
      BigInteger whole = new BigInteger(value.toString());
      return new Scalar(
          value.toString(),
          ColumnType.LONG,
          Set.of(),
          null,
          whole.abs(),
          Scalar.Form.LONG,
          List.of());
    }
    if (value instanceof Number number && !Double.isInfinite(number.doubleValue())) {
      return new Scalar(String.valueOf(number.doubleValue()), ColumnType.DOUBLE, Set.of(), null);
    }
    throw QueryErrors.unsupported(
        node, "values among the columns of an expression must be numbers, found " + value);
  }

  private Scalar call(SqlCall call) {
    Scalar computed = computed(call);
    if (computed.dimensions().isEmpty()) {
      throw QueryErrors.unsupported(call, "it contains no column; write its result");
    }
    if (computed.sql().length() > LONGEST) {
      throw QueryErrors.unsupported(
          call, "it becomes too long for Pinot; write it in fewer steps, or into the view");
    }
    return computed;
  }

  private Scalar computed(SqlCall call) {
    return switch (call.getKind()) {
      case PLUS, MINUS, TIMES, DIVIDE, MOD -> arithmetic(call, call.getKind());
      case MINUS_PREFIX ->
          Arithmetic.subtract(constant(call, 0L), number(call, render(call.operand(0))));
      case PLUS_PREFIX -> number(call, render(call.operand(0)));
      case EXTRACT -> TimeFunctions.part(call, call.operand(0).toString(), render(call.operand(1)));
      case CAST -> Conversions.cast(call, render(call.operand(0)));
      case CASE -> cases.apply((SqlCase) call, this);
      case TRIM -> TextFunctions.of(call, "trim", render(TextFunctions.trimmed(call)));
      default -> function(call);
    };
  }

  private Scalar arithmetic(SqlCall call, SqlKind kind) {
    if (call.operandCount() != 2) {
      throw QueryErrors.unsupported(call, "it takes two numbers");
    }
    Scalar left = number(call, render(call.operand(0)));
    Scalar right = number(call, render(call.operand(1)));
    requireSameKind(call, left, right);
    return switch (kind) {
      case PLUS -> Arithmetic.add(left, right);
      case MINUS -> Arithmetic.subtract(left, right);
      case TIMES -> Arithmetic.multiply(left, right);
      case DIVIDE -> Arithmetic.divide(call, left, right);
      default -> Arithmetic.modulo(call, left, right);
    };
  }

  /** A decimal number beside a whole one makes SQL compute with decimals, which Pinot does not. */
  private static void requireSameKind(SqlCall call, Scalar left, Scalar right) {
    for (int i = 0; i < 2; i++) {
      Scalar other = i == 0 ? right : left;
      boolean isDecimal =
          Constants.isConstant(call.operand(i))
              && Constants.value(call.operand(i)) instanceof BigDecimal;
      if (isDecimal && other.isWhole()) {
        throw QueryErrors.unsupported(
            call, "whole and decimal numbers are not computed together; write 2.5e0 for a DOUBLE");
      }
    }
  }

  private static Scalar number(SqlNode node, Scalar scalar) {
    if (!scalar.isNumber()) {
      throw QueryErrors.unsupported(node, "arithmetic needs numbers, found " + scalar.type());
    }
    return scalar;
  }

  private Scalar function(SqlCall call) {
    String name = call.getOperator().getName().toLowerCase(Locale.ROOT);
    List<SqlNode> operands = call.getOperandList();
    if (Truncation.is(call)) {
      Truncation cut = Truncation.of(call);
      return TimeFunctions.truncated(call, cut, render(cut.moment()));
    }
    if (TimeFunctions.UNITS.contains(name) && operands.size() == 1) {
      return TimeFunctions.part(call, name, render(operands.get(0)));
    }
    if (TextFunctions.NAMES.contains(name) && operands.size() == 1) {
      return TextFunctions.of(call, name, render(operands.get(0)));
    }
    if (name.equals(Conversions.CONVERT) && operands.size() == 4) {
      return Conversions.converted(call, render(operands.get(0)));
    }
    if (Conversions.EPOCHS.containsKey(name) && operands.size() == 1) {
      return Conversions.epoch(call, name, render(operands.get(0)));
    }
    if (name.equals("round") && operands.size() == 2) {
      return Conversions.rounded(call, render(operands.get(0)));
    }
    if (OF_NUMBERS.contains(name)) {
      return ofNumbers(call, name);
    }
    throw QueryErrors.unsupported(
        call,
        "this function is not supported here; supported are date_trunc, extract, "
            + String.join(", ", TimeFunctions.UNITS.stream().sorted().toList())
            + ", lower, upper, trim, length, abs, ceil, floor, mod, datetimeconvert, CASE, CAST and"
            + " arithmetic");
  }

  private Scalar ofNumbers(SqlCall call, String name) {
    if (name.equals("mod")) {
      return arithmetic(call, SqlKind.MOD);
    }
    if (call.operandCount() != 1) {
      throw QueryErrors.unsupported(call, "it takes one number");
    }
    Scalar argument = number(call, render(call.operand(0)));
    return switch (name) {
      case "abs" -> Arithmetic.absolute(argument);
      case "floor" -> Arithmetic.rounded("FLOOR", argument);
      default -> Arithmetic.rounded("CEIL", argument);
    };
  }
}
