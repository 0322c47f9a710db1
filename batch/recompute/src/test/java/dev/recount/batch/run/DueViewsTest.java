package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RequestCatalog;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.view.ViewPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which views a run covers, on a real H2 catalog. */
class DueViewsTest {
  @TempDir private Path home;
  private Catalog catalog;
  private RequestCatalog requests;
  private DueViews due;

  @BeforeEach
  void open() {
    catalog = Catalog.open(MemoryCatalog.settings(home));
    MemoryCatalog.add(catalog, "a", 1, 2);
    MemoryCatalog.add(catalog, "b", 1);
    MemoryCatalog.add(catalog, "c", 1);
    requests = catalog.requests();
    due = new DueViews(catalog);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void dueRun_coversWhatIsDue_andForgetsViewsThatAreGone() {
    assertThat(due.requested().plans()).isEmpty();
    requests.add("a", RunRequest.INCREMENTAL, RunRequest.SCHEDULE);
    requests.add("b", RunRequest.FULL, RunRequest.MISSED);
    requests.add("gone", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.add("c", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.take("r", requests.due().stream().filter(r -> r.viewName().equals("c")).toList());
    requests.giveBack("r", 3, Duration.ofHours(1));

    RunWork work = due.requested();
    assertThat(work.plans())
        .extracting(ViewPlan::table)
        .containsExactlyInAnyOrder("a_v1", "a_v2", "b_v1");
    assertThat(work.modes()).isEqualTo(Map.of("a", "incremental", "b", "full"));
    assertThat(work.requests())
        .extracting(RunRequest::viewName)
        .containsExactlyInAnyOrder("a", "b");
    assertThat(requests.all()).extracting(RunRequest::viewName).doesNotContain("gone");
    assertThat(work.attempt()).isZero();
  }

  @Test
  void everyVersionIsComputed_whicheverReadersSee_andOneAloneByItsName() {
    catalog.views().promote("a", 1, 2);
    requests.add("a", RunRequest.FULL, RunRequest.HAND);
    assertThat(due.choose(List.of("a")))
        .extracting(ViewPlan::table)
        .containsExactly("a_v1", "a_v2");
    RunWork one = due.ordered(List.of("a@1"), RunRequest.INCREMENTAL);
    assertThat(one.plans()).extracting(ViewPlan::table).containsExactly("a_v1");
    assertThat(one.requests()).as("they are for all versions").isEmpty();
    assertThatThrownBy(() -> due.choose(List.of("a@3")))
        .hasMessageContaining("Cannot find the view 'a@3': did you mean 'a@1'?");
    catalog.views().markDropped("a", 1);
    assertThat(due.choose(List.of())).extracting(ViewPlan::table).doesNotContain("a_v1");
  }

  @Test
  void versionThatComesWhileARunBegins_isAskedForAgain() {
    requests.add("a", RunRequest.FULL, RunRequest.SCHEDULE);
    RunWork work = due.requested();
    MemoryCatalog.add(catalog, "a", 3);
    requests.add("a", RunRequest.INCREMENTAL, RunRequest.HAND);
    requests.take("r", work.requests());
    assertThat(requests.pending()).isEmpty();
    due.askForNewer(work);
    assertThat(requests.pending()).extracting(RunRequest::viewName).containsExactly("a");
    requests.done("r", List.of("a"));
    due.askForNewer(due.requested());
    assertThat(requests.pending()).hasSize(1);
  }

  @Test
  void runByHand_coversThePendingRequestsOfItsViews_alsoThoseThatWait() {
    requests.add("a", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.add("b", RunRequest.INCREMENTAL, RunRequest.SCHEDULE);
    requests.take("r", requests.due());
    requests.giveBack("r", 3, Duration.ofHours(1));

    RunWork work = due.ordered(List.of("a", "c"), RunRequest.INCREMENTAL);
    assertThat(work.requests()).extracting(RunRequest::viewName).containsExactly("a");
    assertThat(work.views())
        .extracting(RunView::table, RunView::mode)
        .as("somebody has asked for a full run of a")
        .containsExactly(
            tuple("a_v1", "full"), tuple("a_v2", "full"), tuple("c_v1", "incremental"));
    assertThat(work.attempt()).isEqualTo(1);
    assertThat(work.origin()).isEqualTo(RunRequest.RETRY);
  }
}
