package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Results of audits, and the progress of deltas, on a real H2 server. */
class AuditCatalogTest extends CatalogOnH2 {
  private AuditCatalog audits;

  @BeforeEach
  void begin() {
    audits = catalog.audits();
  }

  private static AuditResult result(
      String id, String view, String kind, String status, Long fromMs, Long untilMs) {
    return new AuditResult(
        id,
        view,
        1,
        view + "_v1",
        kind,
        status,
        5,
        6,
        fromMs,
        untilMs,
        7L,
        status.equals(AuditResult.DIFFERS) ? 2L : 0L,
        9L,
        9L,
        null,
        "[\"a \\\"gap\\\"\"]",
        null,
        status.equals(AuditResult.EQUAL) ? null : "why",
        0);
  }

  @Test
  void results_comeNewestFirst_asTheyWereWritten() {
    audits.add(result("1", "a", AuditResult.FULL, AuditResult.EQUAL, 0L, 10L));
    audits.add(result("2", "b", AuditResult.FULL, AuditResult.FAILED, null, null));
    audits.add(result("3", "a", AuditResult.FULL, AuditResult.DIFFERS, 0L, 20L));

    assertThat(audits.newest(null, null, 2))
        .extracting(AuditResult::auditId)
        .containsExactly("3", "2");
    assertThat(audits.newest("a", null, 9))
        .extracting(AuditResult::auditId)
        .containsExactly("3", "1");
    AuditResult found = audits.last("a_v1", AuditResult.FULL).orElseThrow();
    assertThat(found)
        .usingRecursiveComparison()
        .ignoringFields("ageMs")
        .isEqualTo(result("3", "a", AuditResult.FULL, AuditResult.DIFFERS, 0L, 20L));
    assertThat(found.leftOutParts()).containsExactly("a \"gap\"");
    assertThat(found.ageMs()).isBetween(0L, 60_000L);
    assertThat(audits.lastOfEach()).extracting(AuditResult::auditId).containsExactly("3", "2");
  }

  @Test
  void pages_followEachOther_alsoWhereManyWereNotedAtOnce_orMoreComeMeanwhile() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      all.add(0, "audit " + (char) ('a' + i));
      audits.add(result(all.get(0), "a", AuditResult.FULL, AuditResult.EQUAL, 0L, 10L));
    }
    // All within one moment, but for the last few.
    catalog
        .sql()
        .update(
            "UPDATE audit_result SET noted = TIMESTAMP WITH TIME ZONE '2026-01-01 00:00:00+00'"
                + " WHERE audit_id < 'audit w'",
            Map.of());
    List<String> read = new ArrayList<>();
    String before = null;
    while (true) {
      List<AuditResult> page = audits.newest("a", before, 10);
      page.forEach(r -> read.add(r.auditId()));
      if (page.size() < 10) {
        break;
      }
      before = read.get(read.size() - 1);
      audits.add(result("more " + read.size(), "a", AuditResult.FULL, AuditResult.EQUAL, 0L, 10L));
    }
    assertThat(read).isEqualTo(all);
    assertThat(audits.newest("b", before, 10)).isEmpty();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> audits.newest(null, "none", 10))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void absorbedDeltas_areAuditedOnlyForwards_andNotByAnAuditThatFailed() {
    assertThat(audits.progress("a_v1")).isEqualTo(new DeltaProgress("a_v1", 0, 0));
    audits.add(result("1", "a", AuditResult.FULL, AuditResult.EQUAL, 0L, 50L));
    assertThat(audits.progress("a_v1").auditedUntilMs()).isZero();
    audits.add(result("2", "a", AuditResult.ABSORBED, AuditResult.EQUAL, 0L, 20L));
    audits.add(result("3", "a", AuditResult.ABSORBED, AuditResult.FAILED, 20L, 30L));
    audits.add(result("4", "a", AuditResult.ABSORBED, AuditResult.FAILED, null, null));
    assertThat(audits.progress("a_v1").auditedUntilMs()).isEqualTo(20);
    audits.add(result("5", "a", AuditResult.ABSORBED, AuditResult.DIFFERS, 20L, 40L));
    audits.add(result("6", "a", AuditResult.ABSORBED, AuditResult.EQUAL, 10L, 30L));
    assertThat(audits.progress("a_v1")).isEqualTo(new DeltaProgress("a_v1", 40, 0));
  }

  @Test
  void dropping_isNotedOnlyForwards() {
    audits.dropping("a_v1", 30);
    audits.dropping("a_v1", 20);
    assertThat(audits.progress("a_v1")).isEqualTo(new DeltaProgress("a_v1", 0, 30));
    audits.add(result("1", "a", AuditResult.ABSORBED, AuditResult.EQUAL, 0L, 20L));
    assertThat(audits.progress("a_v1")).isEqualTo(new DeltaProgress("a_v1", 20, 30));
    assertThat(audits.progress("b_v1")).isEqualTo(new DeltaProgress("b_v1", 0, 0));
  }

  @Test
  void prune_forgetsOldResults_butNotHowFarDeltasAreAudited() {
    audits.add(result("1", "a", AuditResult.ABSORBED, AuditResult.EQUAL, 0L, 20L));
    catalog.sql().update("UPDATE audit_result SET noted = noted - INTERVAL '120' SECOND", Map.of());
    audits.add(result("2", "a", AuditResult.ABSORBED, AuditResult.EQUAL, 20L, 20L));

    assertThat(audits.prune(Duration.ofMinutes(3))).isZero();
    assertThat(audits.prune(Duration.ofMinutes(1))).isEqualTo(1);
    assertThat(audits.newest(null, null, 9)).extracting(AuditResult::auditId).containsExactly("2");
    assertThat(audits.progress("a_v1").auditedUntilMs()).isEqualTo(20);
  }

  @Test
  void status_hasTheLastAuditOfEachKind_andNamesThoseThatFoundSomething() {
    catalog
        .views()
        .add(
            new ViewPlan(
                "a", 1, "page_view", "SELECT 1", Map.of(), List.of(), List.of(), List.of(), null),
            1);
    audits.add(result("1", "a", AuditResult.FULL, AuditResult.FAILED, null, null));
    audits.add(result("2", "a", AuditResult.FULL, AuditResult.EQUAL, 0L, 20L));
    audits.add(result("3", "a", AuditResult.ABSORBED, AuditResult.DIFFERS, 0L, 20L));
    audits.add(result("4", "gone", AuditResult.FULL, AuditResult.DIFFERS, 0L, 20L));

    StatusReport status = StatusReport.of(catalog, config, Clock.systemUTC());
    assertThat(status.audits())
        .extracting(audit -> audit.view() + " " + audit.kind() + " " + audit.status())
        .containsExactly("a ABSORBED DIFFERS", "a FULL EQUAL");
    assertThat(status.problems())
        .containsExactly("audit of view 'a': 2 of 7 groups differ from the recount from raw");
  }
}
