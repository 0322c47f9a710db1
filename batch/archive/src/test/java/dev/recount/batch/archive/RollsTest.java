package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class RollsTest {
  @Test
  void aFile_endsAtMidnightUtc_inBothDirections() {
    LocalDate date = LocalDate.of(2026, 2, 28);
    assertThat(Rolls.isSameDate(date, at("2026-02-28T00:00:00Z"))).isTrue();
    assertThat(Rolls.isSameDate(date, at("2026-02-28T23:59:59.999Z"))).isTrue();
    assertThat(Rolls.isSameDate(date, at("2026-03-01T00:00:00Z"))).isFalse();
    assertThat(Rolls.isSameDate(date, at("2026-02-27T23:59:59.999Z"))).isFalse();
    assertThat(ArchiveLayout.date(at("2026-02-28T23:59:59.999Z"))).isEqualTo(date);
  }

  private static long at(String time) {
    return Instant.parse(time).toEpochMilli();
  }
}
