package dev.recount.cases;

import dev.recount.apply.CheckedSchemas;
import dev.recount.core.Nearest;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.cases.ViewCase;
import dev.recount.core.cli.Progress;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs the tests of a folder with events and views.
 *
 * @param views only these; all if there are none
 * @param name only cases with this name; null for all
 * @param progress told how many cases are done
 */
record FolderRun(Path folder, List<String> views, String name, Progress progress) {
  /**
   * @throws RecountException VIEW_UNKNOWN or CASE_INVALID if what is to be run is not there
   */
  CasesReport run(CheckedSchemas checked, ViewCases cases) {
    views.forEach(view -> requireKnown(view, checked));
    List<CaseResult> results = new ArrayList<>();
    List<RecountException> problems = new ArrayList<>(checked.problems());
    List<CaseFile> files =
        checked.tests().stream()
            .filter(file -> views.isEmpty() || views.contains(file.source().view()))
            .filter(file -> plan(checked, file).isPresent())
            .toList();
    int total = files.stream().mapToInt(file -> wanted(file).size()).sum();
    try (Progress.Step step = progress.step("test", "cases", total)) {
      for (CaseFile file : files) {
        ViewPlan plan = plan(checked, file).orElseThrow();
        List<EventSchema> events = events(checked, plan);
        problems.addAll(cases.problems(plan, events, file));
        results.addAll(cases.run(plan, events, file, wanted(file)));
        step.advance(wanted(file).size());
      }
    }
    if (name != null && results.isEmpty() && problems.isEmpty()) {
      throw RecountException.of(
          ErrorCode.CASE_INVALID,
          "Cannot run the case '%s': no view that was asked for has it; leave out --case to see "
              + "all",
          name);
    }
    return new CasesReport(results, problems, untested(checked));
  }

  private static Optional<ViewPlan> plan(CheckedSchemas checked, CaseFile file) {
    return checked.views().stream()
        .filter(view -> view.view().equals(file.source().view()))
        .findFirst();
  }

  private static List<EventSchema> events(CheckedSchemas checked, ViewPlan plan) {
    return plan.events().stream().map(checked.events()::get).toList();
  }

  private List<ViewCase> wanted(CaseFile file) {
    return file.cases().stream().filter(c -> name == null || c.name().equals(name)).toList();
  }

  private void requireKnown(String view, CheckedSchemas checked) {
    List<String> known =
        Stream.concat(
                checked.views().stream().map(ViewPlan::view),
                checked.tests().stream().map(file -> file.source().view()))
            .distinct()
            .toList();
    if (!known.contains(view)) {
      throw RecountException.of(
          ErrorCode.VIEW_UNKNOWN,
          "Cannot test the view '%s': there is none; %sthe views are %s",
          view,
          Nearest.hint(view, known),
          known);
    }
    if (checked.tests(view).isEmpty()) {
      throw RecountException.of(
          ErrorCode.CASE_INVALID,
          "Cannot test the view '%s': it has no tests; write '%s'",
          view,
          folder.resolve("tests").resolve(view + ".yaml"));
    }
  }

  private List<String> untested(CheckedSchemas checked) {
    return checked.views().stream()
        .map(ViewPlan::view)
        .filter(view -> views.isEmpty() && name == null && checked.tests(view).isEmpty())
        .toList();
  }
}
