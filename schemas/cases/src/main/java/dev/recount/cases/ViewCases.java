package dev.recount.cases;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.batch.check.AssertedRows;
import dev.recount.batch.compute.BatchInMemory;
import dev.recount.core.cases.Assertion;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.cases.CaseSource;
import dev.recount.core.cases.ViewCase;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.RawRecord;
import dev.recount.planner.table.PinotTables;
import dev.recount.serving.answer.Estimates;
import dev.recount.serving.answer.Page;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.sql.SqlText;
import dev.recount.speed.SpeedInMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Runs cases of views. A case holds if the answer is as expected for every position of the cut:
 * batch's program over the events before it, speed's over those after it, and the gateway's own
 * merge of both.
 */
public final class ViewCases {
  /** Standard errors that an estimate may be off. */
  private static final double ERRORS = 3;

  /** What a percentile may be off, whose error is not known. */
  private static final double OF_PERCENTILE = 0.05;

  private final SparkSession spark;
  private final RecountConfig config;
  private final ViewCompiler compiler;
  private final Supplier<PinotEngine> pinot;

  /**
   * @param pinot gives the engine, which takes a while to load
   */
  ViewCases(
      SparkSession spark,
      RecountConfig config,
      ViewCompiler compiler,
      Supplier<PinotEngine> pinot) {
    this.spark = spark;
    this.config = config;
    this.compiler = compiler;
    this.pinot = pinot;
  }

  /**
   * Runs the cases of a view; what is wrong with one is in its result.
   *
   * @param events that the view reads: the one that it counts, then the one that it joins
   * @param cases of the file
   */
  public List<CaseResult> run(
      ViewPlan plan, List<EventSchema> events, CaseFile file, List<ViewCase> cases) {
    OfView view = new OfView(plan, events, file.source());
    return cases.stream().map(view::run).toList();
  }

  /** What is wrong with the assertions of a view, whatever its rows: a column that is not there. */
  public List<RecountException> problems(ViewPlan plan, List<EventSchema> events, CaseFile file) {
    if (file.assertions().isEmpty()) {
      return List.of();
    }
    StructType type =
        new BatchInMemory(
                spark, compiler, plan, events.get(0), events.size() > 1 ? events.get(1) : null)
            .type();
    List<RecountException> problems = new ArrayList<>();
    try (AssertedRows none =
        AssertedRows.of(spark, plan, 1, session -> session.createDataFrame(List.of(), type))) {
      for (Assertion assertion : file.assertions()) {
        none.problem(assertion)
            .ifPresent(
                reason ->
                    problems.add(
                        file.source()
                            .wrong(
                                assertion.line(),
                                "'%s' cannot be checked: %s",
                                assertion.name(),
                                reason)));
      }
    }
    return problems;
  }

  private final class OfView {
    private final ViewPlan plan;
    private final CaseSource source;
    private final CaseEvents events;
    private final BatchInMemory batch;
    private final SpeedInMemory speed;

    OfView(ViewPlan plan, List<EventSchema> schemas, CaseSource source) {
      EventSchema event = schemas.get(0);
      EventSchema state = schemas.size() > 1 ? schemas.get(1) : null;
      this.plan = plan;
      this.source = source;
      this.events = new CaseEvents(source, schemas);
      this.batch = new BatchInMemory(spark, compiler, plan, event, state);
      this.speed = new SpeedInMemory(spark, config, compiler, plan, event, state);
    }

    CaseResult run(ViewCase viewCase) {
      List<Split> splits = Split.all(viewCase.events().size());
      try {
        return new CaseResult(source, viewCase, splits.size(), null, findings(viewCase, splits));
      } catch (RecountException e) {
        return new CaseResult(source, viewCase, 0, e, List.of());
      }
    }

