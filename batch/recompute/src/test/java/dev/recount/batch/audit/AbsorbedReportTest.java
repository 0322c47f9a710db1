package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.AuditResult;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class AbsorbedReportTest {
  private static AbsorbedReport.View view(long untilMs, long differing, String... leftOut) {
    return new AbsorbedReport.View(
        "v",
        Instant.ofEpochMilli(10),
        Instant.ofEpochMilli(untilMs),
        1,
        1L,
        1L,
        differing,
        null,
        List.of(),
        List.of(leftOut));
  }

  private static String verdict(AbsorbedReport.View... views) {
    String text = AbsorbedReport.of(List.of(views), List.of()).text();
    return text.substring(text.lastIndexOf('\n') + 1);
  }

  @Test
  void onlyAViewThatWasComparedWhole_isEqual() {
    assertThat(view(20, 0).status()).isEqualTo(AuditResult.EQUAL);
    assertThat(view(20, 0, "some").status()).isEqualTo(AuditResult.PARTIAL);
    assertThat(view(10, 0).status()).isEqualTo(AuditResult.SKIPPED);
    assertThat(view(10, 0, "all").status()).isEqualTo(AuditResult.SKIPPED);
    assertThat(view(20, 1, "some").status()).isEqualTo(AuditResult.DIFFERS);
  }

  @Test
  void verdict_claimsNoMoreThanWasCompared() {
    assertThat(verdict(view(20, 0))).startsWith("Every group that speed had served equals");
    assertThat(verdict(view(20, 0), view(10, 0, "all")))
        .startsWith("Every group that could be compared equals");
    assertThat(verdict(view(10, 0, "all"))).isEqualTo("Nothing was compared.");
    assertThat(verdict(view(20, 1), view(10, 0))).startsWith("What speed had served differs");
  }
}
