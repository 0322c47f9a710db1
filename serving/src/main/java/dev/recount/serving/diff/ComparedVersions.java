package dev.recount.serving.diff;

import dev.recount.core.UnknownName;
import dev.recount.core.catalog.ViewCatalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.diff.VersionDiff;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Two versions of a view, and which of their columns can be compared. */
record ComparedVersions(ViewVersion from, ViewVersion to) {
  private static final Set<ColumnType> WHOLE = Set.of(ColumnType.INT, ColumnType.LONG);

  /**
   * Those that a request names. What it does not name is, of the first, the one that readers see,
   * and else the newest of the others. If it names none, the earlier one is the first.
   *
   * @throws RecountException VIEW_UNKNOWN, REQUEST_INVALID
   */
  static ComparedVersions of(ViewCatalog views, String view, DiffRequest request) {
    List<ViewVersion> versions = views.ofView(view);
    if (versions.isEmpty()) {
      throw UnknownName.view(view, views.namesLike(view));
    }
    if (versions.size() == 1) {
      throw DiffRequest.invalid(
          "view '%s' has version %s alone; 'recount apply' of a changed file makes the next one"
              .formatted(view, versions.get(0).version()));
    }
    ViewVersion seen = views.active(view).orElse(versions.get(0));
    ViewVersion from = request.from() == null ? seen : version(versions, request.from());
    ViewVersion to =
        request.to() == null ? newestBeside(from, versions) : version(versions, request.to());
    if (request.from() == null && from.version() == to.version()) {
      from = newestBeside(to, versions);
    }
    if (from.version() == to.version()) {
      throw DiffRequest.invalid("both are version %s".formatted(from.version()));
    }
    boolean isNoneNamed = request.from() == null && request.to() == null;
    return isNoneNamed && from.version() > to.version()
        ? new ComparedVersions(to, from)
        : new ComparedVersions(from, to);
  }

  private static ViewVersion newestBeside(ViewVersion one, List<ViewVersion> versions) {
    return versions.stream()
        .filter(v -> v.version() != one.version())
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  private static ViewVersion version(List<ViewVersion> versions, int number) {
    return versions.stream()
        .filter(v -> v.version() == number)
        .findFirst()
        .orElseThrow(
            () ->
                RecountException.of(
                    ErrorCode.VIEW_UNKNOWN,
                    "Cannot compare versions: view '%s' has no version %s; it has %s",
                    versions.get(0).viewName(),
                    number,
                    versions.stream()
                        .map(v -> String.valueOf(v.version()))
                        .collect(Collectors.joining(", "))));
  }

  List<ViewVersion> both() {
    return List.of(from, to);
  }

  /** Measures of the same name whose values can be compared. */
  List<ComparedMeasure> measures() {
    List<ComparedMeasure> measures = new ArrayList<>();
    for (Measure measure : from.plan().measures()) {
      to.plan()
          .measure(measure.name())
          .filter(other -> ComparedMeasure.areComparable(measure, other))
          .ifPresent(other -> measures.add(new ComparedMeasure(measure, other)));
    }
    return measures;
  }

  /**
   * The dimensions by which both are grouped: those that are asked for, else all that both have.
   *
   * @throws RecountException REQUEST_INVALID if one of them has not what is asked for
   */
  List<String> by(List<String> asked) {
    List<String> common =
        from.plan().dimensions().stream()
            .filter(d -> to.plan().dimension(d.name()).filter(o -> isSame(d, o)).isPresent())
            .map(Dimension::name)
            .toList();
    for (String name : asked) {
      if (!common.contains(name)) {
        throw DiffRequest.invalid(
            "'%s' is no dimension that both versions have; those are: %s"
                .formatted(name, common.isEmpty() ? "none" : String.join(", ", common)));
      }
    }
    return asked.isEmpty() ? common : asked;
  }

  private static boolean isSame(Dimension one, Dimension other) {
    return one.type() == other.type() || WHOLE.contains(one.type()) && WHOLE.contains(other.type());
  }

  /** What only one version has, or has as another type. */
  List<VersionDiff.ColumnChange> columns() {
    Map<String, String> before = types(from.plan());
    Map<String, String> after = types(to.plan());
    List<VersionDiff.ColumnChange> changes = new ArrayList<>();
    before.forEach(
        (name, type) -> {
          if (!type.equals(after.get(name))) {
            changes.add(change(from, name, type, after.get(name)));
          }
        });
    after.forEach(
        (name, type) -> {
          if (!before.containsKey(name)) {
            changes.add(change(to, name, null, type));
          }
        });
    return changes;
  }

  private static VersionDiff.ColumnChange change(
      ViewVersion of, String name, String before, String after) {
    String kind = of.plan().dimension(name).isPresent() ? "dimension" : "measure";
    String change =
        before == null
            ? VersionDiff.ADDED
            : after == null ? VersionDiff.REMOVED : VersionDiff.CHANGED;
    return new VersionDiff.ColumnChange(name, kind, change, before, after);
  }

  private static Map<String, String> types(ViewPlan plan) {
    Map<String, String> types = new LinkedHashMap<>();
    plan.dimensions().forEach(d -> types.put(d.name(), d.type().name()));
    plan.measures().forEach(m -> types.put(m.name(), m.kind().name() + " " + m.type().name()));
    return types;
  }
}
