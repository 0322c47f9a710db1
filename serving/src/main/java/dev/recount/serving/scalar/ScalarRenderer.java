package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.sql.SqlNodes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlTrimFunction;

/** Writes expressions over dimensions the way Pinot reads them, with their types. */
public final class ScalarRenderer {
  private static final Set<String> UNITS =
      Set.of("second", "minute", "hour", "day", "week", "month", "quarter", "year");

  /** Functions of one moment, and the number they give. */
  private static final Set<String> TIME_PARTS =
      Set.of("year", "quarter", "month", "week", "day", "hour", "minute", "second");

  private static final Set<String> OF_TEXT = Set.of("lower", "upper", "trim", "length");

  private static final Set<String> OF_NUMBERS =
      Set.of("abs", "ceil", "ceiling", "floor", "mod", "%");

  /** Exact arithmetic names what it computes with more than once. */
  private static final int LONGEST = 8_000;

  private static final BigInteger LONGEST_TEXT = BigInteger.ONE.shiftLeft(31);

  /** What Pinot counts as two characters and SQL as one. */
  private static final String SUPPLEMENTARY = "[\\x{10000}-\\x{10FFFF}]";

  private final ViewPlan plan;

  public ScalarRenderer(ViewPlan plan) {
    this.plan = plan;
  }

  /** The dimension or {@code _arrived} of a name; a measure or an unknown name is an error. */
  public Dimension dimension(SqlIdentifier identifier) {
    String name = SqlNodes.column(identifier);
    if (name.equals(StoredColumn.ARRIVED)) {
      return new Dimension(name, ColumnType.LONG, false);
    }
    if (plan.measure(name).isPresent()) {
      throw QueryErrors.unsupported(
          identifier,
          "it is a measure, which has a value for a group, not for a row; write MEASURE("
              + name
              + ") in SELECT, HAVING or ORDER BY");
    }
    return plan.dimension(name)
        .orElseThrow(() -> QueryErrors.unknownColumn(name, plan.view(), names(plan)));
  }

  /** A dimension that text can be searched in. */
  Scalar textColumn(SqlNode call, SqlIdentifier identifier) {
    String name = SqlNodes.column(identifier);
    if (plan.measure(name).isPresent()) {
      throw QueryErrors.unsupported(
          call,
          "'"
              + name
              + "' is a measure, which has a value for a group, not for a row; write HAVING"
              + " TEXT_MATCH(MEASURE("
              + name
              + "), '...')");
    }
    dimension(identifier);
    requireTextIndex(call, name);
    return render(identifier);
  }

  void requireTextIndex(SqlNode call, String column) {
    if (!plan.hasIndex(column, IndexKind.TEXT)) {
      List<String> indexed =
          plan.indexes().stream()
              .filter(i -> i.kind() == IndexKind.TEXT)
              .map(ViewIndex::column)
              .toList();
      throw QueryErrors.unsupported(
          call,
          "'"
              + column
              + "' has no text index"
              + (indexed.isEmpty() ? "" : " (" + String.join(", ", indexed) + " has)")
              + "; add the line -- @index "
              + column
              + " text to the view and apply it, or write LIKE");
    }
  }

  /** All names that a query of the view can use. */
  public static List<String> names(ViewPlan plan) {
    return Stream.concat(
            plan.dimensions().stream().map(Dimension::name),
            plan.measures().stream().map(m -> m.name()))
        .toList();
  }

  public Scalar render(SqlNode node) {
    if (node instanceof SqlIdentifier identifier) {
      Dimension dimension = dimension(identifier);
      return new Scalar(
          Quoted.name(dimension.name()), dimension.type(), Set.of(dimension), dimension);
    }
    if (node instanceof SqlIntervalQualifier unit) {
      return render(columnNamedLike(unit));
    }
    if (Constants.isConstant(node)) {
      return constant(node, Constants.value(node));
    }
    if (node instanceof SqlCall call) {
      return call(call);
    }
    throw QueryErrors.unsupported(node, "expressions of this kind are not supported here");
  }

