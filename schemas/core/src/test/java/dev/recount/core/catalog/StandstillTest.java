package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandstillTest {
  private static final Duration ALLOWED = Duration.ofSeconds(60);
  private static final Duration ALLOWED_TO_WAIT = Duration.ofSeconds(120);
  private static final long START = 1_000_000;

  /** A moment so many seconds after the process started. */
  private static long at(long seconds) {
    return START + seconds * 1_000;
  }

  private static Heartbeat beat(String service, long seconds, String detail) {
    return silent(service, seconds, detail, 0);
  }

  private static Heartbeat silent(String service, long seconds, String detail, long silence) {
    return new Heartbeat(
        service, 1, START, at(seconds), detail.replace('\'', '"'), silence * 1_000);
  }

  private static List<ViewVersion> view(long ageSeconds) {
    return List.of(
        new ViewVersion(
            "v",
            1,
            "e",
            "{}",
            ViewVersion.LIVE,
            0,
            ageSeconds * 1_000,
            null,
            null,
            null,
            null,
            null,
            null));
  }

  private static List<Standstill> speed(long seconds, String detail) {
    return Standstill.speed(beat("speed", seconds, detail), view(1_000), ALLOWED);
  }

  private static List<Standstill> archive(long seconds, String detail) {
    return Standstill.archive(beat("archive", seconds, detail), ALLOWED, ALLOWED_TO_WAIT);
  }

  @Test
  void speed_whatMovesOrWasJustStartedDoesNotStandStill() {
    assertThat(speed(59, "{'events': {}}")).isEmpty();
    assertThat(speed(500, "{'events': {'e': {'advanced_ms': " + at(450) + "}}}")).isEmpty();
    assertThat(Standstill.speed(beat("speed", 500, "{}"), view(40), ALLOWED))
        .as("a view that is new")
        .isEmpty();
    assertThat(Standstill.speed(beat("speed", 500, "{}"), List.of(), ALLOWED))
        .as("no view to compute")
        .isEmpty();
  }

  @Test
  void scheduler_isStalledIfItsProcessIsSilent() {
    assertThat(Standstill.scheduler(silent("scheduler", 500, "{}", 59), ALLOWED)).isEmpty();
    assertThat(Standstill.scheduler(silent("scheduler", 500, "{}", 61), ALLOWED))
        .singleElement()
        .extracting(Standstill::text)
        .asString()
        .startsWith("scheduler has been stalled since ");
  }

  @Test
  void speed_theAgeOfAViewSaysNothingOfAnEventThatMoves() {
    String moving = "{'events': {'e': {'advanced_ms': " + at(450) + "}}}";
    String standing = "{'events': {'e': {'advanced_ms': " + at(30) + "}}}";
    for (long age : new long[] {0, 100_000}) {
      assertThat(Standstill.speed(beat("speed", 500, moving), view(age), ALLOWED)).isEmpty();
      assertThat(Standstill.speed(beat("speed", 500, standing), view(age), ALLOWED)).hasSize(1);
    }
  }

  @Test
  void speed_thatDoesNotMove_saysSinceWhenAndWhy() {
    String detail =
        "{'events': {'e': {'advanced_ms': "
            + at(30)
            + ", 'error': {'code': 'KAFKA_UNAVAILABLE', 'message': 'Cannot write'}}}}";
    List<Standstill> found = speed(100, detail);
    assertThat(found)
        .containsExactly(new Standstill("speed", "e", at(30), "KAFKA_UNAVAILABLE: Cannot write"));
    assertThat(found.get(0).text())
        .contains("speed of 'e' has been stalled since 1970-01-01T00:17:10Z: KAFKA_UNAVAILABLE");
    assertThat(speed(100, "{'events': {}}"))
        .as("an event that never began")
        .containsExactly(new Standstill("speed", "e", at(0), ""));
  }

  @Test
  void processThatIsSilent_standsStillAsAWhole() {
    assertThat(Standstill.speed(silent("speed", 10, "{}", 61), view(0), ALLOWED))
        .containsExactly(new Standstill("speed", null, at(10), "its process does not report"));
    assertThat(Standstill.archive(silent("archive", 10, "{}", 61), ALLOWED, ALLOWED_TO_WAIT))
        .containsExactly(new Standstill("archive", null, at(10), "its process does not report"));
  }

  @Test
  void viewThatIsSetAside_standsStillAtOnce() {
    ViewVersion works =
        new ViewVersion("v", 1, "e", "{}", ViewVersion.LIVE, 0, 0, 1L, 0L, null, null, null, null);
    ViewVersion fails =
        new ViewVersion(
            "v", 2, "e", "{}", ViewVersion.LIVE, 0, 0, null, null, "too large", at(7), null, null);
    List<Standstill> found = Standstill.setAside(List.of(works, fails));
    assertThat(found).containsExactly(new Standstill("speed", "e", "v_v2", at(7), "too large"));
    assertThat(found.get(0).text())
        .isEqualTo("speed of view 'v_v2' has been stalled since 1970-01-01T00:16:47Z: too large");
  }

  @Test
  void archive_idleOrCommittingDoesNotStandStill() {
    assertThat(archive(500, "{'events': {'e': {'waiting_since_ms': 0}}}")).isEmpty();
    assertThat(archive(500, "{'events': {'e': {'waiting_since_ms': " + at(381) + "}}}")).isEmpty();
  }

  @Test
  void archive_thatCommitsNothing_saysSinceWhenAndWhy() {
    String detail =
        "{'events': {'e': {'waiting_since_ms': "
            + at(20)
            + ", 'partitions': [{'problem': ''}, {'problem': 'ARCHIVE_UNAVAILABLE: full'}]}}}";
    assertThat(archive(200, detail))
        .containsExactly(new Standstill("archive", "e", at(20), "ARCHIVE_UNAVAILABLE: full"));
  }
}
