package dev.recount.planner.compile;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.DimensionColumn;
import dev.recount.core.view.Measure;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.CompiledView.CompiledDimension;
import dev.recount.planner.compile.CompiledView.CompiledMeasure;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.Refusal;
import dev.recount.planner.state.JoinForm;
import dev.recount.planner.state.JoinedRows;
import dev.recount.planner.state.StateJoin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Turns the SQL of a view into what both layers run. A view is analysed once for each type of its
 * event, in a session of the compiler's own; it then runs in the session of the events that are
 * given. Thread-safe.
 */
public final class ViewCompiler {
  private static final Pattern COLUMN = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,99}");
  private static final String OURS = "_";
  private static final int FIRST_VERSION = 1;

  /**
   * @param state the other event that it reads; null if there is none
   * @param stateType its type; null if there is none
   */
  private record Key(
      String view,
      String event,
      String sql,
      StructType type,
      JoinForm.State state,
      StructType stateType) {
    Map<String, StructType> types() {
      return state == null ? Map.of(event, type) : Map.of(event, type, state.event(), stateType);
    }
  }

  private final ViewSql sql;
  private final Map<Key, CompiledView> compiled = new ConcurrentHashMap<>();

  public ViewCompiler(SparkSession session) {
    this.sql = new ViewSql(session);
  }

  /**
   * The events that a view reads: the one that it counts, and the one whose state it joins, if it
   * does.
   *
   * @throws RecountException VIEW_SYNTAX; VIEW_INVALID if it reads none, VIEW_NOT_MERGEABLE if it
   *     reads more than two
   */
  public List<String> events(ViewFile file) {
    Refusal refusal = new Refusal(file.view());
    List<String> tables = List.copyOf(sql.tables(file.sql(), refusal));
    if (tables.isEmpty()) {
      throw refusal.invalid(
          "it reads no event; a view reads one, without WITH: SELECT ... FROM <event>");
    }
    if (tables.size() > 2) {
      throw refusal.notMergeable(
          "a join of " + tables,
          "reads more than one event and one state",
          "put what is missing into the event when it is sent, or make a view for each state");
    }
    return tables;
  }

  /**
   * Reads what each column of a view over one event is; see {@link #plan(ViewFile, EventSchema,
   * EventSchema)}.
   */
  public ViewPlan plan(ViewFile file, EventSchema event) {
    return plan(file, event, null);
  }

  /**
   * Reads what each column of a view is. The version is 1; see {@link ViewPlan#withVersion}.
   *
   * @param event the one that it counts
   * @param state the one that it joins; null if it joins none
   * @throws RecountException VIEW_SYNTAX, VIEW_INVALID or VIEW_NOT_MERGEABLE, saying what to write
   *     instead
   */
  public ViewPlan plan(ViewFile file, EventSchema event, EventSchema state) {
    Key key =
        new Key(
            file.view(),
            event.name(),
            file.sql(),
            EventRows.type(event),
            state == null ? null : new JoinForm.State(state.name(), state.keyFields()),
            state == null ? null : EventRows.type(state));
    CompiledView view = compile(key);
    Refusal refusal = new Refusal(file.view());
    if (DistinctField.of(file.header(), key.type(), refusal).isPresent() && state != null) {
      throw refusal.invalid(
          "it is distinct and joins '%s'; a view is one or the other: make a view "
              + "without the join, or without @distinct",
          state.name());
    }
    ViewPlan plan =
        new ViewPlan(
            file.view(),
            FIRST_VERSION,
            event.name(),
            file.sql(),
            file.header(),
            file.indexes(),
            view.dimensions().stream().map(CompiledDimension::dimension).toList(),
            view.measures().stream().map(CompiledMeasure::measure).toList(),
            view.join() == null ? null : view.join().join(),
            view.measures().stream()
                .filter(CompiledMeasure::countsAll)
                .map(m -> m.measure().name())
                .toList());
    HeaderCheck.of(plan, refusal);
    return plan;
  }

  /**
   * Checks that every event up to a size can become a row of the view, and gives the bytes of the
   * largest delta, at most.
   *
   * @param state the event that it joins; null if it joins none
   * @throws RecountException VIEW_INVALID if it is larger than {@link DeltaSize#LARGEST_BYTES}
   */
  public long largestDelta(ViewPlan plan, EventSchema event, EventSchema state, int largestEvent) {
    CompiledView view =
        compile(
            new Key(
                plan.view(),
                plan.event(),
                plan.sql(),
                EventRows.type(event),
                state == null ? null : new JoinForm.State(state.name(), state.keyFields()),
                state == null ? null : EventRows.type(state)));
    return DeltaSize.checked(view, largestEvent, new Refusal(plan.view()));
  }

  /**
   * How the join of a view is computed.
   *
   * @param event type of the event that it counts
   * @param state type of the event whose state it joins
   */
  public StateJoin join(ViewPlan plan, StructType event, StructType state) {
    return new StateJoin(compile(plan, joined(plan, event, state)).join());
  }

  /** The type of the rows that the join of a view gives. */
  public static StructType joined(ViewPlan plan, StructType event, StructType state) {
    StructType joined = visible(event);
    for (StructField field : JoinedRows.columns(plan.join(), visible(state)).fields()) {
      joined = joined.add(field);
    }
    return joined;
  }

  /**
   * Runs a view as a plan of Spark SQL, which {@link #program} is measured against: one row a
   * group, its columns the {@link #columns}, all in the form in which they are in Pinot.
   *
   * @param events columns of the event's type, or joined rows ({@link StateJoin}) if the view has a
   *     join; other columns must begin with "_" and are not seen
   */
  public Dataset<Row> aggregate(ViewPlan plan, Dataset<Row> events) {
    return new ViewRun(compile(plan, events.schema()), events, false).rows();
  }

  /**
   * The view as tasks run it, without a plan for each run.
   *
   * @param events the type of what it will be given; columns that begin with "_" are not seen
   * @param byArrival whether to group also by the events' column {@code _arrived}, then last
   */
  public ViewProgram program(ViewPlan plan, StructType events, boolean byArrival) {
    Dataset<Row> none = sql.empty(events);
    return ViewProgram.of(new ViewRun(compile(plan, events), none, byArrival).rows());
  }

  /**
   * The same for a range of the view's time alone, which is what other events are not counted in.
   *
   * @param events the type of what it will be given
   */
  public ViewProgram program(ViewPlan plan, StructType events, TimeRange range) {
    return ViewProgram.of(
        ViewRun.within(compile(plan, events), sql.empty(events), plan.time().orElseThrow(), range)
            .rows());
  }

  /**
   * The time of a view.
   *
   * @param events the type of the event that it counts, or of joined rows
   * @param eventTime the field of the event that says when it happened
   * @return empty if the view does not say which column it is
   */
  public Optional<TimeColumn> time(ViewPlan plan, StructType events, String eventTime) {
    CompiledView view = compile(plan, events);
    return plan.time()
        .map(name -> TimeColumn.of(view.source(), view.dimension(name).expression(), eventTime));
  }

  /**
   * What makes one row of the rows that passes gave for a group, as tasks run it.
   *
   * @param stored the type of the view's rows: what {@link #program} gives
   */
  public ViewProgram merge(ViewPlan plan, StructType stored) {
    return ViewProgram.of(StoredMerge.rows(plan, sql.empty(stored)));
  }

  /** Whether a dimension can be NULL is as planned, over whichever version of the events. */
  private CompiledView compile(ViewPlan plan, StructType events) {
    return compiledAnew(plan, events).withDimensions(plan.dimensions());
  }

  private CompiledView compiledAnew(ViewPlan plan, StructType events) {
    StructType type = visible(events);
    DistinctField.of(plan, type);
    ViewJoin join = plan.join();
    CompiledView view =
        compile(
            new Key(
                plan.view(),
                plan.event(),
                plan.sql(),
                JoinedRows.eventType(type),
                join == null ? null : new JoinForm.State(join.state(), join.key()),
                join == null ? null : JoinedRows.stateType(type)));
    boolean same =
        view.dimensions().stream()
                .map(d -> d.dimension().name() + d.dimension().type())
                .toList()
                .equals(plan.dimensions().stream().map(d -> d.name() + d.type()).toList())
            && view.measures().stream()
                .map(CompiledMeasure::measure)
                .toList()
                .equals(plan.measures());
    if (!same) {
      throw RecountException.of(
          ErrorCode.VIEW_INVALID,
          "Cannot run the view '%s': over these events its columns are not the planned "
              + "ones (the event's type was changed?); 'recount apply' makes a new version",
          plan.table());
    }
    return view;
  }

  /** The dimensions of a view over another version of its events. */
  public List<Dimension> dimensions(ViewPlan plan, StructType events) {
    return compiledAnew(plan, events).dimensions().stream()
        .map(CompiledDimension::dimension)
        .toList();
  }

  private static StructType visible(StructType type) {
    return new StructType(
        Arrays.stream(type.fields())
            .filter(f -> !f.name().startsWith(OURS))
            .toArray(StructField[]::new));
  }

  private CompiledView compile(Key key) {
    return compiled.computeIfAbsent(key, this::analyse);
  }

  private CompiledView analyse(Key key) {
    Refusal refusal = new Refusal(key.view());
    LogicalPlan plan = sql.analyse(key.sql(), key.types(), refusal);
    JoinForm join = JoinForm.of(plan, key.state(), refusal).orElse(null);
    LogicalPlan alone = join == null ? plan : join.plan();
    // What cannot be merged is refused in the view's own words.
    compiled(alone, join, refusal);
    ConstantCheck.of(alone, refusal);
    return compiled(Unfailing.of(alone), join, refusal);
  }

  private static CompiledView compiled(LogicalPlan plan, JoinForm join, Refusal refusal) {
    ViewShape shape = ViewShape.of(plan, refusal);
    List<Expression> grouping =
        new ArrayList<>(CollectionConverters.asJava(shape.aggregate().groupingExpressions()));
    List<CompiledDimension> dimensions = new ArrayList<>();
    List<CompiledMeasure> measures = new ArrayList<>();
    shape
        .outputs()
        .forEach(
            (name, expression) -> {
              checkName(name, refusal);
              if (grouping.removeIf(g -> g.semanticEquals(expression))) {
                Dimension dimension = DimensionForm.of(name, expression, refusal);
                dimensions.add(new CompiledDimension(dimension, expression));
              } else {
                measures.add(measure(name, expression, refusal));
              }
            });
    if (!grouping.isEmpty()) {
      throw refusal.invalid(
          "it groups by %s, which is not in its SELECT; add it, or leave it out of GROUP BY",
          grouping.get(0).sql());
    }
    return new CompiledView(shape.aggregate().child(), dimensions, measures, join);
  }

  private static void checkName(String name, Refusal refusal) {
    if (!COLUMN.matcher(name).matches()) {
      throw refusal.invalid(
          "the column '%s' has no usable name; write AS and a name of letters, digits "
              + "and '_' that begins with a letter",
          name);
    }
    if (name.contains("__")) {
      throw refusal.invalid(
          "the column '%s' contains '__', which Recount reserves for parts of measures", name);
    }
  }

  private static CompiledMeasure measure(String name, Expression expression, Refusal refusal) {
    if (expression instanceof AggregateExpression aggregate
        && !FormulaForm.isComposed(aggregate.aggregateFunction())) {
      return MeasureForm.of(name, aggregate, refusal);
    }
    if (expression.exists(e -> e instanceof AggregateExpression)) {
      return FormulaForm.of(name, expression, refusal);
    }
    throw refusal.invalid(
        "the column '%s' is neither grouped by (once) nor an aggregate: %s; group by "
            + "this very expression",
        name, expression.sql());
  }

  /**
   * Whether two plans of a view were written the same, but for blanks, comments and the letter case
   * of keywords.
   */
  public boolean isSame(ViewPlan one, ViewPlan other) {
    return sql.isSame(one.sql(), other.sql(), new Refusal(one.view()));
  }

  /** The columns of {@link #aggregate}'s rows, in order. */
  public static List<String> columns(ViewPlan plan) {
    List<String> names =
        new ArrayList<>(plan.dimensionColumns().map(DimensionColumn::name).toList());
    plan.measures().stream()
        .map(Measure::parts)
        .flatMap(List::stream)
        .map(StoredColumn::name)
        .forEach(names::add);
    return names;
  }
}
