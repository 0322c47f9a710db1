package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.recount.core.Json;
import dev.recount.core.version.VersionReport;
import dev.recount.core.version.Versions;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Several versions of one view, on a real H2 catalog. */
class VersionsTest extends CatalogOnH2 {
  private static final long SINCE = 50_000;

  private static ViewPlan plan(String view, int version) {
    return new ViewPlan(
        view,
        version,
        "page_view",
        "SELECT " + version,
        Map.of(),
        List.of(new Dimension("c" + version, ColumnType.STRING, true)),
        List.of());
  }

  private void add(String view, int... versions) {
    for (int version : versions) {
      catalog.views().add(plan(view, version), 1);
    }
  }

  private Versions versions() {
    return new Versions(catalog);
  }

  private VersionReport report(String view, int version) {
    return versions().list(view).stream().filter(v -> v.version() == version).findFirst().get();
  }

  /** A batch of a version serves what arrived before a cut. */
  private void publish(String view, int version, long cutMs) {
    String run =
        catalog.runs().begin(cutMs, RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
    catalog
        .batch()
        .put(
            new Publication(
                run,
                ViewPlan.table(view, version),
                view,
                version,
                Publication.SERVING,
                RunRequest.FULL,
                cutMs,
                5,
                Json.write(List.of("s")),
                1,
                "[]",
                null,
                null,
                1L));
  }

  private static void assertRefused(ErrorCode code, String reason, Callable<?> work) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(work::call)
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void readers_seeTheFirstVersion_untilAnotherIsPromoted_andEachIsAskedByItsName() {
    add("pages", 1, 2);
    add("other", 1);
    assertThat(catalog.views().named("pages")).map(ViewVersion::version).contains(1);
    assertThat(catalog.views().named("pages@2")).map(ViewVersion::table).contains("pages_v2");
    assertThat(catalog.views().named("pages@3")).isEmpty();
    assertThat(catalog.views().named("pages@02")).isEmpty();
    assertThat(catalog.views().named("pages@99999999999")).isEmpty();
    assertThat(catalog.views().named("pages@")).isEmpty();
    assertThat(catalog.views().named("@1")).isEmpty();
    assertThat(catalog.views().namesLike("page")).containsExactly("other", "pages");
    assertThat(catalog.views().namesLike("pages@7"))
        .containsExactly("other@1", "pages@1", "pages@2");

    catalog.views().wholeSince("pages", 2, 0);
    Versions.Promotion promotion = versions().promote("pages", null);
    assertThat(promotion.added()).containsExactly("c2");
    assertThat(promotion.removed()).containsExactly("c1");
    assertThat(catalog.views().named("pages")).map(ViewVersion::version).contains(2);
    assertThat(catalog.views().named("pages@1")).isPresent();
    assertThat(versions().list())
        .extracting(VersionReport::view, VersionReport::version, VersionReport::state)
        .containsExactly(
            tuple("other", 1, "active"), tuple("pages", 1, "kept"), tuple("pages", 2, "active"));
    assertThat(versions().promote("pages", 2).changesNothing()).isTrue();
  }

  @Test
  void version_isPromotable_onceBatchHasPassedTheStartOfItsSpeed() {
    add("pages", 1, 2);
    assertThat(report("pages", 2).reason()).contains("the speed layer has not begun with it");
    catalog.views().wholeSince("pages", 2, SINCE);
    assertThat(report("pages", 2).reason())
        .contains("since " + Instant.ofEpochMilli(SINCE), "no batch covers it yet")
        .contains("'recount batch run pages' computes it");
    publish("pages", 2, SINCE - 10_000);
    catalog.requests().add("pages", RunRequest.FULL, RunRequest.HAND);
    assertThat(report("pages", 2).reason())
        .contains("only until " + Instant.ofEpochMilli(SINCE - 10_000), "a run is asked for");
    assertRefused(
        ErrorCode.VERSION_NOT_PROMOTABLE,
        "since " + Instant.ofEpochMilli(SINCE),
        () -> versions().promote("pages", 2));
    assertThat(report("pages", 2).promotableAfterMs()).isNull();

    publish("pages", 2, SINCE);
    assertThat(report("pages", 2).promotable()).isTrue();
    assertThat(report("pages", 2).reason()).isNull();
    assertThat(report("pages", 2).promotableAfterMs()).isNotNegative();
    assertThat(versions().promote("pages", null).to().version()).isEqualTo(2);

    catalog.views().setAside("pages", 1, "too large", 7);
    assertRefused(
        ErrorCode.VERSION_NOT_PROMOTABLE, "too large", () -> versions().promote("pages", 1));
  }

  @Test
  void versionsThatAreNotThere_areSaid() {
    add("pages", 1);
    assertRefused(
        ErrorCode.VIEW_UNKNOWN,
        "Cannot find the view 'pages@2': did you mean 'pages@1'?",
        () -> versions().promote("pages", 2));
    assertRefused(ErrorCode.VIEW_UNKNOWN, "did you mean 'pages'?", () -> versions().list("page"));
    assertRefused(
        ErrorCode.VIEW_UNKNOWN,
        "Cannot find the view 'pages@1': that is one version of a view; name the view, 'pages'",
        () -> versions().promote("pages@1", null));
  }

  @Test
  void versionThatIsBeingMade_isNobodys_andIsGoneOnWith() {
    add("pages", 1);
    catalog.views().begin(plan("pages", 2), 5);
    assertThat(catalog.views().all()).extracting(ViewVersion::version).containsExactly(1);
    assertThat(catalog.views().find("pages", 2)).isEmpty();
    assertThat(catalog.views().unfinished()).extracting(ViewVersion::name).containsOnly("pages@2");
    assertThat(report("pages", 2).state()).isEqualTo(VersionReport.MAKING);
    assertThat(report("pages", 2).promotable()).isFalse();
    assertThat(catalog.views().nextVersion("pages")).isEqualTo(3);
    assertThat(catalog.views().promote("pages", 1, 2)).isFalse();
    catalog.views().live(plan("pages", 2));
    catalog.views().live(plan("pages", 2));
    assertThat(catalog.views().find("pages", 2)).isPresent();
    assertThat(catalog.views().active("pages")).map(ViewVersion::version).contains(1);
  }

  @Test
  void versionsFirstRun_isAskedForInTheStepThatMakesItLive() {
    add("pages", 1);
    catalog.requests().add("pages", RunRequest.FULL, RunRequest.SCHEDULE);
    catalog.views().begin(plan("pages", 2), 5);
    catalog.views().begin(plan("other", 1), 5);
    catalog.views().liveAndDue(plan("pages", 2));
    catalog.views().liveAndDue(plan("other", 1));
    assertThat(catalog.requests().all())
        .extracting(RunRequest::viewName, RunRequest::mode, RunRequest::origin)
        .containsExactlyInAnyOrder(
            tuple("pages", RunRequest.FULL, RunRequest.HAND),
            tuple("other", RunRequest.INCREMENTAL, RunRequest.HAND));
    assertThat(catalog.views().active("other")).map(ViewVersion::version).contains(1);
  }

  @Test
  void versionWhoseMakingWasGivenUp_isNotMadeLiveByWhoMadeIt() {
    add("pages", 1);
    catalog.views().begin(plan("pages", 2), 5);
    catalog.views().begin(plan("other", 1), 5);
    catalog.views().markUnmadeDropped();
    catalog.views().live(plan("pages", 2));
    catalog.views().live(plan("other", 1));
    assertThat(catalog.views().all()).extracting(ViewVersion::name).containsExactly("pages@1");
    assertThat(catalog.views().unfinished())
        .extracting(ViewVersion::name, ViewVersion::state)
        .containsExactly(
            tuple("other@1", ViewVersion.DROPPING), tuple("pages@2", ViewVersion.DROPPING));
    catalog.views().unfinished().forEach(catalog.views()::forget);
    add("other", 2);
    assertThat(catalog.views().active("other"))
        .as("readers were not led to what is gone")
        .map(ViewVersion::version)
        .contains(2);
  }

  @Test
  void droppedVersion_isNobodysAtOnce_andItsNumberIsNeverUsedAgain() {
    add("pages", 1, 2);
    publish("pages", 2, SINCE);
    catalog.batch().requireFull("pages_v2", "erased");
    assertThat(catalog.views().markDropped("pages", 1)).as("readers see it").isFalse();
    assertThat(catalog.views().markDropped("pages", 2)).isTrue();
    assertThat(catalog.views().markDropped("pages", 2)).as("again").isTrue();
    assertThat(catalog.views().named("pages@2")).isEmpty();
    assertThat(catalog.views().promote("pages", 1, 2)).isFalse();
    assertThat(report("pages", 2).state()).isEqualTo(VersionReport.DROPPING);
    assertThat(catalog.batch().publications("pages_v2")).isNotEmpty();

    ViewVersion marked = catalog.views().unfinished().get(0);
    catalog.views().forget(marked);
    catalog.views().forget(marked);
    assertThat(catalog.batch().publications("pages_v2")).isEmpty();
    assertThat(catalog.batch().fullRunDue("pages_v2")).isEmpty();
    assertThat(catalog.views().unfinished()).isEmpty();
    assertThat(catalog.views().markDropped("pages", 2)).as("it is gone").isFalse();
    assertThat(catalog.views().nextVersion("pages")).isEqualTo(3);
  }

  @Test
  void droppedView_isUnknownAtOnce_andBeginsWithTheNextNumberWhenItIsBack() {
    add("pages", 1, 2);
    add("other", 1);
    catalog.requests().add("pages", RunRequest.FULL, RunRequest.HAND);
    catalog.schedules().pause("pages", true);
    catalog.views().markDropped("pages");
    assertThat(catalog.views().active("pages")).isEmpty();
    assertThat(catalog.views().all()).extracting(ViewVersion::viewName).containsExactly("other");
    assertThat(catalog.requests().all()).isEmpty();
    assertThat(catalog.schedules().find("pages")).isEmpty();
    catalog.views().unfinished().forEach(catalog.views()::forget);
    assertRefused(ErrorCode.VIEW_UNKNOWN, "the views are other", () -> versions().list("pages"));

    int next = catalog.views().nextVersion("pages");
    assertThat(next).isEqualTo(3);
    add("pages", next);
    assertThat(catalog.views().active("pages")).map(ViewVersion::version).contains(3);
  }

  @Test
  void promotingAndDroppingAtOnce_leaveReadersWithAVersionThatIsThere() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        String view = "race_" + round;
        add(view, 1, 2, 3);
        List<Callable<Boolean>> all =
            List.of(
                () -> catalog.views().promote(view, 1, 2),
                () -> catalog.views().promote(view, 1, 3),
                () -> catalog.views().markDropped(view, 2),
                () -> catalog.views().markDropped(view, 3));
        List<Boolean> done = new ArrayList<>();
        for (Future<Boolean> result : threads.invokeAll(all)) {
          done.add(result.get());
        }
        assertThat(catalog.views().active(view)).as("after %s", done).isPresent();
        assertThat(done.get(0) && done.get(1)).as("both were promoted").isFalse();
        assertThat(done.get(0) && done.get(2)).as("promoted and dropped").isFalse();
        assertThat(done.get(1) && done.get(3)).as("promoted and dropped").isFalse();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void promotingTheSameVersionAtOnce_isAsPromotingItOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        String view = "same_" + round;
        add(view, 1, 2);
        catalog.views().wholeSince(view, 2, 0);
        Callable<Versions.Promotion> promote = () -> versions().promote(view, 2);
        for (Future<Versions.Promotion> done :
            threads.invokeAll(List.of(promote, promote, promote, promote))) {
          assertThat(done.get().to().version()).isEqualTo(2);
        }
        assertThat(catalog.views().active(view)).map(ViewVersion::version).contains(2);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
