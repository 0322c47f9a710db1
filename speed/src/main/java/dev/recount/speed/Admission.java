package dev.recount.speed;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which view versions take part in a micro-batch. A version that has begun always does,
 * also when the micro-batch is repeated; a new one begins with the micro-batch that first sees it,
 * and the catalog knows so before any of its deltas is written.
 */
final class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

  private final Catalog catalog;
  private final EventLog log;
  private final Checkpoint checkpoint;
  private final Duration grain;
  private final Map<String, Long> begun = new HashMap<>();
  private final Set<String> whole = new HashSet<>();

  Admission(Catalog catalog, EventLog log, Checkpoint checkpoint, Duration grain) {
    this.catalog = catalog;
    this.log = log;
    this.checkpoint = checkpoint;
    this.grain = grain;
  }

  /** The versions that take part. */
  List<ViewPlan> admit(Definition definition, long chunk) {
    List<ViewPlan> plans = new ArrayList<>();
    for (Definition.Version version : definition.versions()) {
      if (hasBegun(version) || begin(version.plan(), chunk)) {
        plans.add(version.plan());
        noteWhole(version);
      }
    }
    return plans;
  }

  private boolean hasBegun(Definition.Version version) {
    if (version.firstChunk() != null) {
      begun.putIfAbsent(version.plan().table(), version.firstChunk());
    }
    return begun.containsKey(version.plan().table());
  }

  private boolean begin(ViewPlan plan, long chunk) {
    try {
      catalog.views().beginSpeed(plan.view(), plan.version(), chunk);
    } catch (RecountException e) {
      LOG.warn("{} does not begin yet: {}", plan.table(), e.getMessage());
      return false;
    }
    begun.put(plan.table(), chunk);
    LOG.info("{} begins with micro-batch {}", plan.table(), chunk);
    return true;
  }

  /** Tells the catalog since when a version is whole; tried again with the next micro-batch. */
  private void noteWhole(Definition.Version version) {
    ViewPlan plan = version.plan();
    if (version.sinceMs() != null || whole.contains(plan.table())) {
      return;
    }
    try {
      long sinceMs = wholeSinceMs(begun.get(plan.table()));
      catalog.views().wholeSince(plan.view(), plan.version(), sinceMs);
      whole.add(plan.table());
      LOG.info("{} is whole since arrival {}", plan.table(), sinceMs);
    } catch (RecountException e) {
      LOG.warn("{} cannot say yet since when it is whole: {}", plan.table(), e.getMessage());
    }
  }

  /**
   * From which arrival on a version has every record. All records before its first micro-batch lie
   * in the log already, so none of them arrived after the newest record there.
   */
  private long wholeSinceMs(long firstChunk) {
    return checkpoint.startOf(firstChunk).filter(Positions::isStart).isPresent()
        ? 0
        : Cut.closeOfBucket(log.newestArrivalMs().orElse(0), grain);
  }
}
