package dev.recount.planner.compile;

import dev.recount.core.Nearest;
import dev.recount.planner.pass.Expressions;
import dev.recount.planner.row.Refusal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.ConvertTimezone;
import org.apache.spark.sql.catalyst.expressions.DateFormatClass;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.FromUTCTimestamp;
import org.apache.spark.sql.catalyst.expressions.FromUnixTime;
import org.apache.spark.sql.catalyst.expressions.GetTimestamp;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.MakeTimestamp;
import org.apache.spark.sql.catalyst.expressions.NextDay;
import org.apache.spark.sql.catalyst.expressions.RLike;
import org.apache.spark.sql.catalyst.expressions.RegExpExtract;
import org.apache.spark.sql.catalyst.expressions.RegExpExtractAll;
import org.apache.spark.sql.catalyst.expressions.RegExpInStr;
import org.apache.spark.sql.catalyst.expressions.RegExpReplace;
import org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable;
import org.apache.spark.sql.catalyst.expressions.StringSplit;
import org.apache.spark.sql.catalyst.expressions.ToUTCTimestamp;
import org.apache.spark.sql.catalyst.expressions.ToUnixTimestamp;
import org.apache.spark.sql.catalyst.expressions.TruncDate;
import org.apache.spark.sql.catalyst.expressions.TruncTimestamp;
import org.apache.spark.sql.catalyst.expressions.UnixTimestamp;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.sql.catalyst.util.TimestampFormatter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DatetimeType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Refuses what would be NULL for every event because of a constant: a time zone, a unit, a day of
 * the week, a format or a regular expression that there is not. In a running view it would be NULL
 * without a word.
 */
final class ConstantCheck {
  private static final List<Class<? extends Expression>> BY_SAMPLE =
      List.of(
          TruncTimestamp.class,
          TruncDate.class,
          NextDay.class,
          DateFormatClass.class,
          FromUnixTime.class);

  private static final List<Class<? extends Expression>> PARSING =
      List.of(GetTimestamp.class, ToUnixTimestamp.class, UnixTimestamp.class);

  private static final List<Class<? extends Expression>> REGULAR_EXPRESSIONS =
      List.of(
          RLike.class,
          RegExpExtract.class,
          RegExpExtractAll.class,
          RegExpReplace.class,
          RegExpInStr.class,
          StringSplit.class);

  private final Refusal refusal;

  private ConstantCheck(Refusal refusal) {
    this.refusal = refusal;
  }

  /**
   * @throws dev.recount.error.RecountException VIEW_INVALID
   */
  static void of(LogicalPlan plan, Refusal refusal) {
    CollectionConverters.asJava(plan.expressions()).forEach(new ConstantCheck(refusal)::check);
    CollectionConverters.asJava(plan.children()).forEach(child -> of(child, refusal));
  }

  private void check(Expression expression) {
    List<Expression> children = CollectionConverters.asJava(expression.children());
    children.forEach(this::check);
    if (expression instanceof RuntimeReplaceable replaced) {
      check(replaced.replacement());
    }
    if (expression.foldable() && !(expression instanceof Literal)) {
      constant(expression);
    }
    zones(expression).forEach(zone -> zone(expression, zone));
    if (isOne(BY_SAMPLE, expression)) {
      ofSample(expression, children);
    }
    if (isOne(PARSING, expression) && value(children.get(1)) instanceof String format) {
      format(expression, format);
    }
    if (isOne(REGULAR_EXPRESSIONS, expression) && value(children.get(1)) instanceof String regex) {
      regularExpression(expression, regex);
    }
  }

  private static boolean isOne(List<Class<? extends Expression>> types, Expression expression) {
    return types.stream().anyMatch(type -> type.isInstance(expression));
  }

  private void constant(Expression expression) {
    try {
      expression.eval(null);
    } catch (RuntimeException e) {
      throw refusal.invalid(
          expression.sql() + " can only fail: " + firstLine(e) + "; write another constant", e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  /** The value of a constant string; null if it is none, or NULL. */
  private static Object value(Expression expression) {
    if (!expression.foldable()) {
      return null;
    }
    Object value = expression.eval(null);
    return value == null ? null : value.toString();
  }

  private static Stream<Expression> zones(Expression expression) {
    if (expression instanceof FromUTCTimestamp from) {
      return Stream.of(from.right());
    }
    if (expression instanceof ToUTCTimestamp to) {
      return Stream.of(to.right());
    }
    if (expression instanceof ConvertTimezone convert) {
      return Stream.of(convert.sourceTz(), convert.targetTz());
    }
    return expression instanceof MakeTimestamp make && make.timezone().isDefined()
        ? Stream.of(make.timezone().get())
        : Stream.empty();
  }

  private void zone(Expression expression, Expression zone) {
    if (!(value(zone) instanceof String name)) {
      return;
    }
    try {
      DateTimeUtils.getZoneId(name);
    } catch (DateTimeException e) {
      String nearest = Nearest.ofAll(name, ZoneId.getAvailableZoneIds()).orElseThrow();
      throw refusal.invalid(
          "the time zone '%s' in %s is not known; the nearest known is '%s'"
              .formatted(name, expression.sql(), nearest),
          e);
    }
  }

  /** Some value in place of what is not a constant: with it, the function must have a value. */
  private void ofSample(Expression expression, List<Expression> children) {
    List<Expression> sample = new ArrayList<>();
    for (Expression child : children) {
      Expression value = child.foldable() ? child : sample(child.dataType());
      if (value == null || value.eval(null) == null) {
        return;
      }
      sample.add(value);
    }
    Exception reason = null;
    try {
      if (expression.withNewChildren(Expressions.seq(sample)).eval(null) != null) {
        return;
      }
    } catch (RuntimeException e) {
      reason = e;
    }
    throw alwaysNull(expression, "unit or format", reason);
  }

  /** Null if there is none of the type. */
  private static Expression sample(DataType type) {
    if (type instanceof DateType || type instanceof IntegerType) {
      return new Literal(0, type);
    }
    return type instanceof DatetimeType || type instanceof LongType ? new Literal(0L, type) : null;
  }

  private void format(Expression expression, String format) {
    try {
      TimestampFormatter.apply(format, ZoneOffset.UTC, true).validatePatternString(false);
    } catch (RuntimeException e) {
      throw alwaysNull(expression, "format", e);
    }
  }

  private void regularExpression(Expression expression, String regex) {
    try {
      Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw alwaysNull(expression, "regular expression", e);
    }
  }

  private RuntimeException alwaysNull(Expression expression, String what, Exception reason) {
    return refusal.invalid(
        expression.sql()
            + " would be NULL for every event: "
            + (reason == null ? "there is no such " + what : firstLine(reason))
            + "; write another "
            + what,
        reason);
  }
}
