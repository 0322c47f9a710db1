package dev.recount.demo;

import static dev.recount.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.contract.Deadline;
import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.door.Door;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is killed under load: once it is up again, merged is the recount from raw. */
@ExtendWith(WholeStack.class)
class FaultsIT {
  private static final int RATE = 1_000;

  private interface Fault {
    void happen(TrafficThread traffic) throws IOException;
  }

  private static void underLoad(Fault fault) throws IOException {
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(WholeStack.config());
        Door door = Door.open(WholeStack.config(), catalog, clock);
        TrafficThread traffic =
            new TrafficThread(
                new PageViewTraffic(11, clock, PageViewTraffic.Shares.DEFAULT), door, RATE)) {
      traffic.start();
      await("traffic", () -> traffic.accepted() > 2 * RATE);
      fault.happen(traffic);
      long sent = traffic.accepted();
      await("traffic after the fault", () -> traffic.accepted() > sent + 2 * RATE);
      traffic.check();
    }
    run("audit", "page_views", "traffic", "visitors");
  }

  private static void await(String thing, BooleanSupplier condition) {
    Deadline.after(Duration.ofMinutes(2)).require(thing, Duration.ofMillis(50), condition);
  }

  @ParameterizedTest
  @ValueSource(strings = {"archive", "speed", "pinot-server", "pinot"})
  void killedProcess_losesAndDoublesNothing(String process) throws IOException {
    underLoad(
        traffic -> {
          WholeStack.stack().kill(process);
          long sent = traffic.accepted();
          await("traffic without " + process, () -> traffic.accepted() > sent + RATE);
          WholeStack.stack().start();
        });
  }

  /** The archive is looked through from its beginning, so once is enough for all faults. */
  @AfterAll
  static void archiveHoldsEachPositionOnce() {
    run("audit", "archive");
  }

  @Test
  void batchRunKilledWhilePublishing_leavesTheOldAnswerAndTheNextRunWorks() throws IOException {
    underLoad(
        traffic -> {
          Process run = WholeStack.begin("batch", "run");
          try (Catalog catalog = Catalog.open(WholeStack.config())) {
            List<String> tables =
                catalog.views().all().stream().map(v -> v.plan().table()).toList();
            await(
                "a publication to begin",
                () ->
                    tables.stream()
                        .flatMap(table -> catalog.batch().publications(table).stream())
                        .anyMatch(p -> p.status().equals("PUBLISHING")));
          }
          run.descendants().forEach(ProcessHandle::destroyForcibly);
          run.destroyForcibly();
          run("audit", "page_views", "traffic", "visitors");
          run("batch", "run");
        });
  }

  @Test
  void badBytesOnTheTopic_andBadRequests_stopNothing() throws IOException {
    Gateway gateway = new Gateway(WholeStack.config());
    assertThat(gateway.post("/v1/events/no_such_event", "{}").body().get("code").asText())
        .isEqualTo("EVENT_UNKNOWN");
    assertThat(gateway.sql("DROP TABLE traffic", "merged").body().get("code").asText())
        .isEqualTo("QUERY_NOT_SELECT");
    assertThat(gateway.sql("SELECT 1 FROM traffic", "sideways").body().get("code").asText())
        .isEqualTo("MODE_UNKNOWN");
    underLoad(traffic -> Undecodable.send(WholeStack.config(), "page_view"));
  }
}
