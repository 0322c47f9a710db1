package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.cut.Cut;
import dev.recount.core.diff.VersionDiff;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.diff.DiffRequest;
import dev.recount.serving.diff.VersionDiffs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two versions of a view on a real Pinot, of which batch covers one further than the other. */
@ExtendWith(PinotExtension.class)
class VersionDiffsIT {
  private static final long HOUR = Instant.parse("2015-05-17T10:00:00Z").toEpochMilli();

  /** A while ago: what arrived longer ago than deltas are kept would not be whole. */
  private static final long BASE =
      Cut.bucket(Clock.systemUTC().millis() - Duration.ofHours(1).toMillis(), TestingPinot.GRAIN);

  private static Map<String, Object> row(ViewPlan plan, String method, long requests) {
    return TestingPinot.row(plan, "hour", HOUR, "method", method, "requests", requests);
  }

  @Test
  void versions_areComparedOverTheSameArrivals(TestingPinot pinot) throws Exception {
    ViewPlan first = pinot.view("compared");
    VersionDiffs diffs = new VersionDiffs(pinot.gateway(), pinot.catalog(), pinot.config());
    assertThatThrownBy(() -> diffs.diff("compared", DiffRequest.any()))
        .hasMessageContaining("has version 1 alone");
    ViewPlan second = first.withVersion(2);
    pinot.create(second);

    pinot.publish(
        first,
        "compared-first",
        new Cut(BASE + 20_000, TestingPinot.GRAIN),
        1,
        List.of(List.of(row(first, "GET", 3), row(first, "PUT", 2))));
    // The first version has absorbed these; they must not be counted twice, nor left out.
    pinot.delta(first, BASE + 10_000, 1, List.of(row(first, "GET", 3), row(first, "PUT", 2)));
    pinot.delta(first, BASE + 30_000, 2, List.of(row(first, "POST", 1)));
    pinot.delta(second, BASE + 10_000, 1, List.of(row(second, "GET", 3), row(second, "PATCH", 4)));
    pinot.delta(second, BASE + 30_000, 2, List.of(row(second, "POST", 5)));
    // What has arrived since both were last heard of belongs to neither answer.
    long later = BASE + Duration.ofHours(3).toMillis();
    pinot.delta(first, later, 3, List.of(row(first, "DELETE", 9)));
    pinot.awaitRequests("\"compared@1\"", 15);
    pinot.awaitRequests("\"compared@2\"", 12);

    VersionDiff diff = diffs.diff("compared", DiffRequest.any());

    assertThat(diff.from().version()).isEqualTo(1);
    assertThat(diff.to().version()).isEqualTo(2);
    assertThat(diff.complete()).as("%s", diff.warnings()).isTrue();
    assertThat(diff.from().batchUntil()).isEqualTo(Instant.ofEpochMilli(BASE + 20_000));
    assertThat(diff.to().batchUntil()).as("it has no batch yet").isNull();
    assertThat(diff.to().speedUntil()).isAfterOrEqualTo(diff.before());
    assertThat(diff.by()).containsExactly("hour", "method", "status");
    assertThat(diff.groups()).isEqualTo(new VersionDiff.Groups(1, 1, 1, 1));
    VersionDiff.MeasureDiff requests = diff.measures().get(0);
    assertThat(requests.totalFrom()).isEqualTo(6L);
    assertThat(requests.totalTo()).isEqualTo(12L);
    assertThat(requests.largest()).hasSize(1);
    assertThat(requests.largest().get(0).difference()).isEqualTo(4.0);
    assertThat(diff.sample())
        .extracting(VersionDiff.Group::change)
        .containsExactlyInAnyOrder(VersionDiff.CHANGED, VersionDiff.NEW, VersionDiff.GONE);

    DiffRequest byHour = new DiffRequest(2, 1, List.of("hour"), 10);
    assertThat(diffs.diff("compared", byHour).groups())
        .isEqualTo(new VersionDiff.Groups(0, 1, 0, 0));
    assertThat(diffs.diff("compared", byHour).from().version()).isEqualTo(2);
    assertThat(diffs.all())
        .filteredOn(outcome -> outcome.view().equals("compared"))
        .extracting(outcome -> outcome.diff().groups())
        .containsExactly(diff.groups());
    assertThatThrownBy(() -> diffs.diff("compared", new DiffRequest(1, 3, List.of(), 10)))
        .hasMessageContaining("view 'compared' has no version 3; it has 1, 2");
    assertThatThrownBy(
            () -> diffs.diff("compared", new DiffRequest(null, null, List.of("bytes"), 10)))
        .hasMessageContaining("'bytes' is no dimension that both versions have; those are: hour,");
  }
}
