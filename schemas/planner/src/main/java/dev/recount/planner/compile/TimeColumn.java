package dev.recount.planner.compile;

import dev.recount.core.view.TimeRange;
import dev.recount.planner.pass.Expressions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.FromUTCTimestamp;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.ToUTCTimestamp;
import org.apache.spark.sql.catalyst.expressions.TruncTimestamp;
import org.apache.spark.sql.catalyst.expressions.TryEval;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The column that is a view's time, as far as its expression tells: where a group begins and ends,
 * and when the events happened that can be in it.
 */
public final class TimeColumn {
  private static final long MICROS = 1_000;

  /** No zone is further from UTC. */
  private static final long ZONE_MS = Duration.ofHours(18).toMillis();

  /** Beyond it no end of a group is looked for. */
  private static final long MOST_MS = Duration.ofDays(1_000_000).toMillis();

  /** No unit that time is cut to is longer. */
  private static final long LONGEST_MS = Duration.ofDays(366).toMillis();

  private final Expression expression;
  private final String eventTime;

  private TimeColumn(Expression expression, String eventTime) {
    this.expression = expression;
    this.eventTime = eventTime;
  }

  static TimeColumn of(LogicalPlan source, Expression expression, String eventTime) {
    return new TimeColumn(plain(overEvents(source, expression)), eventTime);
  }

  /** The expression over the columns of the events, whatever projections are in between. */
  private static Expression overEvents(LogicalPlan source, Expression expression) {
    Expression over =
        source instanceof Project project
            ? Expressions.substitute(
                expression, Expressions.aliases(CollectionConverters.asJava(project.projectList())))
            : expression;
    List<LogicalPlan> children = CollectionConverters.asJava(source.children());
    return children.isEmpty() ? over : overEvents(children.get(0), over);
  }

  /** What only guards against failure, or gives a value another name, changes no value. */
  private static Expression plain(Expression expression) {
    if (expression instanceof TryEval guarded) {
      return plain(guarded.child());
    }
    if (expression instanceof Alias alias) {
      return plain(alias.child());
    }
    if (expression instanceof Cast cast
        && isMoment(cast.dataType())
        && isMoment(cast.child().dataType())) {
      return plain(cast.child());
    }
    return expression;
  }

  private static boolean isMoment(DataType type) {
    return type.equals(DataTypes.TimestampType) || type.equals(DataTypes.TimestampNTZType);
  }

  /** The range with whole groups at both ends. */
  public TimeRange widened(TimeRange range) {
    return new TimeRange(beginning(range.fromMs()), end(range.beforeMs()));
  }

  /** Where the group begins that a moment is in. */
  long beginning(long ms) {
    if (expression instanceof TruncTimestamp cut) {
      return valueOf(new TruncTimestamp(cut.format(), moment(ms), cut.timeZoneId()), ms);
    }
    // A moment that stays what it is when it is cut again is the beginning of a group.
    long value = ofEvent(ms);
    return value <= ms && ofEvent(value) == value ? value : ms;
  }

  /** The column's value for an event that happened at a moment; the moment if it takes more. */
  private long ofEvent(long ms) {
    List<Attribute> read =
        CollectionConverters.asJava(expression.references().toSeq()).stream().distinct().toList();
    if (read.size() != 1 || !read.get(0).name().equals(eventTime)) {
      return ms;
    }
    return valueOf(
        Expressions.substitute(expression, Map.of(read.get(0).exprId(), moment(ms))), ms);
  }

  private static long valueOf(Expression constant, long otherwise) {
    try {
      return constant.eval(InternalRow.empty()) instanceof Long micros
          ? Math.floorDiv(micros, MICROS)
          : otherwise;
    } catch (RuntimeException e) {
      // Some expressions are only replaced by what can be evaluated when a plan is optimised.
      return otherwise;
    }
  }

  private static Literal moment(long ms) {
    return new Literal(Math.multiplyExact(ms, MICROS), DataTypes.TimestampType);
  }

  /** The first beginning of a group at or after a moment. */
  private long end(long ms) {
    long beginning = beginning(ms);
    if (beginning == ms) {
      return ms;
    }
    long inside = ms;
    long step = 1;
    while (beginning(inside + step) == beginning) {
      inside += step;
      step *= 2;
      if (step > MOST_MS) {
        return ms;
      }
    }
    long outside = inside + step;
    while (outside - inside > 1) {
      long middle = inside + (outside - inside) / 2;
      if (beginning(middle) == beginning) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return outside;
  }

  /**
   * When the events happened that can be in a range of whole groups; empty if the expression does
   * not tell.
   */
  public Optional<TimeRange> eventTimes(TimeRange range) {
    return eventTimes(expression, range);
  }

  private Optional<TimeRange> eventTimes(Expression of, TimeRange range) {
    Expression value = plain(of);
    if (value instanceof Attribute field) {
      return field.name().equals(eventTime) ? Optional.of(range) : Optional.empty();
    }
    if (value instanceof TruncTimestamp cut) {
      // The range of the outermost expression ends where a group does, if that is known.
      boolean isWhole = of == expression && cut.format() instanceof Literal;
      long more = isWhole ? 0 : LONGEST_MS;
      return eventTimes(cut.timestamp(), new TimeRange(range.fromMs(), range.beforeMs() + more));
    }
    if (value instanceof FromUTCTimestamp zoned) {
      return eventTimes(zoned.left(), range.widened(ZONE_MS));
    }
    if (value instanceof ToUTCTimestamp zoned) {
      return eventTimes(zoned.left(), range.widened(ZONE_MS));
    }
    return Optional.empty();
  }
}
