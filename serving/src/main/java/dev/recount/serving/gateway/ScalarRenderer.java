package dev.recount.serving.gateway;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import dev.recount.contract.view.IndexKind;
import dev.recount.contract.view.StoredColumn;
import dev.recount.contract.view.StoredText;
import dev.recount.contract.view.ViewIndex;
import dev.recount.contract.view.ViewPlan;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;

/** Writes expressions over dimensions the way Pinot reads them, with their types. */
final class ScalarRenderer {
  private static final Set<String> UNITS =
      Set.of("second", "minute", "hour", "day", "week", "month", "quarter", "year");

  /** Functions of one moment, and the number they give. */
  private static final Set<String> TIME_PARTS =
      Set.of("year", "quarter", "month", "week", "day", "hour", "minute", "second");

  private static final Map<String, ColumnType> OF_TEXT =
      Map.of(
          "lower", ColumnType.STRING,
          "upper", ColumnType.STRING,
          "trim", ColumnType.STRING,
          "length", ColumnType.LONG);

  private static final Set<String> OF_NUMBERS = Set.of("abs", "ceil", "floor", "mod");

  private final ViewPlan plan;

  ScalarRenderer(ViewPlan plan) {
    this.plan = plan;
  }

  /** A name in double quotes, as Pinot takes every name. */
  static String quote(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /**
   * A text in single quotes. Pinot makes one of two quotes that follow each other once too often.
   */
  static String text(Object value) {
    return "'" + String.valueOf(value).replace("''", "''''").replace("'", "''") + "'";
  }

  /** The dimension or {@code _arrived} of a name; a measure or an unknown name is an error. */
  Dimension dimension(SqlIdentifier identifier) {
    String name = identifier.names.get(identifier.names.size() - 1);
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
    String name = identifier.names.get(identifier.names.size() - 1);
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
  static List<String> names(ViewPlan plan) {
    return Stream.concat(
            plan.dimensions().stream().map(Dimension::name),
            plan.measures().stream().map(m -> m.name()))
        .toList();
  }

  Scalar render(SqlNode node) {
    if (node instanceof SqlIdentifier identifier) {
      Dimension dimension = dimension(identifier);
      return new Scalar(quote(dimension.name()), dimension.type(), Set.of(dimension), dimension);
    }
    if (node instanceof SqlIntervalQualifier unit) {
      return render(columnNamedLike(unit));
    }
    if (node instanceof SqlLiteral literal) {
      return literal(literal);
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

  private static Scalar literal(SqlLiteral literal) {
    Object value = Literals.value(literal);
    if (value instanceof Number number) {
      ColumnType type = number instanceof Double ? ColumnType.DOUBLE : ColumnType.LONG;
      return new Scalar(String.valueOf(number), type, Set.of(), null);
    }
    if (value instanceof Boolean) {
      return new Scalar(text(value), ColumnType.BOOLEAN, Set.of(), null);
    }
    return new Scalar(
        text(StoredText.of(String.valueOf(value))), ColumnType.STRING, Set.of(), null);
  }

  private Scalar call(SqlCall call) {
    switch (call.getKind()) {
      case PLUS:
      case MINUS:
      case TIMES:
      case DIVIDE:
      case MOD:
        return arithmetic(call);
      case MINUS_PREFIX:
        Scalar negated = render(call.operand(0));
        return new Scalar(
            "(0 - " + negated.sql() + ")", number(call, negated), negated.dimensions(), null);
      case EXTRACT:
        return timePart(call, call.operand(0).toString(), call.operand(1));
      default:
        return function(call);
    }
  }

  private Scalar arithmetic(SqlCall call) {
    Scalar left = render(call.operand(0));
    Scalar right = render(call.operand(1));
    number(call, left);
    number(call, right);
    String sql =
        call.getKind() == SqlKind.MOD
            ? "MOD(" + left.sql() + ", " + right.sql() + ")"
            : "(" + left.sql() + " " + call.getOperator().getName() + " " + right.sql() + ")";
    return new Scalar(sql, ColumnType.DOUBLE, union(List.of(left, right)), null);
  }

  private static ColumnType number(SqlNode node, Scalar scalar) {
    if (scalar.type() != ColumnType.LONG
        && scalar.type() != ColumnType.INT
        && scalar.type() != ColumnType.DOUBLE) {
      throw QueryErrors.unsupported(node, "arithmetic needs numbers, found " + scalar.type());
    }
    return ColumnType.DOUBLE;
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
    if (OF_TEXT.containsKey(name) && operands.size() == 1) {
      Scalar argument = render(operands.get(0));
      if (argument.type() != ColumnType.STRING && argument.type() != ColumnType.BOOLEAN) {
        throw QueryErrors.unsupported(call, "it needs a STRING, found " + argument.type());
      }
      return new Scalar(
          name.toUpperCase(Locale.ROOT)
              + "("
              + (name.equals("length") ? Stored.withoutEscapes(argument.sql()) : argument.sql())
              + ")",
          OF_TEXT.get(name),
          argument.dimensions(),
          null);
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
    List<Scalar> arguments = new ArrayList<>();
    for (SqlNode operand : call.getOperandList()) {
      Scalar argument = render(operand);
      number(call, argument);
      arguments.add(argument);
    }
    String sql = String.join(", ", arguments.stream().map(Scalar::sql).toList());
    return new Scalar(
        name.toUpperCase(Locale.ROOT) + "(" + sql + ")", ColumnType.DOUBLE, union(arguments), null);
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
        null);
  }

  private static void requireTime(SqlCall call, Scalar argument) {
    if (argument.type() != ColumnType.TIMESTAMP && argument.type() != ColumnType.LONG) {
      throw QueryErrors.unsupported(call, "it needs a TIMESTAMP, found " + argument.type());
    }
  }

  private static Set<Dimension> union(List<Scalar> scalars) {
    Set<Dimension> all = new LinkedHashSet<>();
    scalars.forEach(s -> all.addAll(s.dimensions()));
    return all;
  }

  /** Whether the node is a call of the function with this name, in any case. */
  static boolean isCall(SqlNode node, String name) {
    return node instanceof SqlBasicCall call && call.getOperator().getName().equalsIgnoreCase(name);
  }
}
