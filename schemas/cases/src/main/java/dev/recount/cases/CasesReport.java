package dev.recount.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a run of cases found.
 *
 * @param problems with files, beside those of single cases
 * @param untested views without a file of tests
 */
record CasesReport(
    List<CaseResult> results, List<RecountException> problems, List<String> untested) {
  private static final int FAILED = 1;
  private static final int MOST_PLACES = 4;

  /** 0 if every case passed, 1 if an answer was not as expected, else that of a wrong file. */
  int exitCode() {
    if (results.stream().anyMatch(r -> !r.findings().isEmpty())) {
      return FAILED;
    }
    return allProblems().isEmpty() ? 0 : allProblems().get(0).code().kind().exitCode();
  }

  List<RecountException> allProblems() {
    List<RecountException> all = new ArrayList<>(problems);
    results.stream().filter(r -> r.problem() != null).forEach(r -> all.add(r.problem()));
    return all;
  }

  /**
   * For people.
   *
   * @param ms how long it took
   */
  String text(long ms) {
    List<String> lines = new ArrayList<>();
    results.forEach(result -> lines.addAll(text(result)));
    untested.forEach(view -> lines.add("none  " + view + ": it has no tests"));
    long failed = results.stream().filter(r -> !r.findings().isEmpty()).count();
    long passed = results.stream().filter(CaseResult::passed).count();
    int answers = results.stream().mapToInt(CaseResult::splits).sum();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s passed, %s failed, %s wrong (%s answers over all positions of the cut, %.1f s)",
            passed,
            failed,
            allProblems().size(),
            answers,
            ms / 1000.0));
    return String.join("\n", lines);
  }

  static List<String> text(CaseResult result) {
    String name = result.source().view() + ": " + result.viewCase().name();
    if (result.passed()) {
      return List.of("ok    " + name);
    }
    if (result.problem() != null) {
      return List.of("wrong " + name, "        " + result.problem().getMessage());
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "FAIL  " + name + " (" + result.source().file() + ":" + result.viewCase().line() + ")");
    for (CaseResult.Finding finding : result.findings()) {
      lines.add("        " + where(finding) + "; expected (-), found (+):");
      finding.difference().text().forEach(line -> lines.add("          " + line));
    }
    return lines;
  }

  private static String where(CaseResult.Finding finding) {
    if (finding.isEverywhere()) {
      return "at every position of the cut";
    }
    List<String> where = finding.where();
    int more = where.size() - MOST_PLACES;
    return "only where "
        + String.join("; where ", where.subList(0, Math.min(MOST_PLACES, where.size())))
        + (more > 0 ? "; and in " + more + " more ways" : "");
  }

  String json(long ms) {
    ObjectNode report = Json.MAPPER.createObjectNode();
    report
        .put("passed", results.stream().filter(CaseResult::passed).count())
        .put("failed", results.stream().filter(r -> !r.findings().isEmpty()).count())
        .put("wrong", allProblems().size())
        .put("milliseconds", ms);
    ArrayNode cases = report.putArray("cases");
    results.forEach(result -> add(cases.addObject(), result));
    ArrayNode wrong = report.putArray("problems");
    problems.forEach(p -> add(wrong.addObject(), p));
    untested.forEach(report.putArray("untested")::add);
    return report.toPrettyString();
  }

  private static void add(ObjectNode target, RecountException problem) {
    target.put("code", problem.code().name()).put("message", problem.getMessage());
  }

  private static void add(ObjectNode target, CaseResult result) {
    target
        .put("view", result.source().view())
        .put("case", result.viewCase().name())
        .put("file", result.source().file())
        .put("line", result.viewCase().line())
        .put("status", result.passed() ? "passed" : result.problem() == null ? "failed" : "wrong")
        .put("answers", result.splits());
    if (result.problem() != null) {
      add(target.putObject("problem"), result.problem());
    }
    ArrayNode differences = target.putArray("differences");
    for (CaseResult.Finding finding : result.findings()) {
      ObjectNode difference = differences.addObject().put("everywhere", finding.isEverywhere());
      finding.where().forEach(difference.putArray("where")::add);
      Difference found = finding.difference();
      ArrayNode expected = difference.putArray("expected");
      ArrayNode unexpected = difference.putArray("found");
      for (Difference.Pair pair : found.pairs()) {
        add(expected, found.columns(), pair.expected());
        add(unexpected, found.columns(), pair.found());
      }
    }
  }

  private static void add(ArrayNode rows, List<String> columns, List<JsonNode> row) {
    if (row != null) {
      ObjectNode object = rows.addObject();
      for (int i = 0; i < columns.size(); i++) {
        object.set(columns.get(i), row.get(i));
      }
    }
  }
}
