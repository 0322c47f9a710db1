package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.pinot.Mode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A query sees one version wholly, whatever becomes of it while it is asked. */
class MovedPointerTest {
  private static final long CUT = 20_000;
  private static final String SQL = "SELECT MEASURE(requests) FROM slow";

  @TempDir private Path home;
  private SlowPinot pinot;
  private Catalog catalog;
  private Gateway gateway;
  private String run;

  @BeforeEach
  void open() throws Exception {
    pinot = new SlowPinot();
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of(
                "RECOUNT_CATALOG_URL",
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1",
                "RECOUNT_PINOT_BROKER",
                pinot.url(),
                "RECOUNT_PINOT_CONTROLLER",
                pinot.url()));
    catalog = Catalog.open(config);
    run = catalog.runs().begin(1, RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
    add(1);
    add(2);
    gateway = new Gateway(config, catalog, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    gateway.close();
    catalog.close();
    pinot.close();
  }

  /** A version with one segment on either side. */
  private void add(int version) {
    ViewPlan plan = Plans.traffic("slow").withVersion(version);
    catalog.views().add(plan, 1);
    catalog
        .batch()
        .put(
            new Publication(
                run,
                plan.table(),
                plan.view(),
                version,
                Publication.SERVING,
                RunRequest.FULL,
                CUT,
                1,
                Json.write(List.of("s")),
                1,
                "[]",
                null,
                null,
                1L));
    String table = plan.table();
    pinot.answer("/debug/timeBoundary/" + table, body -> "{\"timeValue\":" + (CUT - 1) + "}");
    pinot.answer(
        "/debug/routingTable/" + table,
        body ->
            "{\"%s_OFFLINE\":{\"a\":[\"s\"]},\"%s_REALTIME\":{\"a\":[\"t\"]}}"
                .formatted(table, table));
    pinot.answer(
        "/tables/" + table + "/idealstate", body -> "{\"REALTIME\":{\"t\":{\"a\":\"CONSUMING\"}}}");
  }

  /** One row, whose every cell is the number of the table's version. */
  private static String row(String body) {
    String sql = Json.read(body, JsonNode.class).path("sql").asText();
    int columns = sql.substring(sql.indexOf("SELECT"), sql.indexOf(" FROM ")).split(", ").length;
    String version = sql.contains("slow_v1") ? "1" : "2";
    return "{\"resultTable\":{\"dataSchema\":{\"columnNames\":%s,\"columnDataTypes\":%s},\"rows\":[%s]},\"exceptions\":[],\"numSegmentsQueried\":1}"
        .formatted(
            Json.write(Collections.nCopies(columns, "c")),
            Json.write(Collections.nCopies(columns, "LONG")),
            Json.write(Collections.nCopies(columns, Integer.valueOf(version))));
  }

  private static int version(Answer answer) {
    return answer.provenance().version();
  }

  @Test
  void versions_areAskedByTheirNames() {
    pinot.answer("/query/sql", MovedPointerTest::row);
    Answer first = gateway.answer(SQL, Mode.BATCH);
    assertThat(first.rows()).isEqualTo(List.of(List.of(1L)));
    assertThat(version(first)).isEqualTo(1);
    Answer second = gateway.answer(SQL.replace("slow", "\"slow@2\""), Mode.BATCH);
    assertThat(second.rows()).isEqualTo(List.of(List.of(2L)));
    assertThat(version(second)).isEqualTo(2);
    assertThatThrownBy(() -> gateway.answer(SQL.replace("slow", "\"slow@3\""), Mode.BATCH))
        .hasMessageContaining("did you mean 'slow@1'? the views are slow@1, slow@2");
    assertThatThrownBy(() -> gateway.answer(SQL + "@2", Mode.BATCH))
        .hasMessageContaining("FROM \"page_views@2\"");
  }

  @Test
  void queryOfAVersionThatIsDroppedMeanwhile_isAnsweredByTheOneThatReadersSeeThen() {
    AtomicInteger asked = new AtomicInteger();
    pinot.answer(
        "/query/sql",
        body -> {
          if (asked.getAndIncrement() == 0) {
            assertThat(catalog.views().promote("slow", 1, 2)).isTrue();
            assertThat(catalog.views().markDropped("slow", 1)).isTrue();
          }
          return row(body);
        });
    Answer answer = gateway.answer(SQL, Mode.BATCH);
    assertThat(version(answer)).isEqualTo(2);
    assertThat(answer.rows()).isEqualTo(List.of(List.of(2L)));
  }

  @Test
  void queryOfAVersionByItsName_saysThatItIsGone() {
    pinot.answer(
        "/query/sql",
        body -> {
          catalog.views().markDropped("slow", 2);
          return row(body);
        });
    assertThatThrownBy(() -> gateway.answer(SQL.replace("slow", "\"slow@2\""), Mode.BATCH))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VIEW_UNKNOWN))
        .hasMessageContaining("'slow@2'");
  }

  /** Promoting alone changes no answer that has begun: its version is there still. */
  @Test
  void queryThatHasBegun_endsWithItsVersion() {
    pinot.answer(
        "/query/sql",
        body -> {
          catalog.views().promote("slow", 1, 2);
          return row(body);
        });
    assertThat(version(gateway.answer(SQL, Mode.BATCH))).isEqualTo(1);
    assertThat(version(gateway.answer(SQL, Mode.BATCH))).isEqualTo(2);
  }
}
