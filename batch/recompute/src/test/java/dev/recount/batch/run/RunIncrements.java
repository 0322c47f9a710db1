package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Incremental runs on a stack: what they add, and what is left of them. */
final class RunIncrements {
  /** Before all that is sent. */
  private static final Instant ARCHIVE_START = Instant.parse("2024-04-01T00:00:00Z");

  private static final Instant NOON = Instant.parse("2024-05-01T12:00:00Z");

  private final BatchStack stack;

  RunIncrements(BatchStack stack) {
    this.stack = stack;
  }

  void requireThatTheyGiveWhatAFullRunGives() {
    Random random = new Random(26);
    stack.run("traffic");
    for (int i = 0; i < 6; i++) {
      int count = 1 + random.nextInt(40);
      stack.send(count, NOON.minus(Duration.ofHours(random.nextInt(100_000))));
      long before = batchRequests();
      RunSummary summary = i == 3 ? stack.run("traffic") : stack.add("traffic");

      assertThat(summary.events()).isEqualTo(i == 3 ? stack.sent() : stack.sent() - before);
      assertThat(summary.views())
          .extracting(RunSummary.ViewPart::mode)
          .containsExactly(i == 3 ? RunRequest.FULL : RunRequest.INCREMENTAL);
      assertThat(batchRequests()).isEqualTo(stack.sent());
      assertThat(stack.merged()).isEqualTo(stack.sent());
    }
    Publication added = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
    List<String> shown = groups();
    assertThat(added.parts()).hasSizeBetween(2, 7);
    // Pinot lists a segment for some seconds after it was told to delete it.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(stack.controller().allSegments(BatchStack.TABLE))
                    .hasSizeLessThan(2 * added.segmentCount() + 5));
    stack.run("traffic");
    assertThat(groups()).isEqualTo(shown);
  }

  void requireThatTheNextRunContinuesFromAKilledOne() throws Exception {
    stack.send(7, NOON);
    stack.add("traffic");
    List<Publication> newest = stack.catalog().batch().publications(BatchStack.TABLE, 2);
    Publication added = newest.get(0);
    Publication before = newest.get(1);
    // What the catalog says if the run is killed once Pinot has swapped.
    stack.catalog().batch().put(before.with(Publication.SERVING, before.lineageId(), 1L));
    stack.catalog().batch().put(added.with(Publication.PUBLISHING, added.lineageId(), null));
    stack.send(5, NOON.minus(Duration.ofDays(3)));

    assertThat(stack.add("traffic").events()).isEqualTo(5);

    List<Publication> publications = stack.catalog().batch().publications(BatchStack.TABLE);
    assertThat(publications.get(1).runId()).isEqualTo(added.runId());
    assertThat(publications.get(1).status()).isEqualTo(Publication.REPLACED);
    assertThat(batchRequests()).isEqualTo(stack.sent());
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertNothingIsLeftOf(publications.get(0));
  }

  void requireThatWhatCannotBeAddedToIsFull() {
    stack.catalog().batch().requireFull(BatchStack.TABLE, "events were erased");
    stack.catalog().archive().startsAt("page_view", ARCHIVE_START.toEpochMilli());
    stack.send(3, NOON);
    requireFullNow();
    assertThat(stack.catalog().batch().fullRunDue(BatchStack.TABLE)).isEmpty();
    stack.send(1, NOON);
    assertThat(stack.add("traffic").views())
        .as("where the archive began when all was counted")
        .extracting(RunSummary.ViewPart::mode, RunSummary.ViewPart::from)
        .containsExactly(tuple(RunRequest.INCREMENTAL, ARCHIVE_START));

    Publication now = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
    stack
        .catalog()
        .batch()
        .put(
            new Publication(
                now.runId(),
                now.tableName(),
                now.viewName(),
                now.version(),
                now.status(),
                now.mode(),
                now.cutMs(),
                now.rowCount(),
                now.segmentsJson(),
                now.segmentCount(),
                now.partsJson(),
                "the hash of another definition",
                now.lineageId(),
                now.publishedMs()));
    requireFullNow();
  }

  private void requireFullNow() {
    RunSummary full = stack.add("traffic");
    assertThat(full.events()).isEqualTo(stack.sent());
    assertThat(full.views())
        .extracting(RunSummary.ViewPart::mode, RunSummary.ViewPart::from)
        .containsExactly(tuple(RunRequest.FULL, ARCHIVE_START));
    assertThat(stack.merged()).isEqualTo(stack.sent());
  }

  private List<String> groups() {
    List<String> groups = new ArrayList<>();
    stack
        .rows(
            "SELECT \"hour\", method, status, SUM(requests), SUM(bytes), MIN(min_bytes),"
                + " MAX(max_bytes), SUM(avg_bytes__count) FROM traffic_v1_OFFLINE WHERE _arrived < "
                + stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().cutMs()
                + " GROUP BY \"hour\", method, status ORDER BY \"hour\", method, status LIMIT 100000")
        .forEach(row -> groups.add(row.toString()));
    return groups;
  }

  private void assertNothingIsLeftOf(Publication serving) throws Exception {
    assertThat(stack.controller().unfinishedSwaps(BatchStack.TABLE)).isEmpty();
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(serving.segments());
    Publication before =
        stack.catalog().batch().publications(BatchStack.TABLE).stream()
            .filter(p -> p.status().equals(Publication.REPLACED))
            .findFirst()
            .orElseThrow();
    Set<String> known = new TreeSet<>(serving.segments());
    known.addAll(before.segments());
    // Pinot lists a segment for some seconds after it was told to delete it.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> assertThat(stack.controller().allSegments(BatchStack.TABLE)).isSubsetOf(known));
    Path lake = Path.of(stack.config().lakeUri());
    assertThat(lake.resolve("segments/" + BatchStack.TABLE)).doesNotExist();
    try (Stream<Path> runs = Files.list(lake.resolve("views/" + BatchStack.TABLE))) {
      assertThat(runs.map(p -> p.getFileName().toString().replace("run=", "")))
          .containsExactlyInAnyOrderElementsOf(
              stack
                  .catalog()
                  .batch()
                  .keptRuns(BatchStack.TABLE, stack.config().batch().keepRuns()));
    }
  }

  long batchRequests() {
    return stack
        .ask(
            "SELECT SUM(requests) FROM traffic_v1_OFFLINE WHERE _arrived < "
                + stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().cutMs())
        .path(0)
        .asLong();
  }
}
