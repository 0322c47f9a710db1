package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Catalog;
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

  private static void assertPending(ThrowingCallable work) {
    assertThatThrownBy(work)
        .hasMessageContaining("became too old")
        .hasFieldOrPropertyWithValue("code", ErrorCode.FULL_RUN_PENDING);
  }
}
