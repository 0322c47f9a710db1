package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditedBatchTest {
  private static final ViewPlan VIEW =
      new ViewPlan(
          "visits", 1, "visit", "SELECT 1", Map.of(), List.of(), List.of(), List.of(), null);

  @TempDir Path home;
  private Catalog catalog;

  @BeforeEach
  void open() {
    catalog =
        Catalog.open(
            RecountConfig.load(
                home,
                Optional.empty(),
                Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:audited" + home.hashCode())));
    catalog.views().add(VIEW, 0);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void whatExpired_isNotCompared_alsoIfItExpiredWhileItWasCounted() {
    AuditedBatch batch = AuditedBatch.begin(catalog, VIEW, 100);
    assertThatCode(batch::requireUnchanged).doesNotThrowAnyException();
    catalog.batch().requireFull(VIEW.table(), "events of 'visit' became too old");

    assertPending(batch::requireUnchanged);
    assertPending(() -> AuditedBatch.begin(catalog, VIEW, 100));
  }

  @Test
  void aBatchThatIsPublishedMeanwhile_isSeen_whateverItsCut() {
    AuditedBatch batch = AuditedBatch.begin(catalog, VIEW, 100);
    String run =
        catalog
            .runs()
            .begin(
                200,
                RunRequest.FULL,
                RunRequest.HAND,
                0,
                "here",
                1,
                List.of(RunView.due("visits", "visits_v1", RunRequest.FULL)));
    catalog
        .batch()
        .put(
            new Publication(
                run,
                "visits_v1",
                "visits",
                1,
                Publication.SERVING,
                RunRequest.FULL,
                200,
                1,
                "[]",
                1,
                "[]",
                null,
                null,
                1L));

    assertThatThrownBy(batch::requireUnchanged)
        .hasMessageContaining("more often than an audit takes")
        .matches(e -> AuditedBatch.isOvertaken((RuntimeException) e));
    assertThatThrownBy(() -> AuditedBatch.begin(catalog, VIEW, 100))
        .hasMessageContaining("covers arrivals up to 1970-01-01T00:00:00.200Z")
        .matches(e -> AuditedBatch.isOvertaken((RuntimeException) e));
    assertThatCode(AuditedBatch.begin(catalog, VIEW, 300)::requireUnchanged)
        .doesNotThrowAnyException();
  }

  private static void assertPending(ThrowingCallable work) {
    assertThatThrownBy(work)
        .hasMessageContaining("became too old")
        .hasFieldOrPropertyWithValue("code", ErrorCode.FULL_RUN_PENDING);
  }
}
