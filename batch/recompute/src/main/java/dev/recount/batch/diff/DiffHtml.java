package dev.recount.batch.diff;

import dev.recount.core.diff.DiffOutcome;
import dev.recount.core.diff.VersionDiff;
import java.util.List;
import java.util.regex.Pattern;

/** Comparisons as a page that stands alone. */
final class DiffHtml {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Versions compared</title>
      <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222; }
      h1 { font-size: 1.6em; }
      h2 { font-size: 1.2em; }
      dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1.5em; }
      dd { margin: 0; overflow-wrap: anywhere; }
      .table { overflow-x: auto; margin: .5em 0 1.5em; }
      table { border-collapse: collapse; }
      th, td { border: 1px solid #ccc; padding: .2em .6em; text-align: left; }
      td { max-width: 32em; overflow-wrap: break-word; }
      .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      td.time { white-space: nowrap; }
      .warning { color: #a40000; }
      pre { background: #f4f4f4; padding: .6em; overflow: auto; }
      </style>
      </head>
      <body>
      """;

  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d(T[\\d:.]+Z)?");
  private static final String FOOT = "</body>\n</html>";

  private DiffHtml() {}

  static String page(VersionDiff diff) {
    StringBuilder page = new StringBuilder(HEAD);
    diff(page, diff);
    return page.append(FOOT).toString();
  }

  /** Several: a summary first, then each. */
  static String page(List<DiffOutcome> outcomes) {
    StringBuilder page = new StringBuilder(HEAD);
    heading(page, 1, "Views with several versions");
    table(page, DiffText.summary(outcomes), 3);
    for (DiffOutcome outcome : outcomes) {
      if (outcome.diff() == null) {
        heading(page, 1, outcome.view());
        warning(page, outcome.error());
      } else {
        diff(page, outcome.diff());
      }
    }
    return page.append(FOOT).toString();
  }

  private static void diff(StringBuilder page, VersionDiff diff) {
    heading(page, 1, DiffText.title(diff));
    if (!diff.complete()) {
      warning(page, "This comparison is incomplete.");
    }
    page.append("<dl>\n");
    for (List<String> fact : DiffText.facts(diff)) {
      page.append("<dt>").append(escaped(fact.get(0))).append("</dt>");
      page.append("<dd>").append(escaped(fact.get(1))).append("</dd>\n");
    }
    page.append("</dl>\n");
    table(page, DiffText.groups(diff), 0);
    if (!diff.measures().isEmpty()) {
      heading(page, 2, DiffText.TITLE_OF_MEASURES);
      table(page, DiffText.measures(diff), 1);
    }
    for (VersionDiff.MeasureDiff measure : diff.measures()) {
      if (!measure.largest().isEmpty()) {
        heading(page, 2, DiffText.titleOfLargest(measure));
        table(page, DiffText.largest(diff, measure), diff.by().size());
      }
    }
    if (!diff.sample().isEmpty()) {
      heading(page, 2, DiffText.titleOfSample(diff));
      table(page, DiffText.sample(diff), diff.by().size() + 1);
    }
    sql(page, diff.from());
    sql(page, diff.to());
  }

  private static void sql(StringBuilder page, VersionDiff.Side side) {
    heading(page, 2, "SQL of version " + side.version());
    page.append("<pre>").append(escaped(side.sql())).append("</pre>\n");
  }

  private static void heading(StringBuilder page, int level, String text) {
    page.append("<h%d>%s</h%d>\n".formatted(level, escaped(text), level));
  }

  private static void warning(StringBuilder page, String text) {
    page.append("<p class=\"warning\">").append(escaped(text)).append("</p>\n");
  }

  /**
   * @param left how many columns are no numbers
   */
  private static void table(StringBuilder page, List<List<String>> lines, int left) {
    page.append("<div class=\"table\"><table>\n");
    for (int i = 0; i < lines.size(); i++) {
      String cell = i == 0 ? "th" : "td";
      page.append("<tr>");
      for (int j = 0; j < lines.get(i).size(); j++) {
        String text = lines.get(i).get(j);
        page.append('<').append(cell).append(kind(text, j >= left)).append('>');
        page.append(escaped(text)).append("</").append(cell).append('>');
      }
      page.append("</tr>\n");
    }
    page.append("</table></div>\n");
  }

  private static String kind(String text, boolean isNumber) {
    return isNumber ? " class=\"number\"" : TIME.matcher(text).matches() ? " class=\"time\"" : "";
  }

  /** Values of events are anybody's. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
