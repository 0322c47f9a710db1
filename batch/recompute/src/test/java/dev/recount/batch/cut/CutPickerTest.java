package dev.recount.batch.cut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CutPickerTest {
  private static final long NOW = Instant.parse("2024-05-01T12:00:25.500Z").toEpochMilli();

  private final Log log = new Log();
  private final Map<Integer, Long> archived = new HashMap<>();

  @Test
  void everythingArchived_cutIsThePresentBucket() {
    log.record(0, 100, NOW - 60_000);
    archived.put(0, 101L);

    assertThat(pick().cut().boundaryMs()).isEqualTo(at("12:00:20"));
  }

  @Test
  void emptyLog_cutIsThePresentBucket() {
    log.ends.put(0, 0L);

    assertThat(pick().cut().boundaryMs()).isEqualTo(at("12:00:20"));
  }

  @Test
  void unarchivedRecord_holdsTheCutBackToItsBucket() {
    log.record(0, 100, at("11:58:34"));
    log.record(1, 7, NOW - 60_000);
    archived.put(0, 100L);
    archived.put(1, 8L);

    assertThat(pick().cut().boundaryMs()).isEqualTo(at("11:58:30"));
  }

  /** The topic was made anew: its records are at positions that the archive seems to hold. */
  @Test
  void archiveBeyondTheLog_isOfAnotherLog() {
    log.record(0, 9, NOW - 60_000);
    archived.put(0, 1000L);

    assertThatThrownBy(this::pick)
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOG_TRUNCATED))
        .hasMessageContaining("ends at 1000, the log at 10");
  }

  @Test
  void archiveThatFollowedTheLogMeanwhile_isOfTheSameLog() {
    log.record(0, 9, NOW - 60_000);
    log.grows = true;
    archived.put(0, 11L);

    assertThat(pick().cut().boundaryMs()).isEqualTo(at("12:00:20"));
  }

  @Test
  void onlyMarkersLeft_holdNothingBack() {
    log.ends.put(0, 12L);
    archived.put(0, 10L);

    assertThat(pick().cut().boundaryMs()).isEqualTo(at("12:00:20"));
  }

  @Test
  void justAfterABoundary_appendsInFlightKeepTheBucketOpen() {
    log.ends.put(0, 0L);

    assertThat(pickAt(at("12:00:20") + 400).cut().boundaryMs()).isEqualTo(at("12:00:10"));
  }

  @Test
  void clockMargin_movesTheCutBack() {
    log.ends.put(0, 0L);
    CutPicker picker = picker(NOW, Duration.ofSeconds(30));

    assertThat(picker.pick(List.of("page_view")).cut().boundaryMs()).isEqualTo(at("11:59:50"));
  }

  @Test
  void positions_areWhereTheArchiveEnds() {
    log.record(0, 100, NOW - 60_000);
    log.ends.put(1, 0L);
    archived.put(0, 101L);

    assertThat(pick().positions())
        .isEqualTo(Map.of("page_view", new TreeMap<>(Map.of(0, 101L, 1, 0L))));
  }

  private CutPicker.Pick pick() {
    return pickAt(NOW);
  }

  private CutPicker.Pick pickAt(long nowMs) {
    return picker(nowMs, Duration.ZERO).pick(List.of("page_view"));
  }

  private CutPicker picker(long nowMs, Duration margin) {
    log.nowMs = nowMs;
    return new CutPicker(
        new RecountConfig.Cut(Duration.ofSeconds(10), margin),
        log,
        event -> partition -> archived.getOrDefault(partition, 0L));
  }

  private static long at(String time) {
    return Instant.parse("2024-05-01T" + time + "Z").toEpochMilli();
  }

  /** A log with at most one record a partition. */
  private static final class Log implements CutPicker.EventLog {
    private long nowMs;
    private boolean grows;
    private final Map<Integer, Long> ends = new TreeMap<>();
    private final Map<Integer, Long> arrivals = new HashMap<>();

    void record(int partition, long offset, long arrivalMs) {
      ends.put(partition, offset + 1);
      arrivals.put(partition, arrivalMs);
    }

    @Override
    public long nowMs() {
      return nowMs;
    }

    @Override
    public Map<Integer, Long> endPositions(String event) {
      Map<Integer, Long> now = new TreeMap<>(ends);
      if (grows) {
        ends.replaceAll((partition, end) -> end + 1);
      }
      return now;
    }

    @Override
    public OptionalLong arrivalMs(String event, int partition, long position, long end) {
      Long arrival = arrivals.get(partition);
      return arrival == null ? OptionalLong.empty() : OptionalLong.of(arrival);
    }
  }
}
