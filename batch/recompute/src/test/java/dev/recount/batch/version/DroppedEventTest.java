package dev.recount.batch.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.batch.archive.ArchiveRewriter;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What removes an event's records, on a real H2 catalog; no broker is there to be asked. */
class DroppedEventTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final String COMPACTION = "Waiting for the compaction of its archive to end ...";

  private static final EventSchema SCHEMA =
      EventSchema.parse(
          """
          {"type": "record", "name": "page_view", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"}]}""",
          "test");

  @TempDir private Path home;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());

  @Test
  void eventAppliedAgainDuringACompaction_keepsItsRecords() throws Exception {
    RecountConfig config = settings();
    Path records = Path.of(config.archive().uri()).resolve("page_view/records.parquet");
    FileUtils.touch(records.toFile());
    try (Catalog catalog = Catalog.open(config)) {
      catalog.events().apply(SCHEMA, 1);
      catalog.events().drop("page_view");
      CompletableFuture<ErrorCode> removal;
      try (HeldLease compaction =
          HeldLease.take(catalog.leases(), ArchiveRewriter.leaseOf("page_view"), "compaction")
              .orElseThrow()) {
        removal = CompletableFuture.supplyAsync(() -> refusal(config, catalog));
        await().atMost(SOON).until(() -> said.contains(COMPACTION));
        catalog.events().apply(SCHEMA, 2);
        compaction.requireHeld();
      }
      assertThat(removal.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ErrorCode.IN_USE);
      assertThat(Files.exists(records)).isTrue();
      assertThat(catalog.events().writerSchemas("page_view")).isNotEmpty();
    }
  }

  private RecountConfig settings() {
    return RecountConfig.load(
        home,
        Optional.empty(),
        Map.of(
            "RECOUNT_CATALOG_URL",
            "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
            "RECOUNT_CATALOG_PASSWORD",
            "secret"));
  }

  @Test
  void eventThatAViewCountsOrJoins_isRefused_alsoWhileThatIsMadeOrDropped() {
    RecountConfig config = settings();
    try (Catalog catalog = Catalog.open(config)) {
      catalog.views().add(plan("pages", 1, "page_view", null), 1);
      ViewJoin join = new ViewJoin("follow", List.of("follower"), List.of(), false);
      catalog.views().add(plan("timelines", 1, "tweet", join), 1);
      catalog.views().begin(plan("pages", 2, "page_view", null), 1);
      DroppedEvent event = new DroppedEvent(config, catalog, said::add);
      assertInUse(event, "page_view", "pages@1, pages@2 count or join it; remove them first");
      assertInUse(event, "follow", "timelines@1 count or join it");
      assertInUse(event, "tweet", "timelines@1 count or join it");

      catalog.views().markDropped("pages");
      assertInUse(event, "page_view", "pages@1, pages@2 count or join it");
      catalog.views().unfinished().forEach(catalog.views()::forget);
      assertThatCode(() -> event.requireUnread("page_view")).doesNotThrowAnyException();
    }
  }

  private static void assertInUse(DroppedEvent dropped, String event, String says) {
    assertThatThrownBy(() -> dropped.requireUnread(event))
        .hasMessageContaining("Cannot drop event '" + event + "': " + says)
        .extracting("code")
        .isEqualTo(ErrorCode.IN_USE);
  }

  private static ViewPlan plan(String view, int version, String event, ViewJoin join) {
    List<Dimension> dimensions = List.of(new Dimension("hour", ColumnType.TIMESTAMP, false));
    return new ViewPlan(
        view, version, event, "SELECT 1", Map.of(), List.of(), dimensions, List.of(), join);
  }

  private ErrorCode refusal(RecountConfig config, Catalog catalog) {
    try {
      new DroppedEvent(config, catalog, said::add).removeRecords("page_view");
      return null;
    } catch (RecountException e) {
      return e.code();
    }
  }
}
