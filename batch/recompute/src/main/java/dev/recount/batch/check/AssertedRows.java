package dev.recount.batch.check;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.cases.Assertion;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.AnsweredRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/** The rows of a view as they would be served, and which assertions they break. */
public final class AssertedRows implements AutoCloseable {
  private static final int SHOWN = 3;
  private static final String COPIES = "rows";

  private final SparkSession session;
  private final ViewPlan plan;
  private final Dataset<Row> rows;

  private AssertedRows(SparkSession session, ViewPlan plan, Dataset<Row> rows) {
    this.session = session;
    this.plan = plan;
    this.rows = rows;
  }

  /**
   * @param spark is not changed: assertions have a session of their own, in which what cannot be
   *     computed is NULL, as in a view
   * @param tasks that share the rows
   * @param stored gives the rows as they are in the lake, with the session that it is given
   */
  public static AssertedRows of(
      SparkSession spark, ViewPlan plan, int tasks, Function<SparkSession, Dataset<Row>> stored) {
    SparkSession session = spark.newSession();
    session.conf().set("spark.sql.ansi.enabled", "false");
    session.conf().set("spark.sql.shuffle.partitions", String.valueOf(tasks));
    Dataset<Row> rows = AnsweredRows.of(session, plan, stored.apply(session));
    rows.persist(StorageLevel.MEMORY_AND_DISK());
    rows.createOrReplaceTempView(plan.view());
    return new AssertedRows(session, plan, rows);
  }

  /** Those that do not hold, in their order. */
  public List<Broken> broken(List<Assertion> assertions) {
    List<Broken> broken = new ArrayList<>();
    for (Assertion assertion : assertions) {
      reason(assertion).ifPresent(reason -> broken.add(new Broken(assertion, reason)));
    }
    return broken;
  }

  /** What is wrong with an assertion itself, whatever the rows; empty if nothing is. */
  public Optional<String> problem(Assertion assertion) {
    try {
      breaking(assertion.check());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e.getMessage());
    }
  }

  private Optional<String> reason(Assertion assertion) {
    try {
      if (assertion.check() instanceof Assertion.RowCount limits) {
        return outside(limits, rows.count());
      }
      Dataset<Row> breaking = breaking(assertion.check());
      List<Row> first = breaking.takeAsList(SHOWN);
      return first.isEmpty() ? Optional.empty() : Optional.of(text(breaking.count(), first));
    } catch (IllegalArgumentException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static Optional<String> outside(Assertion.RowCount limits, long count) {
    boolean isFew = limits.min() != null && count < limits.min();
    boolean isMany = limits.max() != null && count > limits.max();
    return isFew || isMany
        ? Optional.of(
            count
                + " rows, "
                + (isFew ? "fewer than " + limits.min() : "more than " + limits.max()))
        : Optional.empty();
  }

  private static String text(long count, List<Row> first) {
    String[] names = first.get(0).schema().fieldNames();
    return count
        + (count == 1 ? " row: " : " rows, such as ")
        + first.stream()
            .map(
                row -> {
                  List<String> cells = new ArrayList<>();
                  for (int i = 0; i < names.length; i++) {
                    cells.add(names[i] + "=" + (row.isNullAt(i) ? "NULL" : row.get(i)));
                  }
                  return "{" + String.join(", ", cells) + "}";
                })
            .collect(Collectors.joining(", "));
  }

  /** The rows that break an assertion, as text. */
  private Dataset<Row> breaking(Assertion.Check check) {
    if (check instanceof Assertion.NotNull notNull) {
      return texts(
          rows.where(
              notNull.columns().stream()
                  .map(name -> column(name).isNull())
                  .reduce(Column::or)
                  .orElseThrow()));
    }
    if (check instanceof Assertion.Unique unique) {
      Column[] columns = unique.columns().stream().map(this::column).toArray(Column[]::new);
      return texts(
          rows.groupBy(columns)
              .count()
              .withColumnRenamed("count", COPIES)
              .where(col(COPIES).gt(1)));
    }
    if (check instanceof Assertion.AcceptedValues accepted) {
      Column value = column(accepted.column());
      Column isAccepted =
          accepted.values().stream()
              .map(wanted -> isSame(value, wanted))
              .reduce(value.isNull(), Column::or);
      return texts(rows.where(not(coalesce(isAccepted, lit(false)))));
    }
    if (check instanceof Assertion.NoRows query) {
      try {
        return texts(session.sql(query.sql()));
      } catch (Exception e) {
        throw new IllegalArgumentException(
            "the query cannot be run: " + firstLine(e.getMessage()), e);
      }
    }
    return rows.limit(0);
  }

  private static Column isSame(Column value, JsonNode wanted) {
    if (wanted.isNumber()) {
      return value.equalTo(
          wanted.isIntegralNumber() ? lit(wanted.longValue()) : lit(wanted.doubleValue()));
    }
    return value.cast(DataTypes.StringType).equalTo(wanted.asText());
  }

  private static String firstLine(String message) {
    return message == null ? "" : message.lines().findFirst().orElse("");
  }

  private Column column(String name) {
    List<String> names = List.of(rows.columns());
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "the view has no column '" + name + "'; its columns are " + String.join(", ", names));
    }
    return rows.col(name);
  }

  private static Dataset<Row> texts(Dataset<Row> of) {
    return of.select(
        Arrays.stream(of.columns())
            .map(name -> of.col("`" + name + "`").cast(DataTypes.StringType).as(name))
            .toArray(Column[]::new));
  }

  /** Lets go of the rows. */
  @Override
  public void close() {
    rows.unpersist(true);
    session.catalog().dropTempView(plan.view());
  }
}
