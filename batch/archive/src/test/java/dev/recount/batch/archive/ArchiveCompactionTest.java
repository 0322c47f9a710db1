package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.FullRunDue;
import dev.recount.core.catalog.Lease;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveCompactionTest {
  @TempDir Path home;
  private ClickArchive clicks;

  @BeforeEach
  void open() {
    clicks = new ClickArchive(home);
  }

  @AfterEach
  void close() {
    clicks.close();
  }

  @Test
  void aMergedFile_isAsItsWriterWouldHaveWrittenIt() throws IOException {
    for (int i = 0; i < 5; i++) {
      clicks.append(0, ClickArchive.DAY, 10);
      clicks.append(1, ClickArchive.DAY, 3);
    }
    List<GenericRecord> rows = clicks.rows();
    ArchiveFile small = clicks.archive().files().get(0);
    CompactionReport report = clicks.compact();

    assertThat(report)
        .extracting("filesBefore", "filesAfter", "merged", "into", "removed", "left")
        .containsExactly(10, 2, 10, 2, 10, 0);
    assertThat(clicks.rows()).isEqualTo(rows);
    ArchiveFile merged = clicks.archive().files().get(0);
    assertThat(merged.name()).isEqualTo("00000000000000000000-00000000000000000060.1.parquet");
    assertThat(merged.records()).isEqualTo(50);
    assertThat(merged.rejected()).isEqualTo(5);
    assertThat(merged.topicId()).isEqualTo("topic-1");
    assertThat(merged.schema()).isEqualTo(small.schema());
    assertThat(merged.minArrivalMs()).isEqualTo(small.minArrivalMs());
    assertThat(merged.maxArrivalMs()).isEqualTo(ClickArchive.noon(ClickArchive.DAY) + 58);
    assertThat(clicks.archive().nextPosition(0)).isEqualTo(60);
    assertThat(clicks.onDisk()).hasSize(2);

    clicks.append(0, ClickArchive.DAY, 10);
    List<ColumnChunkMetaData> wanted = columns(clicks.archive().files().get(1));
    List<ColumnChunkMetaData> columns = columns(merged);
    for (int i = 0; i < wanted.size(); i++) {
      assertThat(columns.get(i).getPath()).isEqualTo(wanted.get(i).getPath());
      assertThat(columns.get(i).getCodec()).isEqualTo(wanted.get(i).getCodec());
      assertThat(columns.get(i).getEncodings()).isEqualTo(wanted.get(i).getEncodings());
      assertThat(columns.get(i).getPrimitiveType()).isEqualTo(wanted.get(i).getPrimitiveType());
      assertThat(columns.get(i).getStatistics().hasNonNullValue())
          .isEqualTo(wanted.get(i).getStatistics().hasNonNullValue());
    }
  }

  private static List<ColumnChunkMetaData> columns(ArchiveFile file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(
                new org.apache.hadoop.fs.Path(URI.create(file.path())), new Configuration()))) {
      ParquetMetadata footer = reader.getFooter();
      assertThat(footer.getBlocks()).hasSize(1);
      return footer.getBlocks().get(0).getColumns();
    }
  }

  @Test
  void filesOfDifferentDaysSchemasOrTopics_stayApart() throws IOException {
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    OpenFile newer = clicks.open(0, ClickArchive.DAY, ClickArchive.NEWER);
    newer.write(ClickArchive.click(ClickArchive.NEWER, 8), 8, ClickArchive.noon(ClickArchive.DAY));
    newer.commit(9);
    OpenFile anew = clicks.open(0, ClickArchive.DAY, ClickArchive.NEWER);
    anew.topicId("topic-2");
    anew.write(ClickArchive.click(ClickArchive.NEWER, 9), 9, ClickArchive.noon(ClickArchive.DAY));
    anew.commit(10);
    clicks.append(0, ClickArchive.DAY.plusDays(1), 2);
    List<GenericRecord> rows = clicks.rows();
    assertThat(clicks.compact()).extracting("merged", "into").containsExactly(2, 1);
    assertThat(clicks.archive().files())
        .extracting(ArchiveFile::nextPosition)
        .containsExactly(8L, 9L, 10L, 14L);
    assertThat(clicks.rows()).isEqualTo(rows);
  }

  @Test
  void mergedFiles_areNotLargerThanTheSetting() throws IOException {
    for (int i = 0; i < 6; i++) {
      clicks.append(0, ClickArchive.DAY, 5);
    }
    long bytes = clicks.archive().files().get(0).sizeBytes();
    clicks.set("RECOUNT_ARCHIVE_COMPACTION_SIZE", String.valueOf(bytes * 7 / 2));
    assertThat(clicks.compact()).extracting("merged", "into").containsExactly(6, 2);
  }

  @Test
  void due_leavesTodayAlone_untilManySmallFilesFollowEachOther() throws IOException {
    clicks.set("RECOUNT_ARCHIVE_COMPACTION_FILES", "4");
    for (int i = 0; i < 3; i++) {
      clicks.append(0, ClickArchive.DAY, 1);
    }
    assertThat(clicks.compact(ClickArchive.DAY, step -> {}, true).into()).isZero();
    clicks.append(0, ClickArchive.DAY, 1);
    assertThat(clicks.compact(ClickArchive.DAY, step -> {}, true))
        .extracting("merged", "into", "removed")
        .containsExactly(4, 1, 4);
    clicks.append(0, ClickArchive.DAY, 1);
    assertThat(clicks.compact(ClickArchive.DAY, step -> {}, true).into()).isZero();
    assertThat(clicks.compact(ClickArchive.DAY.plusDays(1), step -> {}, true).merged())
        .isEqualTo(2);
  }

  @Test
  void replacedFiles_stayAsLongAsAReaderMayHoldThem() throws IOException {
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    List<ArchiveFile> held;
    try (ArchiveReading reading = ArchiveReading.begin(clicks.catalog(), List.of("click"))) {
      held = clicks.archive().files();
      assertThat(clicks.compact(ClickArchive.DAY.plusDays(2), step -> {}, true))
          .extracting("into", "removed", "left")
          .containsExactly(1, 0, 2);
      assertThat(ArchivedRows.of(held)).hasSize(4).isEqualTo(clicks.rows());
      reading.requireHeld();
    }
    try (ArchiveReading other = ArchiveReading.begin(clicks.catalog(), List.of("other"))) {
      assertThat(clicks.compact().removed()).isEqualTo(2);
      other.requireHeld();
    }
    assertThatThrownBy(() -> ArchivedRows.of(held)).hasMessageContaining("does not exist");
    assertThat(clicks.catalog().leases().startingWith("")).isEmpty();
  }

  @Test
  void aReaderThatLives_isNotForgotten_thoughTheCatalogWasAwayForLong() throws Exception {
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    try (ArchiveReading reading = ArchiveReading.begin(clicks.catalog(), List.of("click"))) {
      RecountConfig.Catalog settings = clicks.config().catalog();
      try (Connection catalog =
              DriverManager.getConnection(
                  settings.url().orElseThrow(), settings.user(), settings.password());
          Statement statement = catalog.createStatement()) {
        statement.execute("UPDATE lease SET noted = noted - INTERVAL '120' SECOND");
      }
      assertThat(clicks.compact(ClickArchive.DAY.plusDays(2), step -> {}, true))
          .extracting("into", "removed", "left")
          .containsExactly(1, 0, 2);
      reading.requireHeld();
    }
  }

  @Test
  void otherEngines_haveTheirGrace() throws IOException {
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    try (ArchiveRewriter rewriter = clicks.rewriter(step -> {})) {
      rewriter.replace(rewriter.files());
      assertThat(rewriter.removeSuperseded(Duration.ofHours(1), false, text -> {}))
          .extracting("removed", "left")
          .containsExactly(0, 2);
      List<String> said = new ArrayList<>();
      assertThat(rewriter.removeSuperseded(Duration.ofSeconds(1), true, said::add).removed())
          .isEqualTo(2);
    }
    assertThat(clicks.onDisk()).hasSize(1);
  }

  @Test
  void whoLostItsLease_changesNothing() throws IOException {
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    List<GenericRecord> rows = clicks.rows();
    AtomicInteger others = new AtomicInteger();
    assertThatThrownBy(
            () ->
                clicks.compact(
                    ClickArchive.DAY.plusDays(2),
                    step -> {
                      Lease lease =
                          clicks.catalog().leases().find("compaction/click").orElseThrow();
                      clicks.catalog().leases().release(lease.name(), lease.holder());
                      others.addAndGet(clicks.compact().into());
                    },
                    false))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BATCH_FAILED))
        .hasMessageContaining("compaction/click");
    assertThat(others).hasValue(1);
    assertThat(clicks.rows()).isEqualTo(rows);
    assertThat(clicks.onDisk()).hasSize(1);
  }

  @Test
  void aSecondCompactorAtOnce_leavesItToTheFirst() throws IOException {
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    try (ArchiveRewriter first = clicks.rewriter(step -> {})) {
      assertThat(first.files()).hasSize(2);
      assertThat(clicks.compact(ClickArchive.DAY.plusDays(2), step -> {}, true).note())
          .contains("another process");
    }
  }

  /** What was written by one who slept until its rivals' files were merged and gone. */
  @Test
  void aWriterThatIsTooLate_isFoundOut_andItsFileCountsNothing() throws IOException {
    OpenFile slow = clicks.open(0, ClickArchive.DAY, ClickArchive.SCHEMA);
    for (long offset = 0; offset < 20; offset++) {
      slow.write(ClickArchive.click(ClickArchive.SCHEMA, offset), offset, 1);
    }
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.append(0, ClickArchive.DAY, 2);
    clicks.compact();
    List<GenericRecord> rows = clicks.rows();
    assertThat(slow.commit(20)).isEqualTo(PendingFile.Outcome.DONE);
    assertThat(clicks.archive().isTooLate(slow.date(), 0, 0, slow.date())).isTrue();
    assertThat(clicks.archive().isTooLate(slow.date(), 0, 8, slow.date())).isFalse();
    assertThat(clicks.archive().isTooLate(slow.date().plusDays(1), 0, 0, slow.date())).isFalse();
    assertThat(clicks.rows()).isEqualTo(rows);
    assertThat(clicks.archive().end(0)).isEqualTo(8);
    assertThat(clicks.compact().removed()).isEqualTo(1);
  }

  @Test
  void retention_takesWholeDaysFromTheBeginning_andKeepsPositionsAccountedFor() throws IOException {
    clicks.set("RECOUNT_ARCHIVE_RETENTION", "10d");
    for (int day = 0; day < 4; day++) {
      clicks.append(0, ClickArchive.DAY.plusDays(day), 5);
      clicks.append(0, ClickArchive.DAY.plusDays(day), 5);
    }
    clicks.append(1, ClickArchive.DAY.plusDays(3), 5);
    CompactionReport report = clicks.compact(ClickArchive.DAY.plusDays(12), step -> {}, false);
    assertThat(report.expiredRecords()).isEqualTo(20);
    List<ArchiveFile> files = clicks.archive().files();
    assertThat(files).extracting(ArchiveFile::nextPosition).containsExactly(28L, 42L, 56L, 7L);
    assertThat(files.get(0))
        .extracting("records", "rejected", "expired")
        .containsExactly(0L, 0L, 24L);
    assertThat(clicks.rows()).hasSize(25);
    assertThat(clicks.catalog().archive().start("click"))
        .hasValue(ClickArchive.noon(ClickArchive.DAY.plusDays(1)) + 26 + 1);
    assertThat(clicks.archive().filesBefore(Long.MAX_VALUE)).hasSize(3);

    report = clicks.compact(ClickArchive.DAY.plusDays(12), step -> {}, false);
    assertThat(report).extracting("expiredRecords", "into", "removed").containsExactly(0L, 0, 0);
    clicks.compact(ClickArchive.DAY.plusDays(30), step -> {}, false);
    assertThat(clicks.archive().files()).extracting(ArchiveFile::expired).containsExactly(48L, 6L);
    assertThat(clicks.archive().end(0)).isEqualTo(56);
    assertThat(clicks.onDisk()).hasSize(2);
  }

  /** The end of a process. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private static ViewPlan view(String name, String event, ViewJoin join) {
    return new ViewPlan(
        name, 1, event, "SELECT 1", Map.of(), List.of(), List.of(), List.of(), join);
  }

  private Optional<FullRunDue> due(String view) {
    return clicks.catalog().batch().fullRunDue(view + "_v1");
  }

  @Test
  void expiry_hasEachViewCountedAnew_alsoAfterAKillThatARunForestalled() throws IOException {
    ViewJoin join =
        new ViewJoin("click", List.of("id"), List.of(new ViewJoin.Match("id", "id")), true);
    clicks.catalog().views().add(view("clicks", "click", null), 0);
    clicks.catalog().views().add(view("joined", "other", join), 0);
    clicks.catalog().views().add(view("others", "other", null), 0);
    clicks.set("RECOUNT_ARCHIVE_RETENTION", "10d");
    clicks.append(0, ClickArchive.DAY, 5);
    clicks.append(0, ClickArchive.DAY.plusDays(3), 5);
    LocalDate today = ClickArchive.DAY.plusDays(12);
    assertThatThrownBy(
            () ->
                clicks.compact(
                    today,
                    step -> {
                      if (step == ArchiveRewriter.Step.COMMITTED) {
                        // A run that had listed the archive before is published now.
                        clicks.catalog().batch().fullRunDone(due("clicks").orElseThrow(), "r");
                        clicks.catalog().batch().fullRunDone(due("joined").orElseThrow(), "r");
                        throw new Killed();
                      }
                    },
                    false))
        .isInstanceOf(Killed.class);
    assertThat(due("clicks")).isEmpty();

    clicks.compact(today, step -> {}, false);
    assertThat(clicks.catalog().archive().start("click")).isPresent();
    assertThat(due("clicks")).get().extracting(FullRunDue::reason).asString().contains("too old");
    assertThat(due("joined")).isPresent();
    assertThat(due("others")).isEmpty();

    clicks.catalog().batch().fullRunDone(due("clicks").orElseThrow(), "r");
    clicks.compact(today, step -> {}, false);
    assertThat(due("clicks")).isEmpty();
  }
}
