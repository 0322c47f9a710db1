package dev.recount.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.apply.Difference.State;
import dev.recount.apply.Difference.ViewState;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.ViewCompiler;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which version a file is, or becomes, on a real H2 catalog. */
class DifferenceTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final String ONE = "SELECT status, count(*) AS n FROM page_view GROUP BY status";
  private static final String TWO = ONE.replace("GROUP", "WHERE NOT is_bot GROUP");
  private static final String THREE = ONE.replace("count(*)", "sum(bytes)");

  @TempDir private Path home;
  private RecountConfig config;
  private Catalog catalog;

  @BeforeEach
  void open() {
    config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of(
                "RECOUNT_CATALOG_URL",
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
                "RECOUNT_CATALOG_PASSWORD",
                "secret"));
    catalog = Catalog.open(config);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private static ViewPlan plan(String text) {
    return COMPILER.plan(ViewFile.parse("pages", text), TestSpark.PAGE_VIEW);
  }

  private ViewState of(String text) {
    CheckedSchemas checked =
        new CheckedSchemas(Map.of(), List.of(plan(text)), List.of(), List.of());
    return Difference.of(checked, catalog, COMPILER, config, Instant.EPOCH).views().get("pages");
  }

  private void assertIs(String text, State state, int version) {
    assertThat(of(text)).returns(state, ViewState::state).returns(version, ViewState::version);
  }

  private void add(String text, int version) {
    catalog.views().add(plan(text).withVersion(version), 1);
  }

  @Test
  void fileIsComparedWithTheNewestVersion_whicheverReadersSee() {
    assertIs(ONE, State.NEW, 1);
    add(ONE, 1);
    assertIs(ONE.replace("SELECT ", "select   "), State.UNCHANGED, 1);
    assertIs("-- @description All.\n" + ONE, State.CHANGED, 1);
    assertIs(TWO, State.NEXT_VERSION, 2);
    assertThat(of(TWO).changes())
        .containsExactly("an expression, its WHERE, or the order of its columns changed");
    assertIs("-- @distinct event_id\n" + ONE, State.NEXT_VERSION, 2);
    add(TWO, 2);
    assertIs(TWO, State.UNCHANGED, 2);
    assertIs("-- @index status range\n" + TWO, State.CHANGED, 2);
    assertIs(THREE, State.NEXT_VERSION, 3);
    catalog.views().promote("pages", 1, 2);
    assertIs(TWO, State.UNCHANGED, 2);
  }

  @Test
  void countThatTheHeaderNames_adjustsTheRunningVersion() {
    String two = ONE.replace(" AS n", " AS n, count(*) AS m");
    add(two, 1);
    assertIs("-- @count m\n" + two, State.CHANGED, 1);
    assertThat(of("-- @count m\n" + two).changes()).containsExactly("@count (none) to 'm'");
  }

  @Test
  void planFromBeforeItWasKnownWhichMeasureCountsAll_isAdjusted() {
    ViewPlan plan = plan(ONE);
    catalog
        .views()
        .add(
            new ViewPlan(
                plan.view(),
                1,
                plan.event(),
                plan.sql(),
                plan.header(),
                plan.dimensions(),
                plan.measures()),
            1);
    assertIs(ONE, State.CHANGED, 1);
  }

  @Test
  void fileThatIsChangedBack_isTheOlderVersion_asLongAsThatIsKept() {
    add(ONE, 1);
    add(TWO, 2);
    assertIs(ONE, State.KEPT, 1);
    assertThat(of(ONE).changes()).isEmpty();
    assertThat(of("-- @description All.\n" + ONE).changes())
        .containsExactly("@description (none) to 'All.'");
    catalog.views().promote("pages", 1, 2);
    assertIs(ONE, State.KEPT, 1);
    catalog.views().markDropped("pages", 1);
    assertIs(ONE, State.NEXT_VERSION, 3);
    catalog.views().markDropped("pages");
    assertIs(TWO, State.NEW, 3);
  }

  @Test
  void versionWhoseMakingWasCutOff_isGoneOnWith_ifTheFileIsTheSame() {
    add(ONE, 1);
    catalog.views().begin(plan(TWO).withVersion(2), 1);
    assertIs(TWO, State.NEXT_VERSION, 2);
    assertIs(THREE, State.NEXT_VERSION, 3);
    assertIs("-- @index status range\n" + TWO, State.NEXT_VERSION, 3);
  }
}
