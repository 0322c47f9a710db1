package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.TimeRange;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  private static final long NOON = Instant.parse("2026-01-02T12:00:00Z").toEpochMilli();

  @TempDir Path root;

  private final EventSchema schema =
      EventSchema.parse(
          """
          {"type": "record", "name": "click", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"},
             "recount": "event-time", "doc": "When."},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "doc": "Labels."}]}""",
          "click");

  @Test
  void anEmptyArchive_beginsAtZero() {
    assertThat(archive().partitions()).isEmpty();
    assertThat(archive().files()).isEmpty();
    assertThat(archive().nextPosition(3)).isZero();
  }

  @Test
  void files_sayWhatTheyHold_andWhereTheNextOneBegins() throws IOException {
    OpenFile open = open(0, 0);
    open.write(click(), 0, NOON);
    open.reject(NOON + 5);
    open.write(click(), 2, NOON + 2);
    assertThat(archive().files()).isEmpty();
    assertThat(open.commit(4)).isEqualTo(PendingFile.Outcome.DONE);

    ArchiveFile file = archive().files().get(0);
    assertThat(file.path())
        .endsWith("click/arrival_date=2026-01-02/p=0/00000000000000000000.parquet");
    assertThat(file.records()).isEqualTo(2);
    assertThat(file.rejected()).isEqualTo(1);
    assertThat(file.minArrivalMs()).isEqualTo(NOON);
    assertThat(file.maxArrivalMs()).isEqualTo(NOON + 5);
    assertThat(archive().nextPosition(0)).isEqualTo(4);
    assertThat(archive().filesBefore(NOON)).isEmpty();
    assertThat(archive().filesBefore(NOON + 1)).containsExactly(file);
    List<GenericRecord> rows = ArchivedRows.of(List.of(file));
    assertThat(rows).extracting(row -> row.get(ArchiveLayout.OFFSET)).containsExactly(0L, 2L);
    assertThat(rows.get(1).get(ArchiveLayout.ARRIVED_AT)).isEqualTo(NOON + 2);
    assertThat(rows.get(0).get("tags")).hasToString("[a, b]");
  }

  @Test
  void file_saysWhichEventTimesItMayHold() throws IOException {
    OpenFile open = open(0, 0);
    open.write(clickAt(3_000), 0, NOON);
    open.write(clickAt(-5), 1, NOON);
    open.write(clickAt(700), 2, NOON);
    open.commit(3);

    ArchiveFile file = archive().files().get(0);
    assertThat(file.minEventMs()).isEqualTo(-5);
    assertThat(file.maxEventMs()).isEqualTo(3_000);
    assertThat(file.mayHold(new TimeRange(3_000, 4_000))).isTrue();
    assertThat(file.mayHold(new TimeRange(-6, -4))).isTrue();
    assertThat(file.mayHold(new TimeRange(3_001, 4_000))).isFalse();
    assertThat(file.mayHold(new TimeRange(-6, -5))).isFalse();
  }

  @Test
  void theSecondWriterOfAFile_losesAndLeavesNothing() throws IOException {
    OpenFile first = open(0, 0);
    OpenFile second = open(0, 0);
    first.write(click(), 0, NOON);
    second.write(click(), 0, NOON);
    second.write(click(), 1, NOON);
    assertThat(second.commit(2)).isEqualTo(PendingFile.Outcome.DONE);
    assertThat(first.commit(1)).isEqualTo(PendingFile.Outcome.LOST);
    assertThat(archive().nextPosition(0)).isEqualTo(2);
    assertThat(root.resolve("click/_writing/p=0")).isEmptyDirectory();
  }

  @Test
  void aFileOfRejectedRecordsOnly_isPartOfTheChain() throws IOException {
    OpenFile open = open(0, 0);
    open.reject(NOON);
    open.commit(1);
    assertThat(archive().nextPosition(0)).isEqualTo(1);
    assertThat(archive().filesBefore(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void aMissingFile_isAnError() throws IOException {
    commit(0, 0, 10);
    commit(0, 10, 20);
    commit(0, 20, 30);
    Files.delete(Path.of(java.net.URI.create(archive().files().get(1).path())));
    assertThatThrownBy(() -> archive().files())
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT))
        .hasMessageContaining("begins at position 20 where the file before it ended at 10")
        .hasMessageContaining("a file is missing");
  }

  @Test
  void aFileThatIsNoParquet_isAnError() throws IOException {
    commit(0, 0, 10);
    Files.writeString(
        Path.of(java.net.URI.create(archive().files().get(0).path())), "x".repeat(99));
    assertThatThrownBy(() -> archive().nextPosition(0))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARCHIVE_CORRUPT))
        .hasMessageContaining("00000000000000000000.parquet");
  }

  @Test
  void aKeptFooter_isNotReadAgain_untilTheFileIsAnother() throws IOException {
    try (Catalog catalog = catalog()) {
      commit(0, 0, 10);
      commit(0, 10, 20);
      commit(1, 0, 7);
      List<ArchiveFile> read = archive().files();
      assertThat(indexed(catalog).files()).isEqualTo(read);
      Path second = Path.of(java.net.URI.create(read.get(1).path()));
      FileTime written = Files.getLastModifiedTime(second);
      Files.writeString(second, "x".repeat((int) Files.size(second)));
      Files.setLastModifiedTime(second, written);
      assertThat(indexed(catalog).files()).isEqualTo(read);

      Files.setLastModifiedTime(second, FileTime.from(written.toInstant().plusSeconds(1)));
      assertThatThrownBy(() -> indexed(catalog).files()).hasMessageContaining("0010.parquet");
      Files.delete(second);
      commit(0, 10, 30);
      assertThat(indexed(catalog).files()).isEqualTo(archive().files()).hasSize(3);
      assertThat(archive().files().get(1).nextPosition()).isEqualTo(30);
    }
  }

  @Test
  void aLostOrForeignIndex_isMadeAnew() throws IOException {
    try (Catalog catalog = catalog()) {
      commit(0, 0, 10);
      List<ArchiveFile> read = archive().files();
      String folder = "arrival_date=2026-01-02/p=0";
      for (String text : List.of("", "9\nwhatever", "1\na\tb")) {
        catalog.archive().putIndex("click", Map.of(folder, text), Set.of(folder));
        assertThat(indexed(catalog).files()).isEqualTo(read);
      }
      catalog.archive().putIndex("click", Map.of("arrival_date=1999-01-01/p=0", "1"), Set.of());
      assertThat(indexed(catalog).files()).isEqualTo(read);
      assertThat(catalog.archive().index("click")).containsOnlyKeys(folder);
    }
  }

  private Catalog catalog() {
    Map<String, String> h2 = Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + root.hashCode());
    return Catalog.open(RecountConfig.load(root.resolve("home"), Optional.empty(), h2));
  }

  private Archive indexed(Catalog catalog) {
    Map<String, String> place = Map.of("RECOUNT_ARCHIVE_URI", root.toUri().toString());
    RecountConfig config = RecountConfig.load(root.resolve("home"), Optional.empty(), place);
    return Archive.open(config, catalog, "click", new Configuration());
  }

  private Archive archive() {
    return Archive.open(root.toUri(), "click", new Configuration());
  }

  private void commit(int partition, long first, long next) throws IOException {
    OpenFile open = open(partition, first);
    open.write(click(), first, NOON);
    open.commit(next);
  }

  private OpenFile open(int partition, long firstPosition) throws IOException {
    OpenFile.Target target =
        new OpenFile.Target(
            new LocalArchiveStore(),
            new ArchiveLayout(new org.apache.hadoop.fs.Path(root.toUri()), "click"),
            new Configuration(),
            "test",
            Clock.fixed(Instant.ofEpochMilli(NOON), ZoneOffset.UTC));
    return new OpenFile(target, schema, partition, firstPosition, ArchiveLayout.date(NOON));
  }

  private GenericRecord click() {
    return clickAt(1);
  }

  private GenericRecord clickAt(long ms) {
    GenericRecord click = new GenericData.Record(schema.avro());
    click.put("at", ms);
    click.put("tags", List.of("a", "b"));
    return click;
  }
}
