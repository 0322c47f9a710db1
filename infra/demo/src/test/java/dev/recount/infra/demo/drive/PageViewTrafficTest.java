package dev.recount.infra.demo.drive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PageViewTrafficTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2024-05-01T12:00:00Z"), ZoneOffset.UTC);

  private static List<String> lines(PageViewTraffic.Shares shares, int count) {
    PageViewTraffic traffic = new PageViewTraffic(7, CLOCK, shares);
    return Stream.generate(traffic::nextLine).limit(count).toList();
  }

  @Test
  void sameSeed_givesTheSameLines() {
    assertThat(lines(PageViewTraffic.Shares.DEFAULT, 1_000))
        .isEqualTo(lines(PageViewTraffic.Shares.DEFAULT, 1_000));
  }

  @Test
  void withoutDuplicates_everyWellFormedLineIsNew() {
    List<String> lines = lines(new PageViewTraffic.Shares(0.1, 0, 0), 5_000);
    assertThat(new HashSet<>(lines)).hasSameSizeAs(lines);
  }

  @Test
  void duplicates_repeatWholeLines() {
    List<String> lines = lines(new PageViewTraffic.Shares(0, 0, 0.5), 1_000);
    Set<String> distinct = new HashSet<>(lines);
    assertThat(distinct.size()).isBetween(300, 700);
  }
}
