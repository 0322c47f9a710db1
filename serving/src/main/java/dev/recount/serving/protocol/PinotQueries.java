package dev.recount.serving.protocol;

import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ColumnType;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.dialect.PinotSql;
import dev.recount.serving.dialect.Rollup;
import dev.recount.serving.dialect.Values;
import dev.recount.serving.gateway.Asker;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.gateway.Question;
import dev.recount.serving.sql.SqlText;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Answers queries that are written for Pinot. */
final class PinotQueries {
  private final Gateway gateway;
  private final Clock clock;

  PinotQueries(Gateway gateway, Clock clock) {
    this.gateway = gateway;
    this.clock = clock;
  }

  /**
   * What is asked of a view.
   *
   * @param shown as it was asked
   */
  private record OfPinot(PinotSql sql, String shown, List<String> warnings)
      implements Question.Text {
    /** Functions whose values change by themselves. */
    private static final Pattern CLOCKS = Pattern.compile("(?i)now|current|ago|local");

    @Override
    public SqlText of(ViewVersion version, Instant now, ZoneId zone) {
      return sql.of(version.plan(), now, warnings);
    }

    @Override
    public Optional<Object> identity(Instant now) {
      return CLOCKS.matcher(shown).find()
          ? Optional.empty()
          : Optional.of(List.of("pinot", shown, warnings));
    }
  }

  /**
   * @param provenance null if the answer is of no view
   */
  record Answered(Values values, Provenance provenance) {}

  /**
   * @throws RecountException as {@link Gateway#answer(Question)}; TOO_MANY_GROUPS if there are more
   *     rows than an answer can have
   */
  Answered answer(PinotRequest request, Asker asker) {
    PinotSql sql = PinotSql.parse(request.sql());
    Map<String, String> said = new LinkedHashMap<>(request.options());
    said.putAll(sql.options());
    AskedOptions asked = AskedOptions.of(said);
    if (sql.isOnlyOptions()) {
      return new Answered(onlyOptions(sql), null);
    }
    if (sql.isOfValues()) {
      return new Answered(rolledUp(sql, sql.values(clock.instant())), null);
    }
    if ((asked.options().shares() || asked.options().fill() != null) && sql.isRolledUp()) {
      throw PinotRequest.invalid(
          "what is computed of the rows of a subquery has no shares and no gaps; leave 'shares' and"
              + " 'fill' out",
          null);
    }
    Question question =
        new Question(
            sql.view(),
            new OfPinot(sql, request.sql(), asked.warnings()),
            asked.mode(),
            asked.options(),
            asker);
    Answer answer = gateway.answer(question);
    if (answer.provenance().truncated()) {
      throw cut(answer.rows().size());
    }
    Values values = rolledUp(sql, new Values(answer.columns(), answer.rows()));
    return new Answered(values, answer.provenance());
  }

  private static Values rolledUp(PinotSql sql, Values values) {
    Values result = values;
    for (Rollup rollup : sql.rollups()) {
      result = rollup.of(result);
    }
    return result;
  }

  /** Tools that send a text in pieces get an answer to each. */
  private static Values onlyOptions(PinotSql sql) {
    return new Values(
        List.of(new Answer.Column("result", ColumnType.STRING)),
        sql.options().keySet().stream()
            .sorted()
            .map(
                name ->
                    List.<Object>of(
                        name + " holds for a query that is sent with it, in the same text"))
            .toList());
  }

  /** Pinot's clients cannot be told that rows are left out: they would take them for all. */
  private static RecountException cut(int rows) {
    return RecountException.of(
        ErrorCode.TOO_MANY_GROUPS,
        "Cannot answer in full: there are more than %s rows; narrow WHERE, or write a smaller LIMIT"
            + " (without one it is serving.default-limit, and never more than serving.max-limit)",
        rows);
  }
}
