package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.infra.demo.drive.PageViewTraffic;
import dev.recount.infra.demo.drive.TrafficThread;
import dev.recount.ingest.door.Door;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever is killed under load: once it is up again, merged is the recount from raw. */
@ExtendWith(WholeStack.class)
class FaultsIT {
  private static final int RATE = 500;
  private static final String REQUESTS = "SELECT MEASURE(requests) FROM traffic";

  private final Gateway gateway = new Gateway(WholeStack.config());

  /**
   * One load for all kills, and one audit that finds what any of them has lost or doubled. The
   * batch run is killed first: a run that comes after another kill would put right what speed has
   * wrong.
   */
  @Test
  void whateverIsKilledUnderLoad_losesAndDoublesNothing() throws IOException {
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(WholeStack.config());
        Door door = Door.open(WholeStack.config(), catalog, clock);
        TrafficThread traffic =
            new TrafficThread(
                new PageViewTraffic(11, clock, PageViewTraffic.Shares.DEFAULT), door, RATE)) {
      traffic.start();
      await("traffic", () -> traffic.accepted() > 2 * RATE);
      killABatchRunWhilePublishing(catalog);
      for (int i = 0; i < WholeStack.FACTOR; i++) {
        for (String process : List.of("archive", "speed", "pinot-server", "pinot")) {
          killAndStart(process, traffic, catalog);
        }
      }
      Undecodable.send(WholeStack.config(), "page_view");
      requireBadRequestsRefused();
      long sent = traffic.accepted();
      await("traffic after the faults", () -> traffic.accepted() > sent + 2 * RATE);
      traffic.check();
    }
    run("audit", "page_views", "traffic", "visitors");
    run("audit", "archive");
  }

  /** The old answer stays, and the next run works. */
  private static void killABatchRunWhilePublishing(Catalog catalog) throws IOException {
    boolean wasPublishing = false;
    // A run may be through before it is seen to publish.
    for (int run = 0; run < 5 && !wasPublishing; run++) {
      Process batch = WholeStack.begin("batch", "run", "page_views", "traffic", "visitors");
      await("a publication to begin", () -> isPublishing(catalog) || !batch.isAlive());
      wasPublishing = isPublishing(catalog);
      batch.descendants().forEach(ProcessHandle::destroyForcibly);
      batch.destroyForcibly();
    }
    assertThat(wasPublishing).isTrue();
    run("audit", "page_views", "traffic", "visitors");
    run("batch", "run", "page_views", "traffic", "visitors");
  }

  private static boolean isPublishing(Catalog catalog) {
    return !catalog.batch().publishing().isEmpty();
  }

  /** Returns when what was sent meanwhile is counted, and the archive has continued. */
  private void killAndStart(String process, TrafficThread traffic, Catalog catalog) {
    long before = gateway.number(REQUESTS, "merged");
    long sentBefore = traffic.accepted();
    WholeStack.stack().kill(process);
    await("traffic without " + process, () -> traffic.accepted() > sentBefore + RATE);
    WholeStack.startAll();
    long sent = traffic.accepted() - sentBefore;
    long read = readByTheArchive(catalog);
    await(
        "the count of what was sent without " + process,
        () -> {
          Gateway.Reply reply = gateway.sql(REQUESTS, "merged");
          return reply.status() == 200 && reply.body().at("/rows/0/0").asLong() >= before + sent;
        });
    await("the archive to go on", () -> readByTheArchive(catalog) > read);
  }

  private static long readByTheArchive(Catalog catalog) {
    return catalog.services().heartbeats().stream()
        .filter(beat -> beat.service().equals("archive"))
        .map(Heartbeat::detailJson)
        .flatMap(json -> Json.read(json, JsonNode.class).findValues("read_position").stream())
        .mapToLong(JsonNode::asLong)
        .sum();
  }

  private void requireBadRequestsRefused() {
    assertThat(gateway.post("/v1/events/no_such_event", "{}").body().get("code").asText())
        .isEqualTo("EVENT_UNKNOWN");
    assertThat(gateway.sql("DROP TABLE traffic", "merged").body().get("code").asText())
        .isEqualTo("QUERY_NOT_SELECT");
    assertThat(gateway.sql("SELECT 1 FROM traffic", "sideways").body().get("code").asText())
        .isEqualTo("MODE_UNKNOWN");
  }

  private static void await(String thing, BooleanSupplier condition) {
    Deadline.after(Duration.ofMinutes(5)).require(thing, Duration.ofMillis(50), condition);
  }
}
