package dev.recount.serving.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.diff.VersionDiff;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.gateway.Plans;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions in a real catalog, of which readers see the first, or the third if it is promoted. */
class ComparedVersionsTest {
  @TempDir private static Path home;
  private static Catalog catalog;

  @BeforeAll
  static void addVersions() {
    String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
    catalog =
        Catalog.open(
            RecountConfig.load(home, Optional.empty(), Map.of("RECOUNT_CATALOG_URL", url)));
    for (String view : List.of("traffic", "promoted")) {
      catalog.views().add(Plans.traffic(view), 1);
      catalog.views().add(Plans.traffic(view).withVersion(2), 2);
      catalog.views().add(other(view, 3), 3);
    }
    catalog.views().promote("promoted", 1, 3);
    catalog.views().add(Plans.traffic("single"), 4);
  }

  @AfterAll
  static void close() {
    catalog.close();
  }

  /** Hour is gone, method is a number, status is larger; one measure is text now. */
  private static ViewPlan other(String view, int version) {
    return new ViewPlan(
        view,
        version,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(
            new Dimension("method", ColumnType.INT, true),
            new Dimension("status", ColumnType.LONG, true),
            new Dimension("country", ColumnType.STRING, true)),
        List.of(
            new Measure("requests", MeasureKind.SUM, ColumnType.DOUBLE, List.of()),
            new Measure("bytes", MeasureKind.MAX, ColumnType.STRING, List.of())));
  }

  private ComparedVersions compared(String view, Integer from, Integer to) {
    return ComparedVersions.of(catalog.views(), view, new DiffRequest(from, to, List.of(), 10));
  }

  private String versions(String view, Integer from, Integer to) {
    ComparedVersions compared = compared(view, from, to);
    return compared.from().version() + " to " + compared.to().version();
  }

  @Test
  void whatIsNotNamed_isWhatReadersSeeAndTheNewestOther() {
    assertThat(versions("traffic", null, null)).isEqualTo("1 to 3");
    assertThat(versions("traffic", 2, null)).isEqualTo("2 to 3");
    assertThat(versions("traffic", 3, null)).isEqualTo("3 to 2");
    assertThat(versions("traffic", null, 2)).isEqualTo("1 to 2");
    assertThat(versions("traffic", null, 1)).isEqualTo("3 to 1");
    assertThat(versions("traffic", 3, 1)).isEqualTo("3 to 1");
    assertThat(versions("promoted", null, null)).as("the earlier one is first").isEqualTo("2 to 3");
    assertThat(versions("promoted", null, 3)).isEqualTo("2 to 3");
  }

  @Test
  void whatIsNotThere_isRefused() {
    assertThatThrownBy(() -> compared("traffic", 2, 2)).hasMessageContaining("both are version 2");
    assertThatThrownBy(() -> compared("traffic", 1, 4))
        .hasMessageContaining("view 'traffic' has no version 4; it has 1, 2, 3");
    assertThatThrownBy(() -> compared("single", null, null))
        .hasMessageContaining("view 'single' has version 1 alone");
    assertThatThrownBy(() -> compared("trafic", null, null))
        .hasMessageContaining("did you mean 'traffic'?");
  }

  @Test
  void columnsOfOneVersion_areNamed_andTheOthersCompared() {
    ComparedVersions compared = compared("traffic", 1, 3);
    assertThat(compared.by(List.of())).as("whole numbers of any size").containsExactly("status");
    assertThat(compared.measures()).extracting(ComparedMeasure::name).containsExactly("requests");
    assertThat(compared.columns())
        .contains(
            new VersionDiff.ColumnChange(
                "hour", "dimension", VersionDiff.REMOVED, "TIMESTAMP", null),
            new VersionDiff.ColumnChange(
                "method", "dimension", VersionDiff.CHANGED, "STRING", "INT"),
            new VersionDiff.ColumnChange(
                "bytes", "measure", VersionDiff.CHANGED, "SUM LONG", "MAX STRING"),
            new VersionDiff.ColumnChange(
                "country", "dimension", VersionDiff.ADDED, null, "STRING"));
    assertThatThrownBy(() -> compared.by(List.of("hour")))
        .hasMessageContaining("'hour' is no dimension that both versions have; those are: status");
    assertThat(compared("traffic", 1, 2).columns()).isEmpty();
  }

  @Test
  void comparisonThatTakesTooLong_saysWhatMakesItShorter() {
    ViewPlan plan = Plans.traffic("traffic").withVersion(2);
    RecountException slow = new RecountException(ErrorCode.QUERY_TIMEOUT, "narrow WHERE");
    RecountException explained = VersionDiffs.explained(plan, slow);
    assertThat(explained.code()).isEqualTo(ErrorCode.QUERY_TIMEOUT);
    assertThat(explained)
        .hasMessageStartingWith("Cannot compare versions of view 'traffic': version 2 did not")
        .hasMessageContaining("'--by'");
    RecountException other = new RecountException(ErrorCode.PINOT_UNAVAILABLE, "away");
    assertThat(VersionDiffs.explained(plan, other)).isSameAs(other);
  }
}