  /** A column named like a unit of time (hour, day) is read as the unit inside some functions. */
  private SqlIdentifier columnNamedLike(SqlIntervalQualifier unit) {
    String name =
        names(plan).stream()
            .filter(n -> n.equalsIgnoreCase(unit.toString()))
            .findFirst()
            .orElse(unit.toString().toLowerCase(Locale.ROOT));
    return new SqlIdentifier(name, unit.getParserPosition());
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
      throw QueryErrors.unsupported(call, "it is made of values alone; write what it comes to");
    }
    if (computed.sql().length() > LONGEST) {
      throw QueryErrors.unsupported(
          call, "it becomes too long for Pinot; write it in fewer steps, or into the view");
    }
    return computed;
  }

  private Scalar computed(SqlCall call) {
    switch (call.getKind()) {
      case PLUS:
      case MINUS:
      case TIMES:
      case DIVIDE:
      case MOD:
        return arithmetic(call, call.getKind());
      case MINUS_PREFIX:
        return Arithmetic.subtract(constant(call, 0L), number(call, render(call.operand(0))));
      case PLUS_PREFIX:
        return number(call, render(call.operand(0)));
      case EXTRACT:
        return timePart(call, call.operand(0).toString(), call.operand(1));
      case TRIM:
        return trimmed(call);
      default:
        return function(call);
    }
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

  /** Of blanks alone, as in SQL; Pinot's own takes all that is not printed. */
  private Scalar trimmed(SqlCall call) {
    List<SqlNode> operands = call.getOperandList();
    boolean isPlain =
        operands.size() == 3
            && operands.get(0) instanceof SqlLiteral side
            && side.getValue() == SqlTrimFunction.Flag.BOTH
            && (operands.get(1) == null
                || Constants.isConstant(operands.get(1))
                    && " ".equals(Constants.value(operands.get(1))));
    if (!isPlain) {
      throw QueryErrors.unsupported(call, "write TRIM(column), which takes blanks from both ends");
    }
    return ofText(call, "trim", operands.get(2));
  }

  private Scalar ofText(SqlCall call, String name, SqlNode operand) {
    Scalar argument = render(operand);
    if (argument.type() != ColumnType.STRING) {
      throw QueryErrors.unsupported(call, "it needs a STRING, found " + argument.type());
    }
    String text = argument.sql();
    String sql =
        switch (name) {
          case "trim" -> "TRIM(BOTH ' ' FROM " + text + ")";
          case "length" ->
              "LENGTH(REGEXPREPLACE("
                  + Stored.withoutEscapes(text)
                  + ", '"
                  + SUPPLEMENTARY
                  + "', '_'))";
          default -> name.toUpperCase(Locale.ROOT) + "(" + text + ")";
        };
    return name.equals("length")
        ? new Scalar(
            sql,
            ColumnType.LONG,
            argument.dimensions(),
            null,
            LONGEST_TEXT,
            Scalar.Form.LONG,
            argument.defined())
        : new Scalar(sql, ColumnType.STRING, argument.dimensions(), null);
  }

  private Scalar function(SqlCall call) {
    String name = call.getOperator().getName().toLowerCase(Locale.ROOT);
    List<SqlNode> operands = call.getOperandList();
    if ((name.equals("date_trunc") || name.equals("datetrunc")) && operands.size() == 2) {
      return truncated(call, operands.get(0), operands.get(1));
    }
    if (TIME_PARTS.contains(name) && operands.size() == 1) {
      return timePart(call, name, operands.get(0));
    }
    if (OF_TEXT.contains(name) && operands.size() == 1) {
      return ofText(call, name, operands.get(0));
    }
    if (OF_NUMBERS.contains(name)) {
      return ofNumbers(call, name);
    }
    throw QueryErrors.unsupported(
        call,
        "this function is not supported here; supported are date_trunc, extract, "
            + String.join(", ", TIME_PARTS.stream().sorted().toList())
            + ", lower, upper, trim, length, abs, ceil, floor, mod and arithmetic");
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

  private Scalar truncated(SqlCall call, SqlNode unit, SqlNode moment) {
    String name =
        (unit instanceof SqlLiteral literal
                ? String.valueOf(Literals.value(literal))
                : unit.toString())
            .toLowerCase(Locale.ROOT);
    if (!UNITS.contains(name)) {
      throw QueryErrors.unsupported(
          call, "the unit must be one of " + UNITS.stream().sorted().toList());
    }
    Scalar argument = render(moment);
    requireTime(call, argument);
    return new Scalar(
        "DATETRUNC('" + name.toUpperCase(Locale.ROOT) + "', " + argument.sql() + ")",
        argument.type(),
        argument.dimensions(),
        null);
  }

  private Scalar timePart(SqlCall call, String part, SqlNode moment) {
    String name = part.toLowerCase(Locale.ROOT);
    if (!TIME_PARTS.contains(name)) {
      throw QueryErrors.unsupported(
          call, "the part must be one of " + TIME_PARTS.stream().sorted().toList());
    }
    Scalar argument = render(moment);
    requireTime(call, argument);
    return new Scalar(
        name.toUpperCase(Locale.ROOT) + "(" + argument.sql() + ")",
        ColumnType.LONG,
        argument.dimensions(),
        null,
        LONGEST_TEXT,
        Scalar.Form.LONG,
        List.of());
  }

  private static void requireTime(SqlCall call, Scalar argument) {
    boolean isMoment =
        argument.type() == ColumnType.TIMESTAMP || argument.type() == ColumnType.LONG;
    if (!isMoment || argument.form() != Scalar.Form.LONG || argument.dimensions().isEmpty()) {
      throw QueryErrors.unsupported(call, "it needs a TIMESTAMP, found " + argument.type());
    }
  }
}
