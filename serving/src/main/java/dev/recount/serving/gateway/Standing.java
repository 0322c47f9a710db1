package dev.recount.serving.gateway;

import dev.recount.core.catalog.ViewVersion;
import dev.recount.serving.pinot.Consumption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What a view is served from at a moment.
 *
 * @param run the batch run; null for none
 * @param state what of the version decides whether it is complete
 * @param deltas how many deltas Pinot has ever ingested
 * @param untilMs everything that arrived before it is served; 0 if that is not known
 * @param nowMs what the brokers' clocks show
 */
public record Standing(
    int version, String run, List<Object> state, long deltas, long untilMs, long nowMs) {
  static Standing of(ViewVersion version, String run, Consumption.Served served) {
    return new Standing(
        version.version(),
        run,
        Arrays.asList(
            version.state(), version.speedSinceMs(), version.speedFailure(), version.speedGapMs()),
        served.deltas(),
        served.untilMs(),
        served.nowMs());
  }

  /** Whether the same parts answer, whatever has arrived since. */
  public boolean hasSameParts(Standing other) {
    return version == other.version && Objects.equals(run, other.run) && state.equals(other.state);
  }
}