    private List<CaseResult.Finding> findings(ViewCase viewCase, List<Split> splits) {
      BoundQuery query = query(viewCase);
      List<Column> columns = columns(viewCase, query);
      List<List<JsonNode>> expected =
          viewCase.expected().stream().map(row -> expected(row, columns)).toList();
      List<RawRecord> records = events.records(viewCase);
      Map<List<String>, Difference> differences = new LinkedHashMap<>();
      Map<List<String>, List<Split>> where = new LinkedHashMap<>();
      answers(query, records, splits)
          .forEach(
              (split, rows) -> {
                Difference difference =
                    Difference.of(columns, expected, rows, !query.order().isEmpty());
                if (!difference.isNone()) {
                  differences.putIfAbsent(difference.text(), difference);
                  where.computeIfAbsent(difference.text(), d -> new ArrayList<>()).add(split);
                }
              });
      return differences.entrySet().stream()
          .map(
              found -> {
                List<Split> at = where.get(found.getKey());
                return new CaseResult.Finding(
                    at.stream().map(Split::text).toList(),
                    at.size() == splits.size(),
                    found.getValue());
              })
          .toList();
    }

    private Map<Split, List<List<JsonNode>>> answers(
        BoundQuery query, List<RawRecord> records, List<Split> splits) {
      List<List<Map<String, Object>>> counted = batch.rows(records);
      List<List<String>> deltas =
          speed.deltas(records, splits.stream().map(Split::division).toList());
      PinotEngine.Table table = pinot.get().table(new PinotTables(config).schema(plan));
      Map<Split, List<List<JsonNode>>> answers = new LinkedHashMap<>();
      for (int i = 0; i < splits.size(); i++) {
        Split split = splits.get(i);
        RowsOfCut stored = new RowsOfCut(table, plan, counted.get(split.cut()), deltas.get(i));
        answers.put(split, answer(query, stored));
      }
      return answers;
    }

    private List<List<JsonNode>> answer(BoundQuery query, RowsOfCut stored) {
      try {
        List<List<JsonNode>> rows =
            new ArrayList<>(
                Page.read(query, stored, null, config.serving()).rows().stream()
                    .map(row -> row.stream().map(Column::found).toList())
                    .toList());
        if (query.order().isEmpty()) {
          rows.sort(Comparator.comparing(Object::toString));
        }
        return rows;
      } catch (Unsettled e) {
        throw new IllegalStateException(e);
      }
    }

    private BoundQuery query(ViewCase viewCase) {
      ViewCase.Text sql = viewCase.query();
      BoundQuery query;
      try {
        SqlText text = SqlText.parse(sql.text());
        if (!text.view().equals(plan.view())) {
          throw source.wrong(
              sql.line(),
              "the query asks '%s'; a case asks its own view: FROM %s",
              text.view(),
              plan.view());
        }
        query = Binder.bind(text, plan);
      } catch (RecountException e) {
        throw e.code() == ErrorCode.CASE_INVALID
            ? e
            : source.wrong(sql.line(), "%s", e.getMessage());
      }
      if (query.where().contains("TEXT_MATCH(")) {
        throw source.wrong(
            sql.line(), "TEXT_MATCH in WHERE needs Pinot's text index, which a case does not have");
      }
      return query.withoutCandidates();
    }

    private List<Column> columns(ViewCase viewCase, BoundQuery query) {
      Map<String, Double> tolerances = new HashMap<>();
      for (Provenance.Approximate estimate : Estimates.of(query)) {
        Double error = estimate.relativeStandardError();
        tolerances.put(estimate.column(), error == null ? OF_PERCENTILE : ERRORS * error);
      }
      return query.outputs().stream()
          .map(
              output -> {
                ColumnType type = output.expression().type();
                Double tolerance =
                    viewCase.tolerance() != null
                        ? viewCase.tolerance()
                        : tolerances.get(output.name());
                double exact = type == ColumnType.DOUBLE ? Column.ROUNDING : 0;
                return new Column(output.name(), type, tolerance == null ? exact : tolerance);
              })
          .toList();
    }

    private List<JsonNode> expected(ViewCase.ExpectedRow row, List<Column> columns) {
      List<String> names = columns.stream().map(Column::name).toList();
      for (String name : row.values().keySet()) {
        if (!names.contains(name)) {
          throw source.wrong(
              row.line(), "the answer has no column '%s'; its columns are %s", name, names);
        }
      }
      List<JsonNode> values = new ArrayList<>();
      for (String name : names) {
        JsonNode value = row.values().get(name);
        if (value == null) {
          throw source.wrong(
              row.line(),
              "the row does not say what '%s' is; add it (null if it has no value), or leave the"
                  + " column out of the query",
              name);
        }
        values.add(value);
      }
      return values;
    }
  }
}
