package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** The catalog on a real H2 server, as the local stack runs it. */
class CatalogTest extends CatalogOnH2 {
  private static ViewPlan plan(int version) {
    return new ViewPlan(
        "views",
        version,
        "page_view",
        "SELECT 1",
        Map.of("time", "hour"),
        List.of(new ViewIndex("hour", IndexKind.RANGE)),
        List.of(new Dimension("hour", ColumnType.TIMESTAMP, false)),
        List.of(
            new Measure(
                "n",
                MeasureKind.COUNT,
                ColumnType.LONG,
                List.of(new StoredColumn("n", ColumnType.LONG, Merge.SUM)))),
        null);
  }

  private String begin(long startedMs) {
    return catalog
        .runs()
        .begin(startedMs, RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
  }

  private void succeeded(String run, long finishedMs) {
    String done = BatchRun.SUCCEEDED;
    catalog
        .runs()
        .beat(
            new RunBeat(
                run,
                done,
                finishedMs,
                10_000L,
                5L,
                "{}",
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
  }

  private static Publication publication(String run, String status, int segments) {
    return new Publication(
        run,
        "views_v1",
        "views",
        1,
        status,
        RunRequest.FULL,
        10_000,
        5,
        "[\"a\",\"b\"]",
        segments,
        Json.write(List.of(new BatchPart(run, 0, 10_000, 5, 99, 1))),
        "l",
        null,
        null);
  }

  @Test
  void secondOpen_findsWhatTheFirstWrote() {
    catalog.putSetting("a", "1");
    catalog.putSetting("a", "2");
    try (Catalog second = Catalog.open(config)) {
      assertThat(second.setting("a")).contains("2");
      assertThat(second.setting("b")).isEmpty();
    }
  }

  @Test
  void otherGrain_isRefused() {
    RecountConfig other = config(config.ports().base(), Map.of("RECOUNT_CUT_GRAIN", "20s"));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Catalog.open(other))
        .withMessageContaining("this catalog was made with 10 s")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  @Test
  void events_keepEveryWriterSchema() {
    EventSchema schema = event("schemas/events/page_view.avsc");
    EventCatalog events = catalog.events();
    assertThat(events.schema("page_view")).isEmpty();

    events.apply(event("schemas/event/src/test/resources/every_type.avsc"), 1);
    events.apply(schema, 2);
    events.apply(schema, 3);

    assertThat(events.names()).containsExactly("every_type", "page_view");
    assertThat(events.schema("page_view").orElseThrow().json()).isEqualTo(schema.json());
    assertThat(events.find(schema.fingerprint())).contains(schema.avro());
    assertThat(events.find(1)).isEmpty();
    assertThat(events.writerSchemas("page_view"))
        .extracting(WriterSchema::fingerprint)
        .containsExactly(schema.fingerprint());
  }

  @Test
  void writerSchemas_areRegisteredOnce_theFirstSinceTheLogBegan() {
    EventSchema first = event("schemas/events/page_view.avsc");
    EventSchema second =
        EventSchema.parse(
            first
                .json()
                .replace(
                    "\"fields\":[",
                    "\"fields\":[{\"name\":\"more\",\"type\":\"int\",\"default\":0,\"doc\":\"d\"},"),
            "second");
    EventCatalog events = catalog.events();
    events.apply(first, 10);
    events.apply(second, 20);
    events.apply(first, 30);
    events.apply(second, 40);

    assertThat(events.schema("page_view").orElseThrow().json()).isEqualTo(second.json());
    assertThat(events.writerSchemas("page_view"))
        .extracting(WriterSchema::registeredMs)
        .containsExactly(0L, 20L);
    assertThat(events.registeredMs(first.fingerprint())).isZero();
    assertThat(events.registeredMs(second.fingerprint())).isEqualTo(20);
  }

  @Test
  void views_firstVersionIsActive_speedMarksAreSetOnce() {
    ViewCatalog views = catalog.views();
    assertThat(views.active("views")).isEmpty();
    views.add(plan(1), 1);
    views.add(plan(2), 2);
    views.beginSpeed("views", 1, 4);
    views.beginSpeed("views", 1, 9);
    views.wholeSince("views", 1, 0);
    views.wholeSince("views", 1, 50);

    ViewVersion active = views.active("views").orElseThrow();
    assertThat(active.version()).isEqualTo(1);
    assertThat(active.speedFirstChunk()).isEqualTo(4);
    assertThat(active.speedSinceMs()).isZero();
    assertThat(active.plan()).isEqualTo(plan(1));
    assertThat(views.ofEvent("page_view")).extracting(ViewVersion::version).containsExactly(1, 2);
    assertThat(views.all().get(1).speedSinceMs()).isNull();
    assertThat(views.ofEvent("other")).isEmpty();
    assertThat(StatusReport.of(catalog, config, Clock.systemUTC()).views())
        .extracting(StatusReport.View::active)
        .containsExactly(true, false);
  }

  @Test
  void views_setAside_forgetsWhatWasWhole_untilWholeAgain() {
    ViewCatalog views = catalog.views();
    views.add(plan(1), 1);
    views.beginSpeed("views", 1, 4);
    views.wholeSince("views", 1, 0);
    views.setAside("views", 1, "too large", 20);
    views.setAside("views", 1, "still too large", 30);
    ViewVersion aside = views.find("views", 1).orElseThrow();
    assertThat(aside.speedFirstChunk()).isNull();
    assertThat(aside.speedSinceMs()).isNull();
    assertThat(aside.speedFailure()).isEqualTo("still too large");
    assertThat(aside.speedFailedMs()).isEqualTo(20);

    views.beginSpeed("views", 1, 9);
    assertThat(views.find("views", 1).orElseThrow().speedFailure()).isNotNull();
    views.wholeSince("views", 1, 50);
    ViewVersion again = views.find("views", 1).orElseThrow();
    assertThat(again.speedFirstChunk()).isEqualTo(9);
    assertThat(again.speedSinceMs()).isEqualTo(50);
    assertThat(again.speedFailure()).isNull();
    assertThat(again.speedFailedMs()).isNull();
    assertThat(views.find("views", 2)).isEmpty();
  }

  @Test
  void batch_servingPublicationReplacesTheOneBefore() {
    BatchCatalog batch = catalog.batch();
    String first = begin(1);
    String second = begin(2);
    succeeded(first, 9);
    assertThat(catalog.runs().newest(9))
        .extracting(RunReport::runId, RunReport::cut)
        .containsExactly(tuple(second, null), tuple(first, Instant.ofEpochMilli(10_000)));
    assertThat(batch.newestTookMs(11)).containsExactly(8L);

    batch.put(publication(first, Publication.PUBLISHING, 2));
    assertThat(batch.publishing()).extracting(Publication::runId).containsExactly(first);
    batch.put(publication(first, Publication.SERVING, 2));
    assertThat(batch.publishing()).isEmpty();
    batch.put(publication(second, Publication.SERVING, 3));

    assertThat(batch.serving("views_v1").orElseThrow().segmentCount()).isEqualTo(3);
    assertThat(batch.publications("views_v1"))
        .extracting(Publication::status)
        .containsExactly(Publication.SERVING, Publication.REPLACED);
    assertThat(batch.find(first, "views_v1").orElseThrow().status())
        .isEqualTo(Publication.REPLACED);
    assertThat(batch.find(second, "others_v1")).isEmpty();
    assertThat(batch.publications("views_v1", 1))
        .extracting(Publication::runId)
        .containsExactly(second);
    assertThat(batch.serving("views_v1").orElseThrow().segments()).containsExactly("a", "b");
  }

  @Test
  void publications_keepTheirParts_andThoseThatAreLongReplacedDoNot() {
    BatchCatalog batch = catalog.batch();
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < 35; i++) {
      runs.add(begin(i));
      batch.put(publication(runs.get(i), Publication.SERVING, 2));
    }
    batch.forgetNames("views_v1", 3);
    assertThat(batch.serving("views_v1").orElseThrow().parts())
        .containsExactly(new BatchPart(runs.get(34), 0, 10_000, 5, 99, 1));
    assertThat(batch.keptRuns("views_v1", 3))
        .containsExactlyInAnyOrderElementsOf(runs.subList(32, 35));
    assertThat(batch.usable("views_v1")).hasSize(30);
    List<Publication> all = batch.publications("views_v1");
    assertThat(all).hasSize(35);
    assertThat(all.subList(0, 30)).allSatisfy(p -> assertThat(p.segments()).hasSize(2));
    assertThat(all.subList(30, 35))
        .allSatisfy(p -> assertThat(p.segments()).isEmpty())
        .allSatisfy(p -> assertThat(p.parts()).isEmpty())
        .allSatisfy(p -> assertThat(p.segmentCount()).isEqualTo(2));
  }

  @Test
  void aPublication_countsFromWhereItsEarliestPartBegins_alsoOneOfAnOlderRelease() {
    BatchPart next = new BatchPart("r2", 100, 200, 5, 50, 1);
    String older =
        "[{\"run_id\":\"r1\",\"from_ms\":30,\"cut_ms\":100,\"rows\":5,\"bytes\":50,\"segments\":1}]";
    assertThat(ofParts(List.of(new BatchPart("r1", 0, 100, 5, 50, 1), next)).fromMs()).isZero();
    assertThat(ofParts(List.of()).fromMs()).isZero();
    assertThat(ofParts(Json.read(older, List.class)).fromMs()).isEqualTo(30);
    assertThat(ofParts(Json.read(older, List.class)).parts())
        .containsExactly(new BatchPart("r1", 30, 100, 5, 50, 1, false));
  }

  private static Publication ofParts(List<?> parts) {
    String json = Json.write(parts);
    return new Publication(
        "r", "t", "v", 1, Publication.SERVING, "full", 1, 1, "[]", 1, json, null, null, 1L);
  }

  @Test
  void fullRunThatIsDue_isMetOnlyByARunThatKnewOfIt() {
    BatchCatalog batch = catalog.batch();
    assertThat(batch.fullRunDue("views_v1")).isEmpty();
    batch.requireFull("views_v1", "events were erased");
    FullRunDue known = batch.fullRunDue("views_v1").orElseThrow();
    assertThat(known.reason()).isEqualTo("events were erased");
    batch.requireFull("views_v1", "more events were erased");

    batch.fullRunDone(known, "r9");
    FullRunDue left = batch.fullRunDue("views_v1").orElseThrow();
    assertThat(left.reason()).isEqualTo("more events were erased");
    batch.fullRunDone(left, "r9");
    assertThat(batch.fullRunDue("views_v1")).isEmpty();
  }

  @Test
  void rollRequests_areCounted() {
    assertThat(catalog.batch().rollRequests("page_view")).isZero();
    catalog.batch().requestRoll("page_view");
    catalog.batch().requestRoll("page_view");
    assertThat(catalog.batch().rollRequests("page_view")).isEqualTo(2);
    assertThat(catalog.batch().rollRequests("other")).isZero();
  }

  @Test
  void services_lastWordCounts() {
    ServiceCatalog services = catalog.services();
    services.beat(Heartbeat.of("speed", 1, 2, 3, "{}"));
    services.beat(Heartbeat.of("speed", 1, 2, 4, "{\"a\":1}"));
    services.beat(Heartbeat.of("archive", 2, 2, 3, "{}"));
    assertThat(services.heartbeats())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("ageMs")
        .containsExactly(
            Heartbeat.of("archive", 2, 2, 3, "{}"), Heartbeat.of("speed", 1, 2, 4, "{\"a\":1}"));

    assertThat(services.speedProgress("page_view")).isEmpty();
    SpeedProgress progress = SpeedProgress.of("page_view", "g", 3, 4, 5);
    services.report(SpeedProgress.of("page_view", "g", 1, 2, 3));
    services.report(progress);
    assertThat(services.speedProgress("page_view"))
        .get()
        .usingRecursiveComparison()
        .ignoringFields("ageMs")
        .isEqualTo(progress);
  }

  /** The process of a generation that another has replaced may go on for long on a quiet topic. */
  @Test
  void services_replacedGenerationOverwritesNoProgress() {
    ServiceCatalog services = catalog.services();
    String setting = EventCatalog.generationSetting("page_view");
    catalog.putSetting(setting, "old");
    services.report(SpeedProgress.of("page_view", "old", 7, 8, 9));
    catalog.putSetting(setting, "new");
    services.report(SpeedProgress.of("page_view", "new", 0, 10, 11));
    services.report(SpeedProgress.of("page_view", "old", 7, 12, 13));
    assertThat(services.speedProgress("page_view"))
        .get()
        .extracting(SpeedProgress::generation, SpeedProgress::chunk)
        .containsExactly("new", 0L);
  }

  /** Whatever clock the reporting host has: what it says of the time is an hour off here. */
  @Test
  void services_ageIsByTheCatalogsOwnClock() throws Exception {
    ServiceCatalog services = catalog.services();
    long wrong = Clock.systemUTC().millis() - 3_600_000;
    services.beat(Heartbeat.of("speed", 1, wrong - 5_000, wrong, "{}"));
    services.report(SpeedProgress.of("page_view", "g", 3, wrong - 200, wrong));
    catalog.views().add(plan(1), wrong);
    assertThat(catalog.views().active("views").orElseThrow().ageMs()).isBetween(0L, 600_000L);
    assertThat(services.heartbeats().get(0).ageMs()).isBetween(0L, 600_000L);
    assertThat(services.speedProgress("page_view").orElseThrow().freshnessMs())
        .isBetween(200L, 600_000L);
    setBack("heartbeat");
    setBack("speed_progress");
    setBack("view_version");
    for (ViewVersion view :
        List.of(
            catalog.views().active("views").orElseThrow(),
            catalog.views().find("views", 1).orElseThrow(),
            catalog.views().all().get(0))) {
      assertThat(view.ageMs()).isBetween(90_500L, 690_500L);
    }
    assertThat(services.heartbeats().get(0).ageMs()).isBetween(90_500L, 690_500L);
    assertThat(services.heartbeats().get(0).nowMs()).isBetween(wrong + 90_500, wrong + 690_500);
    assertThat(services.speedProgress("page_view").orElseThrow().freshnessMs())
        .isBetween(90_700L, 690_700L);
  }

  /** As if it had been said a minute and a half earlier. */
  private void setBack(String table) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                CatalogServer.url(config), config.catalog().user(), CatalogPassword.of(config));
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE " + table + " SET noted = noted - INTERVAL '90.5' SECOND");
    }
  }

  /** A pool does not test a connection that was used a moment ago. */
  @Test
  void whoAsksAllTheTime_goesOnWhenTheCatalogIsBack() {
    assertThat(answers()).isTrue();
    server.stop();
    server = CatalogServer.start(config);
    Deadline.after(Duration.ofMinutes(1))
        .require("an answer", Duration.ofMillis(10), this::answers);
  }

  private boolean answers() {
    try {
      catalog.events().names();
      return true;
    } catch (RecountException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNAVAILABLE);
      return false;
    }
  }

  @Test
  void catalogAway_isAnExternalError() {
    server.stop();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Catalog.open(config))
        .withMessageContaining("is the stack up?")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNAVAILABLE));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> catalog.setting("a"))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNAVAILABLE));
  }

  @Test
  void portTaken_isNamed() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> CatalogServer.start(config))
        .withMessageContaining("on port " + config.ports().catalog())
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.PORT_TAKEN));
  }

  @Test
  void newestMigration_isTheLastOfTheFolder() {
    MigrationInfo last =
        Arrays.stream(
                Flyway.configure()
                    .dataSource(
                        CatalogServer.url(config),
                        config.catalog().user(),
                        CatalogPassword.of(config))
                    .locations("classpath:dev/recount/core/catalog")
                    .load()
                    .info()
                    .all())
            .reduce((a, b) -> b)
            .orElseThrow();
    assertThat(last.getVersion().getVersion()).isEqualTo(String.valueOf(Migrations.newest()));
    assertThat(last.getState().isApplied()).isTrue();
  }

  @Test
  void homeOfAnOlderLayout_isRefusedByName() {
    catalog.close();
    String url = CatalogServer.url(config);
    Flyway flyway =
        Flyway.configure()
            .dataSource(url, config.catalog().user(), CatalogPassword.of(config))
            .locations("classpath:dev/recount/core/catalog")
            .cleanDisabled(false)
            .target("1")
            .load();
    flyway.clean();
    flyway.migrate();
    Jdbi jdbi = Jdbi.create(url, config.catalog().user(), CatalogPassword.of(config));
    jdbi.useHandle(h -> h.execute("INSERT INTO event_type VALUES ('page_view', 1, 1)"));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Catalog.open(config))
        .withMessageContaining("layout 1")
        .withMessageContaining(home.toString())
        .withMessageContaining("start a new home")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
    flyway.clean();
    flyway.migrate();
    catalog = Catalog.open(config);
  }

  private static EventSchema event(String file) {
    return EventSchema.read(Path.of(System.getProperty("recount.root"), file));
  }
}
