package dev.recount.serving.gateway;

import dev.recount.core.catalog.ViewVersion;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.Sources;
import java.util.Objects;

/**
 * What a name of a view means, and what that is made of, as it was found at a time.
 *
 * @param begunNanos all of it was so at some moment after this, by System.nanoTime
 */
record Look(long begunNanos, ViewVersion version, Sources sources) {
  /** Whether what was found at another time makes the same answer in a mode. */
  boolean isSame(Look other, Mode mode) {
    return isSameVersion(other) && sources.isSame(other.sources, mode);
  }

  boolean isSameVersion(Look other) {
    return version.version() == other.version.version();
  }

  /** Whether the speed layer says the same of what it has counted. */
  boolean isCountedAlike(Look other) {
    return Objects.equals(version.speedSinceMs(), other.version.speedSinceMs())
        && Objects.equals(version.speedFailure(), other.version.speedFailure())
        && Objects.equals(version.speedGapMs(), other.version.speedGapMs());
  }

  /** Whether it began at a moment or later. */
  boolean isSince(long nanos) {
    return begunNanos - nanos >= 0;
  }
}
