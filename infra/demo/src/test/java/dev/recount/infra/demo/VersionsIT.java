package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.demo.drive.PageViewTraffic;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.demo.drive.TrafficThread;
import dev.recount.ingest.door.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A view is counted otherwise from now on, and for all its past, while its readers go on reading.
 */
@ExtendWith(WholeStack.class)
class VersionsIT {
  private static final String FIRST =
      "SELECT page_url, count(*) AS hits FROM page_view GROUP BY page_url";
  private static final String SECOND =
      "SELECT page_url, count(*) AS hits, count_if(status >= 400) AS failed FROM page_view"
          + " WHERE NOT is_bot GROUP BY page_url";

  /** Two texts that count the same: whatever differs between their answers is a fault. */
  private static final String SAME =
      "SELECT page_url, method, count(*) AS views, sum(bytes) AS bytes, avg(bytes) AS mean,"
          + " max(event_time) AS last_seen, theta_sketch_agg(session_id) AS sessions,"
          + " hll_agg(ip_address) AS addresses, tdigest_agg(bytes) AS sizes FROM page_view"
          + " WHERE %s GROUP BY page_url, method";

  private static final String ALL = "true";
  private static final String NO_BOTS = "NOT coalesce(is_bot, false)";
  private static final String TOTAL = "SELECT MEASURE(hits) FROM hits";
  private static final int READERS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** A test of the second version that expects what the first one counts. */
  private static final String WRONG =
      """
      cases:
        - name: pages are counted
          events:
            - {event_time: 2026-03-01T10:00:00Z, ip_address: 192.0.2.1, page_url: /, method: GET, status: 404}
          query: SELECT MEASURE(hits) AS hits, MEASURE(failed) AS failed FROM hits
          expect:
            - {hits: 1, failed: 0}
      """;

  @TempDir private static Path schemas;
  @TempDir private static Path copies;
  private static Gateway gateway;

  @BeforeAll
  static void copyTheEvent() throws IOException {
    gateway = new Gateway(WholeStack.config());
    WholeStack.copySchemas(Recount.root().resolve("schemas"), schemas, "events/page_view.avsc");
    Files.createDirectories(schemas.resolve("views"));
  }

  private static String apply(String hits) throws IOException {
    write("hits", hits);
    return run("apply", "--schemas", schemas.toString());
  }

  private static void write(String view, String sql) throws IOException {
    Files.writeString(schemas.resolve("views/" + view + ".sql"), sql);
  }

  /** What is known of the newest version. */
  private static JsonNode newest() {
    return newest("hits");
  }

  private static JsonNode newest(String view) {
    JsonNode versions = gateway.get("/v1/versions?view=" + view).body().path("versions");
    return versions.path(versions.size() - 1);
  }

  /**
   * Reads again and again, and each time compares the answer with what its version alone says
   * before and after: with any part of the other version it would not lie between the two.
   */
  private final class Reader implements Runnable {
    @Override
    public void run() {
      while (!isOver) {
        Gateway.Reply all = ask("SELECT * FROM hits LIMIT 1");
        assertThat(all.body().path("columns").size())
            .isEqualTo(1 + all.body().at("/provenance/version").asInt());
        long[] before = {0, total(1), total(2)};
        Gateway.Reply reply = ask(TOTAL);
        assertThat(reply.body().at("/provenance/complete").asBoolean())
            .as("%s", reply.body())
            .isTrue();
        int version = reply.body().at("/provenance/version").asInt();
        assertThat(reply.body().at("/rows/0/0").asLong())
            .as("version %s", version)
            .isBetween(before[version], total(version));
        seen.add(version);
        Deadline.after(Duration.ofSeconds(1)).pause(Duration.ofMillis(50));
      }
    }

    private Gateway.Reply ask(String sql) {
      Gateway.Reply reply = gateway.anew(sql, "merged");
      assertThat(reply.status()).as("%s", reply.body()).isEqualTo(200);
      return reply;
    }

    /** What a version says by its own name; no bound once it is dropped. */
    private long total(int version) {
      Gateway.Reply reply =
          gateway.anew("SELECT MEASURE(hits) FROM \"hits@" + version + "\"", "merged");
      if (reply.body().path("code").asText().equals("VIEW_UNKNOWN")) {
        return Long.MAX_VALUE;
      }
      assertThat(reply.status()).as("%s", reply.body()).isEqualTo(200);
      return reply.body().at("/rows/0/0").asLong();
    }
  }

  private final Set<Integer> seen = new ConcurrentSkipListSet<>();
  private final List<Future<?>> readers = new ArrayList<>();
  private volatile boolean isOver;

