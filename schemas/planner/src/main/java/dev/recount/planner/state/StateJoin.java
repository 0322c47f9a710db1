package dev.recount.planner.state;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lead;

import dev.recount.core.view.ViewJoin;
import dev.recount.planner.pass.Expressions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.expressions.Window;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How a view's join is computed: an event with the latest record of each matching key that arrived
 * before the event did. A joined row has the event's columns, then the state's, named {@link
 * JoinedRows#column}. Batch joins by {@link #over}; speed looks up {@link #matched} in a {@link
 * StateTable}.
 */
public final class StateJoin {
  /** Where a record is and when it arrived, in the archive: by these states follow each other. */
  public static final String ARRIVED_AT = "_arrived_at";

  public static final String PARTITION = "_partition";
  public static final String OFFSET = "_offset";

  private static final String FROM = "_from";
  private static final String UNTIL = "_until";

  private final ViewJoin join;
  private final List<Attribute> event;
  private final Map<String, Expression> lookups;

  public StateJoin(JoinForm form) {
    this.join = form.join();
    this.event = form.event();
    this.lookups = form.lookups();
  }

  /**
   * What the matched fields must equal, from rows that begin with the event's columns. An event
   * with a NULL there matches nothing. The projection is not thread-safe, and uses its row again.
   */
  public UnsafeProjection matching() {
    return UnsafeProjection.create(
        Expressions.seq(List.copyOf(lookups.values())), Expressions.seq(event));
  }

  /**
   * Joins by Spark SQL.
   *
   * @param events the event's columns and {@link #ARRIVED_AT}
   * @param records all records of the state that arrived before the last of the events: their
   *     columns, {@link #ARRIVED_AT}, {@link #PARTITION} and {@link #OFFSET}
   * @return the joined rows, in any order
   */
  public Dataset<Row> over(Dataset<Row> events, Dataset<Row> records) {
    Dataset<Row> states = periods(records);
    Column condition =
        events
            .col(ARRIVED_AT)
            .gt(states.col(FROM))
            .and(states.col(UNTIL).isNull().or(events.col(ARRIVED_AT).leq(states.col(UNTIL))));
    Map<ExprId, Expression> columns = columns(events);
    for (Map.Entry<String, Expression> lookup : lookups.entrySet()) {
      Column value = ExpressionUtils.column(Expressions.substitute(lookup.getValue(), columns));
      condition =
          condition.and(
              value.equalTo(states.col(JoinedRows.column(join.state(), lookup.getKey()))));
    }
    return events
        .join(states, condition, join.keepsUnmatched() ? "left_outer" : "inner")
        .drop(ARRIVED_AT, FROM, UNTIL);
  }

  /** Each record with the period in which it is its key's state, named as in joined rows. */
  private Dataset<Row> periods(Dataset<Row> records) {
    Column next =
        lead(col(ARRIVED_AT), 1)
            .over(
                Window.partitionBy(join.key().stream().map(k -> col(k)).toArray(Column[]::new))
                    .orderBy(col(ARRIVED_AT), col(PARTITION), col(OFFSET)));
    List<String> places = List.of(ARRIVED_AT, PARTITION, OFFSET);
    Stream<Column> fields =
        Stream.of(records.columns())
            .filter(c -> !places.contains(c))
            .map(c -> records.col(c).as(JoinedRows.column(join.state(), c)));
    Stream<Column> period = Stream.of(records.col(ARRIVED_AT).as(FROM), next.as(UNTIL));
    return records.select(Stream.concat(fields, period).toArray(Column[]::new));
  }

  private Map<ExprId, Expression> columns(Dataset<Row> events) {
    Map<String, Expression> byName = new HashMap<>();
    CollectionConverters.asJava(events.queryExecution().analyzed().output())
        .forEach(a -> byName.put(a.name(), (Expression) a));
    Map<ExprId, Expression> columns = new HashMap<>();
    event.forEach(e -> columns.put(e.exprId(), byName.get(e.name())));
    return columns;
  }
}
