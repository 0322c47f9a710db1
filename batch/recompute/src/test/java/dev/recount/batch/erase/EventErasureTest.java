package dev.recount.batch.erase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.archive.ArchiveLayout;
import dev.recount.batch.archive.ArchiveRewriter;
import dev.recount.batch.archive.ArchiveStore;
import dev.recount.batch.archive.OpenFile;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Erasure;
import dev.recount.core.catalog.FullRunDue;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.SparkSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Erasure on a real disk, with a real catalog and Spark. */
class EventErasureTest {
  private static final EventSchema OLD = schema("");
  private static final EventSchema NEW =
      schema(
          ", {\"name\": \"plan\", \"type\": \"string\", \"default\": \"free\", \"doc\": \"Paid.\"}");

  @TempDir Path home;
  private RecountConfig config;
  private Catalog catalog;
  private long next;

  private static EventSchema schema(String more) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "visit", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"},
           "recount": "event-time", "doc": "When."},
          {"name": "person", "type": ["null", "string"], "doc": "Who."},
          {"name": "pages", "type": "int", "doc": "How many."}%s]}"""
            .formatted(more),
        "visit");
  }

  @BeforeEach
  void open() throws IOException {
    config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + home.hashCode()));
    catalog = Catalog.open(config);
    catalog.events().apply(NEW, 0);
    catalog.views().add(view("visits", "visit"), 0);
    catalog.views().add(view("others", "other"), 0);
    append(OLD, "ann", "bob", null, "ann");
    append(OLD, "bob", "cid");
    append(NEW, "ann", "dan", "ann");
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private static ViewPlan view(String name, String event) {
    return new ViewPlan(
        name, 1, event, "SELECT 1", Map.of(), List.of(), List.of(), List.of(), null);
  }

  private void append(EventSchema schema, String... people) throws IOException {
    Configuration hadoop = new Configuration();
    OpenFile.Target target =
        new OpenFile.Target(
            ArchiveStore.of(config.archive().uri(), hadoop),
            new ArchiveLayout(new org.apache.hadoop.fs.Path(config.archive().uri()), "visit"),
            hadoop,
            "test",
            Clock.systemUTC());
    OpenFile file = new OpenFile(target, schema, 0, next, ArchiveLayout.date(next));
    for (String person : people) {
      GenericRecord visit = new GenericData.Record(schema.avro());
      visit.put("at", next);
      visit.put("person", person);
      visit.put("pages", (int) next);
      if (schema == NEW) {
        visit.put("plan", "paid");
      }
      file.write(visit, next, next);
      next++;
    }
    file.commit(next);
  }

  private ErasureReport erase(String condition, Consumer<ArchiveRewriter.Step> steps) {
    return erase(condition, steps, found -> true);
  }

  private ErasureReport erase(
      String condition, Consumer<ArchiveRewriter.Step> steps, Predicate<ErasureReport> isMeant) {
    SparkSession spark = SparkSessions.local("test", 1);
    try {
      return new EventErasure(
              config, catalog, Clock.systemUTC(), new Progress(text -> {}, false), spark, steps)
          .erase(NEW, condition, "someone@host", Duration.ZERO, isMeant);
    } finally {
      spark.stop();
    }
  }

  private List<ArchiveFile> files() {
    return Archive.open(config, catalog, "visit", new Configuration()).files();
  }

  /** Who is left, as batch runs count. */
  private List<String> people() {
    SparkSession spark = SparkSessions.local("test", 1);
    try {
      return ArchiveSlice.before(
              Long.MAX_VALUE, NEW, Archive.open(config, catalog, "visit", new Configuration()))
          .withPlace(spark)
          .orderBy("_offset")
          .collectAsList()
          .stream()
          .map(row -> row.<String>getAs("person"))
          .toList();
    } finally {
      spark.stop();
    }
  }

  @Test
  void erasedEvents_areGone_andTheirPositionsAccountedFor() {
    List<ArchiveFile> before = files();
    ErasureReport report = erase("person = 'ann'", step -> {});
    assertThat(report)
        .extracting("events", "files", "allFiles", "state", "left", "views")
        .containsExactly(4L, 2, 3, Erasure.GONE, 0, List.of("visits"));
    assertThat(people()).containsExactly("bob", null, "bob", "cid", "dan");
    assertThat(files()).extracting(ArchiveFile::erased).containsExactly(2L, 0L, 2L);
    assertThat(files()).extracting(ArchiveFile::logged).containsExactly(4L, 2L, 3L);
    assertThat(files().get(1)).isEqualTo(before.get(1));

    assertThat(catalog.archive().erasures())
        .singleElement()
        .extracting("event", "askedBy", "events", "files", "state")
        .containsExactly("visit", "someone@host", 4L, 2L, Erasure.GONE);
    assertThat(catalog.batch().fullRunDue("visits_v1"))
        .get()
        .extracting(FullRunDue::reason)
        .isEqualTo("4 events of 'visit' were erased");
    assertThat(catalog.batch().fullRunDue("others_v1")).isEmpty();
    assertThat(catalog.requests().pending())
        .singleElement()
        .extracting(RunRequest::viewName, RunRequest::mode)
        .containsExactly("visits", RunRequest.FULL);
    assertThat(erase("person = 'ann'", step -> {}).events()).isZero();
  }

  @Test
  void aCondition_seesEventsAsViewsDo() {
    assertThat(erase("plan = 'free' AND pages > 3", step -> {}, found -> false))
        .extracting("events", "files", "state")
        .containsExactly(2L, 1, ErasureReport.FOUND);
    assertThat(erase("person IS NULL", step -> {}, found -> false).events()).isEqualTo(1);
    assertThat(erase("person <> 'ann'", step -> {}, found -> false).events()).isEqualTo(4);
    assertThat(people()).hasSize(9);
    assertThat(catalog.archive().erasures()).isEmpty();
    assertThat(catalog.requests().pending()).isEmpty();
  }

  @Test
  void whatIsNoCondition_isRefused() {
    refused("person = ", ErrorCode.QUERY_SYNTAX).hasMessageContaining("Syntax error");
    refused("persn = 'ann'", ErrorCode.QUERY_COLUMN_UNKNOWN)
        .hasMessageContaining("there is no field `persn`; visit has [");
    refused("person", ErrorCode.QUERY_UNSUPPORTED);
    refused("rand() < 0.5", ErrorCode.QUERY_UNSUPPORTED);
    refused("pages = (SELECT 1)", ErrorCode.QUERY_UNSUPPORTED);
    refused("1 / (pages - 5) > 0", ErrorCode.QUERY_UNSUPPORTED);
    refused("count(*) > 1", ErrorCode.QUERY_UNSUPPORTED);
    assertThat(people()).hasSize(9);
  }

  private AbstractThrowableAssert<?, ?> refused(String condition, ErrorCode code) {
    return assertThatThrownBy(() -> erase(condition, step -> {}))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).as(condition).isEqualTo(code))
        .hasMessageContaining(condition);
  }

  /** The end of a process. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  @Test
  void anErasureThatWasKilled_isAskedForAgain_andNothingElseIsLost() {
    List<String> states = new ArrayList<>();
    boolean isDone = false;
    for (int step = 0; !isDone; step++) {
      int[] left = {step};
      List<FullRunDue> listed = new ArrayList<>();
      try {
        erase(
            "person IN ('ann', 'bob')",
            at -> {
              if (at == ArchiveRewriter.Step.WRITTEN) {
                catalog.batch().fullRunDue("visits_v1").ifPresent(listed::add);
              }
              if (left[0]-- == 0) {
                throw new Killed();
              }
            });
        isDone = true;
      } catch (Killed e) {
        assertThat(catalog.batch().fullRunDue("visits_v1")).isPresent();
        // By a run that had listed a file before it was rewritten.
        listed.forEach(due -> catalog.batch().fullRunDone(due, "r"));
      }
      // Each file is as it was, or as it shall be.
      List<ArchiveFile> now = files();
      assertThat(now.get(0).records()).isIn(4L, 1L);
      assertThat(now.get(1).records()).isIn(2L, 1L);
      assertThat(now.get(2).records()).isIn(3L, 1L);
      assertThat(now).extracting(ArchiveFile::logged).containsExactly(4L, 2L, 3L);
      states.add(catalog.archive().erasures().get(0).state());
    }
    assertThat(people()).containsExactly(null, "cid", "dan");
    assertThat(catalog.batch().fullRunDue("visits_v1"))
        .as("what such runs counted is stale")
        .isPresent();
    assertThat(catalog.requests().pending()).extracting(RunRequest::viewName).contains("visits");
    assertThat(states).startsWith(Erasure.ERASING).endsWith(Erasure.GONE);
    assertThat(catalog.archive().erasures())
        .extracting(Erasure::state)
        .doesNotContain(Erasure.ERASING, Erasure.ERASED);
  }
}
