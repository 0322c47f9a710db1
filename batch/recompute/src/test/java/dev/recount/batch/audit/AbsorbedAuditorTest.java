package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.archive.ArchiveFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class AbsorbedAuditorTest {
  /** Whenever the file was written: a copy of the archive, or a clock, may say anything. */
  private static ArchiveFile file(long maxArrivalMs, long erased, long expired, long modifiedMs) {
    return new ArchiveFile(
        "file:/a/e/arrival_date=2024-05-01/p=0/0.parquet",
        0,
        "{}",
        0,
        10,
        10 - erased - expired,
        0,
        erased,
        expired,
        0,
        maxArrivalMs,
        0,
        0,
        "",
        1,
        modifiedMs);
  }

  @Test
  void whatIsRemovedOfTheEvents_countsIfItArrivedSince() {
    List<ArchiveFile> events =
        List.of(file(99, 1, 0, 500), file(100, 2, 0, 500), file(500, 0, 4, 0), file(500, 0, 0, 9));
    assertThat(AbsorbedAuditor.removed(events, List.of(), 100)).isEqualTo(6);
    assertThat(AbsorbedAuditor.removed(events, List.of(), 0)).isEqualTo(7);
    assertThat(AbsorbedAuditor.removed(events, List.of(), 501)).isZero();
  }

  @Test
  void whatIsRemovedOfTheStates_countsWheneverItArrived_andWhenItWasRemoved() {
    List<ArchiveFile> states = List.of(file(10, 3, 0, 20), file(20, 0, 0, 900));
    assertThat(AbsorbedAuditor.removed(List.of(), states, 100)).isEqualTo(3);
    assertThat(AbsorbedAuditor.removed(List.of(), List.of(file(10, 0, 0, 900)), 100))
        .as("a file that was only merged")
        .isZero();
  }
}
