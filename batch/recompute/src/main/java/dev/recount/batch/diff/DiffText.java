package dev.recount.batch.diff;

import dev.recount.core.diff.DiffOutcome;
import dev.recount.core.diff.VersionDiff;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** Comparisons as people read them in a terminal. */
final class DiffText {
  static final String TITLE_OF_MEASURES = "Totals, and in how many groups they are equal";
  private static final double PERCENT = 100;

  private DiffText() {}

  /** Several: a summary first, then each. */
  static String of(List<DiffOutcome> outcomes) {
    if (outcomes.isEmpty()) {
      return "No view has several versions; 'recount apply' of a changed file makes the next one.";
    }
    StringBuilder text = new StringBuilder();
    table(text, summary(outcomes), 2);
    for (DiffOutcome outcome : outcomes) {
      text.append('\n')
          .append(outcome.diff() == null ? outcome.error() + '\n' : of(outcome.diff()));
    }
    return text.toString();
  }

  /** A line for each view, with a head. */
  static List<List<String>> summary(List<DiffOutcome> outcomes) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("view", "versions", "columns", "equal", "changed", "new", "gone", ""));
    for (DiffOutcome outcome : outcomes) {
      VersionDiff diff = outcome.diff();
      lines.add(
          diff == null
              ? List.of(outcome.view(), "-", "-", "-", "-", "-", "-", outcome.code().name())
              : List.of(
                  outcome.view(),
                  diff.from().version() + " to " + diff.to().version(),
                  diff.columns().isEmpty() ? "equal" : "differ",
                  count(diff.groups().equal()),
                  count(diff.groups().changed()),
                  count(diff.groups().added()),
                  count(diff.groups().gone()),
                  diff.complete() ? "" : "INCOMPLETE"));
    }
    return lines;
  }

  /** One comparison. */
  static String of(VersionDiff diff) {
    StringBuilder text = new StringBuilder();
    line(text, title(diff) + (diff.complete() ? "" : "; INCOMPLETE"));
    table(text, facts(diff), 2);
    text.append('\n');
    table(text, groups(diff), 0);
    if (!diff.measures().isEmpty()) {
      line(text, "\n" + TITLE_OF_MEASURES + ":");
      table(text, measures(diff), 1);
    }
    for (VersionDiff.MeasureDiff measure : diff.measures()) {
      if (!measure.largest().isEmpty()) {
        line(text, "\n" + titleOfLargest(measure) + ":");
        table(text, largest(diff, measure), diff.by().size());
      }
    }
    if (!diff.sample().isEmpty()) {
      line(text, "\n" + titleOfSample(diff) + ":");
      table(text, sample(diff), diff.by().size() + 1);
    }
    return text.toString();
  }

  static String title(VersionDiff diff) {
    return diff.view()
        + ": version "
        + diff.from().version()
        + " to version "
        + diff.to().version();
  }

  /** What was compared: pairs of a name and a value. */
  static List<List<String>> facts(VersionDiff diff) {
    List<List<String>> facts = new ArrayList<>();
    facts.add(List.of("arrivals", "before " + diff.before() + ", the same of both"));
    facts.add(side(diff.from()));
    facts.add(side(diff.to()));
    facts.add(
        List.of(
            "groups by",
            diff.by().isEmpty() ? "no dimension in common" : String.join(", ", diff.by())));
    if (diff.columns().isEmpty()) {
      facts.add(List.of("columns", "the same"));
    }
    diff.columns().forEach(column -> facts.add(List.of(column.change(), column(column))));
    diff.warnings().forEach(warning -> facts.add(List.of("warning", warning)));
    return facts;
  }

  private static List<String> side(VersionDiff.Side side) {
    return List.of(
        "version " + side.version(),
        "batch " + until(side.batchUntil()) + ", speed " + until(side.speedUntil()));
  }

  private static String until(Instant moment) {
    return moment == null ? "not yet" : "until " + moment.truncatedTo(ChronoUnit.SECONDS);
  }

  private static String column(VersionDiff.ColumnChange column) {
    String types =
        column.from() == null
            ? column.to()
            : column.to() == null ? column.from() : column.from() + " to " + column.to();
    return column.kind() + " " + column.name() + ", " + types;
  }

  /** How many groups are what, and the shares. */
  static List<List<String>> groups(VersionDiff diff) {
    VersionDiff.Groups groups = diff.groups();
    long[] counts = {groups.all(), groups.equal(), groups.changed(), groups.added(), groups.gone()};
    return List.of(
        List.of("groups", "equal", "changed", "new", "gone"),
        LongStream.of(counts).mapToObj(DiffText::count).toList(),
        LongStream.of(counts).mapToObj(c -> share(c, groups.all())).toList());
  }

  private static String share(long part, long of) {
    return of == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", PERCENT * part / of);
  }

  /** A line for each measure, with a head. */
  static List<List<String>> measures(VersionDiff diff) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "measure",
            "in " + diff.from().version(),
            "in " + diff.to().version(),
            "difference",
            "%",
            "equal",
            "within error",
            "changed"));
    for (VersionDiff.MeasureDiff measure : diff.measures()) {
      lines.add(
          List.of(
              measure.name(),
              value(measure.totalFrom()),
              value(measure.totalTo()),
              measure.difference() == null ? "-" : signed(measure.difference()),
              measure.relative() == null
                  ? "-"
                  : String.format(Locale.ROOT, "%+.2f", PERCENT * measure.relative()),
              count(measure.equal()),
              count(measure.withinError()),
              count(measure.changed())));
    }
    return lines;
  }

  static String titleOfLargest(VersionDiff.MeasureDiff measure) {
    return "Largest differences of %s (%s of %s groups)"
        .formatted(measure.name(), count(measure.largest().size()), count(measure.changed()));
  }

  static List<List<String>> largest(VersionDiff diff, VersionDiff.MeasureDiff measure) {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(diff.by());
    head.addAll(List.of("in " + diff.from().version(), "in " + diff.to().version(), "difference"));
    lines.add(head);
    for (VersionDiff.Largest largest : measure.largest()) {
      List<String> line = new ArrayList<>(largest.group().stream().map(DiffText::value).toList());
      line.addAll(
          List.of(value(largest.from()), value(largest.to()), signed(largest.difference())));
      lines.add(line);
    }
    return lines;
  }

  static String titleOfSample(VersionDiff diff) {
    return "A sample of what differs (%s of %s groups)"
        .formatted(count(diff.sample().size()), count(diff.groups().all() - diff.groups().equal()));
  }

  static List<List<String>> sample(VersionDiff diff) {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(diff.by());
    head.add("");
    diff.measures().forEach(m -> head.add(m.name()));
    lines.add(head);
    for (VersionDiff.Group group : diff.sample()) {
      List<String> line = new ArrayList<>(group.group().stream().map(DiffText::value).toList());
      line.add(group.change());
      for (int i = 0; i < diff.measures().size(); i++) {
        line.add(change(group, i));
      }
      lines.add(line);
    }
    return lines;
  }

  private static String change(VersionDiff.Group group, int measure) {
    String from = group.from() == null ? null : value(group.from().get(measure));
    String to = group.to() == null ? null : value(group.to().get(measure));
    if (from == null || to == null) {
      return from == null ? to : from;
    }
    return from.equals(to) ? from : from + " to " + to;
  }

  static String value(Object value) {
    if (value == null) {
      return "NULL";
    }
    return value instanceof Double number ? plain(number) : value.toString();
  }

  /** As exact as doubles are that were added in any order. */
  private static String plain(double number) {
    if (!Double.isFinite(number)) {
      return String.valueOf(number);
    }
    return new BigDecimal(String.format(Locale.ROOT, "%.12g", number))
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String signed(double number) {
    return (number > 0 ? "+" : "") + plain(number);
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /**
   * Columns side by side.
   *
   * @param left how many of them stand to the left; the others are numbers
   */
  private static void table(StringBuilder text, List<List<String>> lines, int left) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], printable(line.get(i)).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = printable(line.get(i));
        String padding = " ".repeat(widths[i] - cell.length());
        row.append(i == 0 ? "" : "  ").append(i < left ? cell + padding : padding + cell);
      }
      line(text, row.toString().stripTrailing());
    }
  }

  /** Control characters would break the table, or the terminal. */
  private static String printable(String cell) {
    return cell.replaceAll("\\p{Cntrl}", "\uFFFD");
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}
