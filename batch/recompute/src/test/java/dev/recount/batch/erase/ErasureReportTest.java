package dev.recount.batch.erase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Erasure;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ErasureReportTest {
  private static String text(Instant logUntil) {
    Instant deltasUntil = Instant.parse("2024-05-08T00:00:00Z");
    return new ErasureReport("e", 2, 1, 3, Erasure.GONE, 0, logUntil, deltasUntil, List.of())
        .text();
  }

  @Test
  void untilWhenTheLogHoldsThem_isSaid_alsoIfThatIsForEver() {
    assertThat(text(Instant.parse("2024-05-02T00:00:00Z")))
        .startsWith("e: 2 events in 1 of 3 files were erased.")
        .contains("The log holds them until 2024-05-02T00:00:00Z at the latest");
    assertThat(text(null))
        .contains("that of an event with a key is kept for ever")
        .doesNotContain("null");
  }
}
