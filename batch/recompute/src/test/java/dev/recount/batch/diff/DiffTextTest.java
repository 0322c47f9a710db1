package dev.recount.batch.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Json;
import dev.recount.core.diff.DiffOutcome;
import dev.recount.core.diff.VersionDiff;
import dev.recount.error.ErrorCode;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiffTextTest {
  private static final Instant CUT = Instant.parse("2026-03-28T10:00:00Z");
  private static final VersionDiff DIFF =
      new VersionDiff(
          "pages",
          new VersionDiff.Side(
              1, "SELECT url, count(*) AS views FROM p GROUP BY url", CUT, CUT.plusMillis(12_345)),
          new VersionDiff.Side(
              2, "SELECT url, count(*) AS views FROM p WHERE a < 'b' GROUP BY url", null, null),
          true,
          List.of("version 2: views is odd"),
          CUT.plusSeconds(10),
          List.of(
              new VersionDiff.ColumnChange(
                  "bots", "measure", VersionDiff.ADDED, null, "COUNT LONG"),
              new VersionDiff.ColumnChange("day", "dimension", VersionDiff.REMOVED, "DATE", null)),
          List.of("url"),
          new VersionDiff.Groups(1200, 1, 1, 1),
          List.of(
              new VersionDiff.MeasureDiff(
                  "views",
                  "COUNT",
                  100,
                  90,
                  -10.0,
                  -0.1,
                  1200,
                  0,
                  1,
                  List.of(new VersionDiff.Largest(List.of("/b"), 20, 15, -5.0)))),
          List.of(
              new VersionDiff.Group(List.of("/b"), VersionDiff.CHANGED, List.of(20), List.of(15)),
              new VersionDiff.Group(List.of("<i>"), VersionDiff.NEW, null, List.of(7)),
              new VersionDiff.Group(
                  Arrays.asList((Object) null), VersionDiff.GONE, List.of(12), null)));

  @Test
  void comparison_isReadable() {
    assertThat(DiffText.of(DIFF))
        .isEqualTo(
            """
            pages: version 1 to version 2
            arrivals   before 2026-03-28T10:00:10Z, the same of both
            version 1  batch until 2026-03-28T10:00:00Z, speed until 2026-03-28T10:00:12Z
            version 2  batch not yet, speed not yet
            groups by  url
            added      measure bots, COUNT LONG
            removed    dimension day, DATE
            warning    version 2: views is odd

             groups   equal  changed    new   gone
              1,203   1,200        1      1      1
            100.0 %  99.8 %    0.1 %  0.1 %  0.1 %

            Totals, and in how many groups they are equal:
            measure  in 1  in 2  difference       %  equal  within error  changed
            views     100    90         -10  -10.00  1,200             0        1

            Largest differences of views (1 of 1 groups):
            url  in 1  in 2  difference
            /b     20    15          -5

            A sample of what differs (3 of 3 groups):
            url               views
            /b    changed  20 to 15
            <i>   new             7
            NULL  gone           12
            """);
  }

  @Test
  void severalComparisons_beginWithASummary() {
    String text =
        DiffText.of(
            List.of(
                new DiffOutcome("pages", DIFF, null, null),
                new DiffOutcome("hits", null, ErrorCode.TOO_MANY_GROUPS, "Cannot: too many")));
    assertThat(text)
        .startsWith(
            """
            view   versions  columns  equal  changed  new  gone
            pages  1 to 2     differ  1,200        1    1     1
            hits   -               -      -        -    -     -  TOO_MANY_GROUPS

            pages: version 1 to version 2
            """)
        .endsWith("\nCannot: too many\n");
    assertThat(DiffText.of(List.of())).startsWith("No view has several versions");
  }

  @Test
  void numbersThatDiffer_areNotShownAsTheSame() {
    assertThat(DiffText.value(123_456_789.25)).isEqualTo("123456789.25");
    assertThat(DiffText.value(0.1 + 0.2)).isEqualTo("0.3");
    assertThat(DiffText.value(1e30)).isEqualTo("1" + "0".repeat(30));
    assertThat(DiffText.value(Double.NaN)).isEqualTo("NaN");
  }

  @Test
  void page_escapesWhatEventsHold_andShowsBothTexts() {
    String page = DiffHtml.page(DIFF);
    assertThat(page)
        .startsWith("<!DOCTYPE html>")
        .endsWith("</html>")
        .contains("<h1>pages: version 1 to version 2</h1>")
        .contains("<td>&lt;i&gt;</td>")
        .contains("WHERE a &lt; &#39;b&#39;")
        .doesNotContain("<i>");
  }

  /** On a narrow screen a wide table scrolls in its own place, and no number is broken. */
  @Test
  void page_fitsANarrowScreen_andNumbersStandBelowTheirNames() {
    String page = DiffHtml.page(DIFF);
    assertThat(page)
        .contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .contains("<th>measure</th><th class=\"number\">in 1</th>")
        .doesNotContain("\n<table>");
    assertThat(page.split("<table>", -1)).hasSameSizeAs(page.split("<div class=\"table\">", -1));
  }

  @Test
  void comparison_isReadAsItWasWritten() {
    assertThat(Json.read(Json.write(DIFF), VersionDiff.class)).isEqualTo(DIFF);
  }
}