  private void awaitSeen(int version) throws Exception {
    seen.clear();
    await()
        .atMost(PATIENCE)
        .until(() -> seen.contains(version) || readers.stream().anyMatch(Future::isDone));
    for (Future<?> reader : readers) {
      if (reader.isDone()) {
        reader.get(); // which says why
      }
    }
    assertThat(seen).contains(version);
  }

  @Test
  void changedView_isPromotedAndTakenBack_whileItsReadersSeeOneVersionWholly() throws Exception {
    Clock clock = Clock.systemUTC();
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    JsonNode diff;
    JsonNode same;
    try (Catalog catalog = Catalog.open(WholeStack.config());
        Door door = Door.open(WholeStack.config(), catalog, clock);
        TrafficThread traffic =
            new TrafficThread(
                new PageViewTraffic(31, clock, PageViewTraffic.Shares.DEFAULT), door, 100)) {
      traffic.start();
      versionsAreBorn();
      diff = versionsAreCompared_overTheSameArrivals();
      same = versionsThatCountTheSame_doNotDiffer();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(new Reader()));
      }
      awaitSeen(1);
      promoteThoughATestFails();
      awaitSeen(2);
      assertThat(WholeStack.recount("version", "drop", "hits@2").output())
          .contains("IN_USE: Cannot drop version 2 of view 'hits': readers see it");
      run("version", "promote", "hits", "--to", "1");
      awaitSeen(1);
      run("version", "promote", "hits", "--force");
      assertThat(run("version", "drop", "hits@1", "--dry-run")).contains("hits_v1_OFFLINE");
      assertThat(run("version", "drop", "hits@1")).contains("Version 1 of view 'hits' is gone");
      awaitSeen(2);
      isOver = true;
      for (Future<?> reader : readers) {
        reader.get();
      }
      requireGone(catalog);
      versionWhoseApplyWasEnded_goes(catalog);
      traffic.stop();
      traffic.check();
    } finally {
      isOver = true;
      threads.shutdown();
    }
    assertThat(run("audit", "hits")).contains("Every group of every view equals");
    ArchiveRecount archive = new ArchiveRecount(copies);
    assertThat(archive.compare(before(diff), ALL, NO_BOTS)).isEqualTo(found(diff));
    assertThat(archive.compare(before(same), ALL, ALL)).startsWith(total(same), total(same));
    versionOnAQuietTopic_begins();
    assertThat(run("drop", "view", "hits", "--yes")).contains("Version 2 of view 'hits' is gone");
    run("drop", "view", "same", "--yes");
    assertThat(gateway.sql(TOTAL, "merged").status()).isEqualTo(404);
    run("audit", "traffic");
  }

  private static void versionsAreBorn() throws IOException {
    write("same", SAME.formatted("page_url IS NOT NULL"));
    assertThat(apply(FIRST)).contains("view hits: added", "view same: added");
    run("batch", "run", "hits", "same");
    Files.writeString(
        Files.createDirectories(schemas.resolve("tests")).resolve("hits.yaml"), WRONG);
    write("same", SAME.formatted("is_bot IS NOT NULL"));
    assertThat(apply(SECOND))
        .contains("view hits: version 2 begins beside those that run: measure failed added")
        .contains("the next 'recount batch run hits' gives it all history");
    assertThat(apply(SECOND))
        .as("it is the newest, though readers see the first")
        .contains("view hits: unchanged");
    assertThat(WholeStack.recount("version", "promote", "hits").output())
        .contains("VERSION_NOT_PROMOTABLE: Cannot promote version 2 of view 'hits': ");
    JsonNode young = gateway.sql("SELECT * FROM \"hits@2\" LIMIT 1", "merged").body();
    assertThat(young.at("/provenance/version").asInt()).isEqualTo(2);
    assertThat(young.at("/provenance/complete").asBoolean()).isFalse();
    JsonNode early =
        await()
            .atMost(PATIENCE)
            .until(() -> gateway.get("/v1/views/hits/diff").body(), body -> body.has("complete"));
    assertThat(early.path("complete").asBoolean()).as("%s", early).isFalse();
    assertThat(early.path("warnings").toString()).contains("version 2: the speed layer has ");
    // A run that begins earlier may end before the first bucket that speed has whole.
    await()
        .atMost(PATIENCE)
        .until(
            () -> Stream.of("hits", "same").noneMatch(v -> newest(v).path("speed_since").isNull()));
    run("batch", "run", "hits", "same@2");
    assertThat(newest().path("promotable").asBoolean()).as("%s", newest()).isTrue();
    assertThat(newest().path("promotable_after_ms").asLong()).isPositive();
    assertThat(run("audit", "hits")).contains("hits@2", "Every group of every view equals");
  }

  private static void promoteThoughATestFails() {
    assertThat(WholeStack.recount("version", "promote", "hits").output())
        .contains("VERSION_NOT_PROMOTABLE", "1 of its tests do not pass", "pages are counted");
    assertThat(run("version", "promote", "hits", "--dry-run", "--force"))
        .contains("would see version 2 instead of 1", "columns that are new: failed");
    run("version", "promote", "hits", "--force");
  }

  private static void requireGone(Catalog catalog) {
    PinotController pinot = new PinotController(WholeStack.config(), Duration.ofSeconds(30));
    assertThat(pinot.hasOfflineTable("hits_v1")).isFalse();
    assertThat(pinot.hasOfflineTable("hits_v2")).isTrue();
    assertThat(Path.of(WholeStack.config().lakeUri()).resolve("views/hits_v1")).doesNotExist();
    assertThat(catalog.batch().publications("hits_v1")).isEmpty();
    assertThat(gateway.sql("SELECT * FROM \"hits@1\"", "merged").body().toString())
        .contains("VIEW_UNKNOWN", "did you mean 'hits@2'?");
    assertThat(gateway.get("/v1/views/hits@2?limit=1").status()).isEqualTo(200);
    assertThat(run("version", "drop", "hits@1")).contains("is gone already");
  }

  /** As after a kill: it is noted before the first of its tables is made. */
  private static void versionWhoseApplyWasEnded_goes(Catalog catalog) {
    catalog.views().begin(catalog.views().find("hits", 2).orElseThrow().plan().withVersion(3), 1);
    // Beside a run that a schedule has begun it stays for now.
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              run("batch", "clean");
              return catalog.views().unfinished().isEmpty();
            });
  }

  private static JsonNode versionsAreCompared_overTheSameArrivals() {
    JsonNode diff = Json.read(run("version", "diff", "hits", "--format", "json"), JsonNode.class);
    assertThat(diff.path("complete").asBoolean()).as("%s", diff).isTrue();
    assertThat(diff.path("columns").toString()).contains("failed", "added").doesNotContain("hits");
    assertThat(diff.at("/measures/0/largest/0/group").isEmpty()).as("%s", diff).isFalse();
    assertThat(run("version", "diff", "hits", "--by", "page_url", "--limit", "3"))
        .contains("added      measure failed, COUNT LONG")
        .contains("Largest differences of hits (3 of ", "A sample of what differs (3 of ");
    assertThat(run("version", "diff", "--format", "html"))
        .contains("<h1>Views with several versions</h1>", "<h1>hits: version 1 to version 2</h1>")
        .contains("WHERE NOT is_bot");
    return diff;
  }

  /** Of the first version batch covers less, and speed more, than of the second. */
  private static JsonNode versionsThatCountTheSame_doNotDiffer() {
    JsonNode diff = null;
    for (int time = 0; time < 3; time++) {
      diff = gateway.get("/v1/views/same/diff").body();
      assertThat(diff.path("complete").asBoolean()).as("%s", diff).isTrue();
      assertThat(moment(diff, "/from/batch_until")).isLessThan(moment(diff, "/to/batch_until"));
      assertThat(before(diff)).isGreaterThanOrEqualTo(moment(diff, "/to/batch_until"));
      assertThat(diff.at("/groups/equal").asLong()).isPositive();
      assertThat(diff.path("sample")).as("%s", diff).isEmpty();
      diff.path("measures")
          .forEach(m -> assertThat(m.path("changed").asLong()).as("%s", m).isZero());
    }
    assertThat(diff.at("/measures/0/total_to").asLong()).isEqualTo(total(diff));
    return diff;
  }

  private static long moment(JsonNode diff, String path) {
    return Instant.parse(diff.at(path).asText()).toEpochMilli();
  }

  private static long before(JsonNode diff) {
    return moment(diff, "/before");
  }

  private static long total(JsonNode diff) {
    return diff.at("/measures/0/total_from").asLong();
  }

  /** As {@link ArchiveRecount#compare} gives it. */
  private static List<Long> found(JsonNode diff) {
    return Stream.of(
            "/measures/0/total_from",
            "/measures/0/total_to",
            "/groups/equal",
            "/groups/changed",
            "/groups/new",
            "/groups/gone")
        .map(path -> diff.at(path).asLong())
        .toList();
  }

  /** Nothing arrives, so no micro-batch begins with it. */
  private static void versionOnAQuietTopic_begins() throws IOException {
    assertThat(apply("-- @description Hits.\n" + SECOND)).contains("view hits: changed");
    assertThat(apply(FIRST)).contains("version 4 begins");
    await()
        .atMost(PATIENCE)
        .until(
            () -> newest().path("version").asInt() == 4 && !newest().path("speed_since").isNull());
    assertThat(Json.write(newest())).contains("no batch covers it yet");
  }
}
