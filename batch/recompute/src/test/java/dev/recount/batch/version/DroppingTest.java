package dev.recount.batch.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recount.batch.clean.Janitor;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.Lease;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who removes versions, on a real H2 catalog; Pinot is not there to be asked. */
class DroppingTest {
  private static final ViewPlan PAGES =
      new ViewPlan(
          "pages",
          1,
          "page_view",
          "SELECT 1",
          Map.of(),
          List.of(),
          List.of(new Dimension("hour", ColumnType.TIMESTAMP, false)),
          List.of(),
          null);

  @TempDir private Path home;

  static Stream<Named<BiConsumer<RecountConfig, Catalog>>> commands() {
    return Stream.of(
        Named.of(
            "drop",
            (config, catalog) -> {
              Dropping dropping = new Dropping(config, catalog, sentence -> {});
              dropping.removeWhenFree(dropping.marked());
            }),
        Named.of(
            "janitor",
            (config, catalog) -> new Janitor(config, catalog, Clock.systemUTC()).clean(false)));
  }

  /**
   * A micro-batch may take minutes; it is waited for until it ends, or nobody says that it runs.
   */
  @ParameterizedTest
  @MethodSource("commands")
  void whileAMicroBatchIsWaitedFor_runsAreNotKeptAway(BiConsumer<RecountConfig, Catalog> command)
      throws InterruptedException {
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of(
                "RECOUNT_CATALOG_URL",
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
                "RECOUNT_CATALOG_PASSWORD",
                "secret",
                "RECOUNT_PORT_BASE",
                "1024"));
    try (Catalog catalog = Catalog.open(config)) {
      catalog.views().add(PAGES, 1);
      catalog.views().markDropped("pages");
      catalog.services().beat(Heartbeat.of("speed", 1, 1, 1, "{}"));
      CountDownLatch isOver = new CountDownLatch(1);
      Thread working =
          new Thread(() -> workUntil(isOver, () -> command.accept(config, catalog)), "removes");
      working.setDaemon(true);
      working.start();
      boolean[] wasAway = new boolean[1];
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                boolean isTaken = catalog.leases().find(Lease.BATCH_RUN).isPresent();
                // Asked after that: it was still waited for then.
                boolean isWaitedFor = catalog.services().heartbeats().get(0).ageMs() < 4_500;
                assertThat(isTaken && isWaitedFor).as("runs wait for the speed layer").isFalse();
                wasAway[0] |= !isTaken && isWaitedFor && working.isAlive();
                return isTaken;
              });
      assertThat(wasAway[0]).isTrue();
      isOver.countDown();
      working.interrupt();
      working.join(Duration.ofMinutes(1).toMillis());
      assertThat(working.isAlive()).isFalse();
    }
  }

  /** Once the test is over, there is no Pinot that anything could be removed from. */
  private static void workUntil(CountDownLatch isOver, Runnable work) {
    try {
      work.run();
    } catch (RecountException e) {
      if (isOver.getCount() > 0) {
        throw e;
      }
    }
  }
}
