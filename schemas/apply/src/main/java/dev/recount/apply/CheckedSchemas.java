package dev.recount.apply;

import dev.recount.core.Nearest;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All events, views and tests of a folder, and everything that is wrong with them.
 *
 * @param tests of views that are there or not
 */
public record CheckedSchemas(
    Map<String, EventSchema> events,
    List<ViewPlan> views,
    List<CaseFile> tests,
    List<RecountException> problems) {

  /**
   * Reads and checks every file; what is wrong with one does not hide another.
   *
   * @param now after which schedules must fire
   * @throws RecountException SCHEMAS_NOT_FOUND
   */
  public static CheckedSchemas read(
      Path folder, ViewCompiler compiler, int largestEvent, Instant now) {
    if (!Files.isDirectory(folder.resolve("events"))) {
      throw RecountException.of(
          ErrorCode.SCHEMAS_NOT_FOUND,
          "Cannot read the schemas in '%s': it has no folder 'events'; name a folder "
              + "with events/ and views/ with --schemas",
          folder.toAbsolutePath());
    }
    CheckedSchemas checked =
        new CheckedSchemas(
            new LinkedHashMap<>(), new ArrayList<>(), CaseFile.readAll(folder), new ArrayList<>());
    for (Path file : files(folder.resolve("events"), ".avsc")) {
      checked.attempt(() -> readEvent(file)).ifPresent(e -> checked.events.put(e.name(), e));
    }
    List<Path> views = files(folder.resolve("views"), ".sql");
    Set<String> names =
        views.stream()
            .map(f -> f.getFileName().toString().replaceFirst("\\.sql$", ""))
            .collect(Collectors.toSet());
    for (Path file : views) {
      checked
          .attempt(() -> checked.plan(ViewFile.read(file), names, compiler, largestEvent, now))
          .ifPresent(checked.views::add);
    }
    checked.tests.forEach(file -> checked.checkTests(file, names));
    return checked;
  }

  private static EventSchema readEvent(Path file) {
    EventSchema schema = EventSchema.read(file);
    EventRows.type(schema);
    return schema;
  }

  private void checkTests(CaseFile file, Set<String> names) {
    String view = file.source().view();
    problems.addAll(file.problems());
    if (!names.contains(view)) {
      problems.add(
          file.source()
              .wrong(
                  1,
                  "there is no view '%s'; %sthe file of tests is named as its view",
                  view,
                  Nearest.hint(view, names)));
    }
  }

  /** The tests of a view; empty if it has none. */
  public Optional<CaseFile> tests(String view) {
    return tests.stream().filter(file -> file.source().view().equals(view)).findFirst();
  }

  private ViewPlan plan(
      ViewFile file, Set<String> views, ViewCompiler compiler, int largestEvent, Instant now) {
    List<EventSchema> sources =
        compiler.events(file).stream().map(name -> source(file, name, views)).toList();
    EventSchema state = sources.size() == 1 ? null : sources.get(1);
    ViewPlan plan = compiler.plan(file, sources.get(0), state);
    ViewSchedule.of(plan).requireFires(plan.view(), now);
    compiler.largestDelta(plan, sources.get(0), state, largestEvent);
    return plan;
  }

  private EventSchema source(ViewFile file, String name, Set<String> views) {
    EventSchema event = events.get(name);
    if (event == null && views.contains(name)) {
      throw new Refusal(file.view())
          .invalid(
              "'"
                  + name
                  + "' is a view, and a view reads events; write its GROUP BY over the event, or"
                  + " query '"
                  + name
                  + "' by fewer columns");
    }
    if (event == null) {
      throw new Refusal(file.view())
          .invalid("there is no (valid) event '" + name + "'; there are " + events.keySet());
    }
    return event;
  }

  <T> Optional<T> attempt(Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (RecountException e) {
      problems.add(e);
      return Optional.empty();
    }
  }

  private static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
