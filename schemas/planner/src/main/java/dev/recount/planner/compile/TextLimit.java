package dev.recount.planner.compile;

import dev.recount.planner.pass.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.ArrayJoin;
import org.apache.spark.sql.catalyst.expressions.ArrayRepeat;
import org.apache.spark.sql.catalyst.expressions.BinaryPad;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.ConcatWs;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.FormatNumber;
import org.apache.spark.sql.catalyst.expressions.FormatString;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.RegExpReplace;
import org.apache.spark.sql.catalyst.expressions.Sequence;
import org.apache.spark.sql.catalyst.expressions.StringLPad;
import org.apache.spark.sql.catalyst.expressions.StringRPad;
import org.apache.spark.sql.catalyst.expressions.StringRepeat;
import org.apache.spark.sql.catalyst.expressions.StringReplace;
import org.apache.spark.sql.catalyst.expressions.StringSpace;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;

/**
 * Bounds the texts of views: one that a function makes, or a measure keeps, is NULL if it is longer
 * than {@link #LARGEST_BYTES}, or takes more than {@link #LARGEST_JSON_BYTES} as it is sent. So is
 * what a function could only find out by making far more than that, or a list of more than {@link
 * #LONGEST_LIST} elements. Otherwise {@code repeat(page_url, bytes)} would be one event that takes
 * all memory, or a row that no topic takes. Fields that are dimensions are not touched: they are
 * bounded by their event. Called by Spark's generated code.
 */
public final class TextLimit {
  /** Longest text that a function may make or a measure keep, in UTF-8. */
  public static final int LARGEST_BYTES = 1 << 20;

  /** The same in JSON, where a quote takes two bytes, and a control character six or twelve. */
  public static final int LARGEST_JSON_BYTES = 2 << 20;

  /** Most bytes of JSON that a byte of a text becomes: U+0000 and U+0001 are stored as two. */
  static final int MOST_JSON_PER_BYTE = 12;

  private static final int JSON_OF_CONTROL = 6;
  private static final int BLANK = 0x20;

  /** Longest list that a function may make. */
  public static final int LONGEST_LIST = 1 << 20;

  /** Most that is made before it is measured. */
  private static final long MOST_BYTES = 64L << 20;

  /** A constant of this length cannot make more than {@link #MOST_BYTES} of an event's text. */
  private static final int SHORT_BYTES = 32;

  private static final int DECIMAL = 10;

  private TextLimit() {}

  /** The expression, NULL if it is a text longer than allowed. */
  static Expression within(Expression expression) {
    return expression.dataType() instanceof StringType
        ? invoke(expression.dataType(), "within", List.of(expression), true)
        : expression;
  }

  /** The expression, NULL if it would make far more than is allowed. */
  static Expression guarded(Expression expression) {
    if (expression instanceof StringRepeat repeat) {
      return invoke(expression.dataType(), "repeat", List.of(repeat.str(), repeat.times()), true);
    }
    if (expression instanceof StringSpace space) {
      return invoke(expression.dataType(), "space", List.of(space.child()), true);
    }
    if (expression instanceof StringLPad pad) {
      return invoke(expression.dataType(), "lpad", List.of(pad.str(), pad.len(), pad.pad()), true);
    }
    if (expression instanceof StringRPad pad) {
      return invoke(expression.dataType(), "rpad", List.of(pad.str(), pad.len(), pad.pad()), true);
    }
    return condition(expression)
        .<Expression>map(
            fits -> new If(fits, expression, Literal.create(null, expression.dataType())))
        .orElse(expression);
  }

  /** What must hold for an expression to be computed; empty if it may always be. */
  private static Optional<Expression> condition(Expression expression) {
    if (expression instanceof StringReplace replace) {
      return replaces(replace.srcExpr(), replace.replaceExpr());
    }
    if (expression instanceof RegExpReplace replace) {
      return replaces(replace.subject(), replace.rep());
    }
    if (expression instanceof BinaryPad pad) {
      return Optional.of(counts(pad.children().apply(1)));
    }
    if (expression instanceof ArrayRepeat repeat) {
      return Optional.of(counts(repeat.right()));
    }
    if (expression instanceof FormatNumber number
        && number.d().dataType() instanceof IntegralType) {
      return Optional.of(counts(number.d()));
    }
    if (expression instanceof FormatString format) {
      return Optional.of(predicate("formats", format.children().apply(0)));
    }
    if (expression instanceof ArrayJoin join) {
      return Optional.of(predicate("joins", join.array(), join.delimiter()));
    }
    if (expression instanceof ConcatWs concat) {
      return joins(concat);
    }
    return expression instanceof Sequence sequence ? steps(sequence) : Optional.empty();
  }

  private static Optional<Expression> replaces(Expression in, Expression by) {
    boolean isShort =
        by instanceof Literal literal
            && (literal.value() == null
                || ((UTF8String) literal.value()).numBytes() <= SHORT_BYTES);
    return isShort ? Optional.empty() : Optional.of(predicate("replaces", in, by));
  }

  private static Optional<Expression> joins(ConcatWs concat) {
    List<Expression> conditions = new ArrayList<>();
    for (int i = 1; i < concat.children().length(); i++) {
      Expression child = concat.children().apply(i);
      if (child.dataType() instanceof ArrayType) {
        conditions.add(predicate("joins", child, concat.children().apply(0)));
      }
    }
    return conditions.stream().reduce(And::new);
  }

