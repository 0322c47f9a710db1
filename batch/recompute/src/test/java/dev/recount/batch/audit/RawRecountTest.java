package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveLayout;
import dev.recount.batch.archive.ArchiveStore;
import dev.recount.batch.archive.OpenFile;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.SparkSessions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawRecountTest {
  private static final EventSchema EVENT =
      EventSchema.parse(
          """
          {"type": "record", "name": "hit", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d",
             "recount": "event-time"},
            {"name": "id", "type": ["null", "string"], "default": null, "doc": "d"},
            {"name": "page", "type": "string", "doc": "d"}]}""",
          "hit");

  @TempDir private static Path root;
  private static SparkSession spark;
  private static long position;

  /** The arrival of the record at an offset is ten times the offset. */
  @BeforeAll
  static void start() throws IOException {
    spark = SparkSessions.local("raw recount", 2);
    archive("1 /a", "2 /a", "- /a", "3 /b");
    archive("1 /a", "4 /b", "- /a");
    archive("2 /a", "4 /b", "5 /a");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static void archive(String... records) throws IOException {
    OpenFile file =
        new OpenFile(
            new OpenFile.Target(
                ArchiveStore.of(root.toUri(), new Configuration()),
                new ArchiveLayout(new org.apache.hadoop.fs.Path(root.toUri()), EVENT.name()),
                new Configuration(),
                "test",
                Clock.systemUTC()),
            EVENT,
            0,
            position,
            ArchiveLayout.date(position));
    for (String record : records) {
      file.write(event(record), position, position * 10);
      position++;
    }
    file.commit(position);
  }

  private static GenericRecord event(String record) {
    String[] words = record.split(" ");
    return new GenericRecordBuilder(EVENT.avro())
        .set("at", 0L)
        .set("id", words[0].equals("-") ? null : words[0])
        .set("page", words[1])
        .build();
  }

  private static ViewPlan plan(Map<String, String> header) {
    return new ViewPlan(
        "hits",
        1,
        "hit",
        "SELECT page, count(*) AS hits FROM hit GROUP BY ALL",
        header,
        List.of(new Dimension("page", ColumnType.STRING, true)),
        List.of(new Measure("hits", MeasureKind.COUNT, ColumnType.LONG, List.of())));
  }

  private static List<ArchiveSlice> before(long ms) {
    return List.of(
        ArchiveSlice.before(
            ms, EVENT, Archive.open(root.toUri(), EVENT.name(), new Configuration())));
  }

  /** Pages with their counts, in order. */
  private static String shown(Map<List<Object>, List<Object>> groups) {
    Map<Object, Object> counts = new TreeMap<>();
    groups.forEach((page, hits) -> counts.put(page.get(0), hits.get(0)));
    return counts.toString();
  }

  @Test
  void sketch_becomesTheExactCount() {
    assertThat(RawRecount.exact("SELECT a, THETA_SKETCH_AGG (b) AS c FROM d GROUP BY ALL"))
        .isEqualTo("SELECT a, count(DISTINCT b) AS c FROM d GROUP BY ALL");
  }

  @Test
  void aPart_isWhatArrivedInIt_whereverFilesBeginAndEnd() {
    RawRecount recount = new RawRecount(spark);
    ViewPlan plan = plan(Map.of());
    assertThat(shown(recount.groups(plan, before(100)))).isEqualTo("{/a=7, /b=3}");
    assertThat(shown(recount.groups(plan, before(100), 20))).isEqualTo("{/a=5, /b=3}");
    assertThat(shown(recount.groups(plan, before(80), 30))).isEqualTo("{/a=3, /b=2}");
    assertThat(shown(recount.groups(plan, before(90), 80))).isEqualTo("{/b=1}");
    assertThat(recount.groups(plan, before(500), 400)).isEmpty();
  }

  @Test
  void copiesOfWhatArrivedBeforeAPart_areLeftOutOfIt_orCounted() {
    RawRecount recount = new RawRecount(spark);
    ViewPlan plan = plan(Map.of("distinct", "id"));
    assertThat(shown(recount.groups(plan, before(100)))).isEqualTo("{/a=5, /b=2}");
    assertThat(shown(recount.groups(plan, before(100), 40))).isEqualTo("{/a=2, /b=1}");
    assertThat(shown(recount.groupsWithCopies(plan, before(100), 40))).isEqualTo("{/a=4, /b=2}");
    assertThat(Arrays.asList(recount.groups(plan, before(80), 70))).containsExactly(Map.of());
  }
}
