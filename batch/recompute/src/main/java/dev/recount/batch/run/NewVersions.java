package dev.recount.batch.run;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewPlan;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Has the first run of a version cover all that speed does not: it waits until the speed layer has
 * begun with it, so that its cut is later than that.
 */
final class NewVersions {
  /** The speed layer looks for new versions twice a second. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration SPEED_SILENCE = Duration.ofSeconds(5);

  private final Catalog catalog;
  private final Clock clock;
  private final Consumer<String> say;

  NewVersions(Catalog catalog, Clock clock, Consumer<String> say) {
    this.catalog = catalog;
    this.clock = clock;
    this.say = say;
  }

  /**
   * @param askedMs when the run began, by the clock of this host
   * @return the moment whose arrivals the run has to cover: that one, or when the last version
   *     began
   */
  long awaitBegun(List<ViewPlan> plans, long askedMs) {
    List<ViewPlan> waiting = notBegun(plans);
    if (waiting.isEmpty() || !isSpeedAlive()) {
      return askedMs;
    }
    say.accept(
        "Waiting for the speed layer to begin with "
            + waiting.stream().map(ViewPlan::versionName).collect(Collectors.joining(", "))
            + " ...");
    Deadline.after(PATIENCE).await(POLL, () -> notBegun(waiting).isEmpty());
    return clock.millis();
  }

  private List<ViewPlan> notBegun(List<ViewPlan> plans) {
    return plans.stream()
        .filter(plan -> catalog.batch().serving(plan.table()).isEmpty())
        .filter(
            plan ->
                catalog
                    .views()
                    .find(plan.view(), plan.version())
                    .filter(NewVersions::isExpected)
                    .isPresent())
        .toList();
  }

  private static boolean isExpected(ViewVersion version) {
    return version.speedSinceMs() == null && version.speedFailure() == null;
  }

  private boolean isSpeedAlive() {
    return catalog.services().heartbeats().stream()
        .filter(beat -> beat.service().equals(Standstill.SPEED))
        .anyMatch(beat -> beat.ageMs() <= SPEED_SILENCE.toMillis());
  }
}