  /** Days and months have a bound of their own: there are less than 4 million days. */
  private static Optional<Expression> steps(Sequence sequence) {
    DataType type = sequence.start().dataType();
    boolean isWhole = type instanceof IntegralType;
    Expression step =
        sequence.stepOpt().isDefined() ? sequence.stepOpt().get() : new Literal(1, INT);
    boolean isTime =
        type.equals(DataTypes.TimestampType) && step.dataType() instanceof DayTimeIntervalType;
    if (!isWhole && !isTime) {
      return Optional.empty();
    }
    return Optional.of(
        predicate("steps", whole(sequence.start()), whole(sequence.stop()), whole(step)));
  }

  private static final DataType INT = DataTypes.IntegerType;

  /** Times and intervals are microseconds inside. */
  private static Expression whole(Expression expression) {
    return expression.dataType() instanceof IntegralType
        ? new Cast(expression, DataTypes.LongType, Option.empty(), EvalMode.LEGACY())
        : expression;
  }

  private static Expression counts(Expression count) {
    return predicate("counts", whole(count));
  }

  private static Expression predicate(String name, Expression... arguments) {
    return invoke(DataTypes.BooleanType, name, List.of(arguments), !name.equals("joins"));
  }

  private static Expression invoke(
      DataType type, String name, List<Expression> arguments, boolean propagatesNull) {
    return new StaticInvoke(
        TextLimit.class,
        type,
        name,
        Expressions.seq(arguments),
        Expressions.seq(List.of()),
        propagatesNull,
        true,
        true,
        Option.empty());
  }

  /** Whether an expression is {@link #within} what is allowed. */
  static boolean isWithin(Expression expression) {
    return expression instanceof StaticInvoke call
        && call.staticObject() == TextLimit.class
        && call.functionName().equals("within");
  }

  /** The text, or NULL. */
  public static UTF8String within(UTF8String text) {
    return text.numBytes() <= LARGEST_BYTES && jsonBytes(text) <= LARGEST_JSON_BYTES ? text : null;
  }

  /** The bytes that it takes in JSON, at most. */
  private static int jsonBytes(UTF8String text) {
    if (text.numBytes() <= LARGEST_JSON_BYTES / MOST_JSON_PER_BYTE) {
      return LARGEST_JSON_BYTES;
    }
    int bytes = 0;
    for (int i = 0; i < text.numBytes(); i++) {
      byte b = text.getByte(i);
      bytes += b < 0 || b >= BLANK ? 1 : b <= 1 ? MOST_JSON_PER_BYTE : JSON_OF_CONTROL;
      bytes += b == '"' || b == '\\' ? 1 : 0;
    }
    return bytes;
  }

  /** Spark's {@code repeat}, or NULL. */
  public static UTF8String repeat(UTF8String text, int times) {
    return (long) text.numBytes() * times <= LARGEST_BYTES ? text.repeat(times) : null;
  }

  /** Spark's {@code space}, or NULL. */
  public static UTF8String space(int length) {
    return length <= LARGEST_BYTES ? UTF8String.blankString(Math.max(0, length)) : null;
  }

  /** Spark's {@code lpad}, or NULL. */
  public static UTF8String lpad(UTF8String text, int length, UTF8String pad) {
    return length <= LARGEST_BYTES ? text.lpad(length, pad) : null;
  }

  /** Spark's {@code rpad}, or NULL. */
  public static UTF8String rpad(UTF8String text, int length, UTF8String pad) {
    return length <= LARGEST_BYTES ? text.rpad(length, pad) : null;
  }

  /** Whether so many elements may be made. */
  public static boolean counts(long count) {
    return count <= LONGEST_LIST;
  }

  /** Whether so many steps may be made; a step of 0 is for Spark to refuse. */
  public static boolean steps(long start, long stop, long step) {
    double length = ((double) stop - start) / step;
    return step == 0 || Math.abs(length) <= LONGEST_LIST;
  }

  /** Whether replacing parts of a text may be tried: each character may be one of them. */
  public static boolean replaces(UTF8String in, UTF8String by) {
    return (in.numBytes() + 1L) * by.numBytes() <= MOST_BYTES;
  }

  /** Whether texts may be joined; null if there are none. */
  public static boolean joins(ArrayData texts, UTF8String delimiter) {
    if (texts == null || delimiter == null) {
      return true;
    }
    long bytes = (long) texts.numElements() * delimiter.numBytes();
    for (int i = 0; i < texts.numElements() && bytes <= MOST_BYTES; i++) {
      bytes += texts.isNullAt(i) ? 0 : texts.getUTF8String(i).numBytes();
    }
    return bytes <= MOST_BYTES;
  }

  /** Whether the widths and precisions of a format are within bounds together. */
  public static boolean formats(UTF8String format) {
    long sum = 0;
    long number = 0;
    for (byte b : format.getBytes()) {
      boolean isDigit = b >= '0' && b <= '9';
      sum += isDigit ? 0 : number;
      number = isDigit ? Math.min(number * DECIMAL + b - '0', MOST_BYTES) : 0;
    }
    return sum + number <= LARGEST_BYTES;
  }
}
