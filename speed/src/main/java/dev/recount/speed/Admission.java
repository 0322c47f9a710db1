package dev.recount.speed;

import dev.recount.core.catalog.ViewCatalog;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which view versions take part in a micro-batch. A version that has begun always does,
 * also when the micro-batch is repeated; a new one begins with the micro-batch that first sees it,
 * and the catalog knows so before any of its deltas is written.
 *
 * <p>One that fails again and again is set aside, which the catalog knows before any micro-batch
 * goes through without it. It begins again like a new one, but is complete only after a micro-batch
 * that succeeded with it: from a bucket on that begins after everything in the log at that time. So
 * nothing that it wrote before counts, and what it missed is before that bucket too.
 */
final class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

  /** What it asks of the broker. */
  record Broker(Supplier<OptionalLong> newestArrivalMs, Predicate<ViewPlan> takesDeltas) {}

  private final ViewCatalog views;
  private final Broker broker;
  private final Checkpoint checkpoint;
  private final Duration grain;
  private final FailingViews failing;
  private final Clock clock;
  private final Map<String, Long> begun = new HashMap<>();
  private final Set<String> whole = new HashSet<>();

  Admission(
      ViewCatalog views,
      Broker broker,
      Checkpoint checkpoint,
      Duration grain,
      FailingViews failing,
      Clock clock) {
    this.views = views;
    this.broker = broker;
    this.checkpoint = checkpoint;
    this.grain = grain;
    this.failing = failing;
    this.clock = clock;
  }

  /** Forgets which versions have begun: a new generation numbers its micro-batches anew. */
  void forget() {
    begun.clear();
    whole.clear();
  }

  /** The versions that take part. */
  List<ViewPlan> admit(Definition definition, long chunk) {
    List<ViewPlan> plans = new ArrayList<>();
    for (Definition.Version version : definition.versions()) {
      ViewPlan plan = version.plan();
      if (version.endlessSinceMs() != null) {
        failing.wasEndless(
            plan.table(), Duration.ofMillis(clock.millis() - version.endlessSinceMs()));
      }
      if (failing.isAside(plan.table(), version.isAside())) {
        if (isToBeTried(plan) && (begun.containsKey(plan.table()) || begin(plan, chunk))) {
          plans.add(plan);
        } else {
          // It misses this micro-batch, so an earlier try is no beginning.
          begun.remove(plan.table());
        }
      } else if (hasBegun(version) || begin(plan, chunk)) {
        plans.add(plan);
        if (version.sinceMs() == null) {
          noteWhole(plan);
        }
      }
    }
    return plans;
  }

  /** If its topic is gone, a try would only make the others wait. */
  private boolean isToBeTried(ViewPlan plan) {
    if (!failing.isDue(plan.table())) {
      return false;
    }
    try {
      if (broker.takesDeltas().test(plan)) {
        return true;
      }
    } catch (RecountException e) {
      LOG.warn("{} cannot be tried yet: {}", plan.table(), e.getMessage());
    }
    failing.setAside(plan.table());
    return false;
  }

  private boolean hasBegun(Definition.Version version) {
    if (version.firstChunk() != null) {
      begun.putIfAbsent(version.plan().table(), version.firstChunk());
    }
    return begun.containsKey(version.plan().table());
  }

  private boolean begin(ViewPlan plan, long chunk) {
    try {
      views.beginSpeed(plan.view(), plan.version(), chunk);
    } catch (RecountException e) {
      if (isStartOfLog(chunk)) {
        // The catalog may know it all the same; then it must not miss what comes first in the log.
        throw e;
      }
      LOG.warn("{} does not begin yet: {}", plan.table(), e.getMessage());
      return false;
    }
    begun.put(plan.table(), chunk);
    LOG.info("{} begins with micro-batch {}", plan.table(), chunk);
    return true;
  }

  /**
   * Settles a micro-batch that was written, but for what failed.
   *
   * @param plans what took part
   * @param failures of these
   * @param acknowledged the delta topics that took deltas
   * @throws RecountException if it must be repeated: KAFKA_UNAVAILABLE, CATALOG_UNAVAILABLE, or
   *     VIEW_FAILED if a view has failed too few times to be set aside
   */
  void settle(
      Collection<ViewPlan> plans, Map<ViewPlan, ViewFailure> failures, Set<String> acknowledged) {
    requireBroker(failures, acknowledged);
    Map<ViewPlan, ViewFailure> bearable = new LinkedHashMap<>(failures);
    bearable.keySet().removeIf(plan -> failing.failed(plan.table()));
    failures.forEach(
        (plan, failure) -> {
          if (!bearable.containsKey(plan)) {
            setAside(plan, failure);
          }
        });
    bearable.forEach(Admission::refuse);
    for (ViewPlan plan : plans) {
      boolean isWell = !failures.containsKey(plan);
      if (isWell && (!failing.isAside(plan.table(), false) || noteWhole(plan))) {
        failing.worked(plan.table());
      }
    }
  }

  /**
   * Trouble that a broker may have with any topic is not the view's fault, unless other topics take
   * deltas at the same time, or the view's topic is gone.
   */
  private void requireBroker(Map<ViewPlan, ViewFailure> failures, Set<String> acknowledged) {
    Set<String> working = new HashSet<>(acknowledged);
    failures.keySet().forEach(plan -> working.remove(Topics.deltas(plan.table())));
    failures.forEach(
        (plan, failure) -> {
          if (failure.isOfBroker()
              && working.isEmpty()
              && !failing.isAside(plan.table(), false)
              && broker.takesDeltas().test(plan)) {
            failing.interrupted();
            throw RecountException.of(
                ErrorCode.KAFKA_UNAVAILABLE,
                "Cannot write deltas of event '%s': %s; is the stack up? (recount status)",
                plan.event(),
                failure.reason());
          }
        });
  }

  private static void refuse(ViewPlan plan, ViewFailure failure) {
    throw RecountException.of(
        ErrorCode.VIEW_FAILED,
        "Cannot compute the view '%s' in the speed layer: %s; the micro-batch is "
            + "retried, and the view is set aside if it keeps failing",
        plan.table(),
        failure.reason());
  }

  private void setAside(ViewPlan plan, ViewFailure failure) {
    // Even if the catalog's answer is lost: then the next success tells it anew.
    whole.remove(plan.table());
    views.setAside(plan.view(), plan.version(), failure.reason(), clock.millis());
    begun.remove(plan.table());
    if (failing.isAside(plan.table(), false)) {
      LOG.info("{} stays set aside: {}", plan.table(), failure.reason());
    } else {
      LOG.error("{} is set aside: {}", plan.table(), failure.reason());
    }
    failing.setAside(plan.table());
  }

  /**
   * Tells the catalog since when a version is whole; tried again with the next micro-batch.
   *
   * @return whether the catalog knows it
   */
  private boolean noteWhole(ViewPlan plan) {
    if (whole.contains(plan.table())) {
      return true;
    }
    try {
      long sinceMs = wholeSinceMs(begun.get(plan.table()));
      views.wholeSince(plan.view(), plan.version(), sinceMs);
      whole.add(plan.table());
      LOG.info("{} is complete since arrival {}", plan.table(), sinceMs);
      return true;
    } catch (RecountException e) {
      LOG.warn("{} cannot say yet since when it is complete: {}", plan.table(), e.getMessage());
      return false;
    }
  }

  /**
   * From which arrival on a version has every record. All records before its first micro-batch are
   * in the log already, so none of them arrived after the newest record there.
   */
  private long wholeSinceMs(long firstChunk) {
    return isStartOfLog(firstChunk)
        ? 0
        : Cut.closeOfBucket(broker.newestArrivalMs().get().orElse(0), grain);
  }

  private boolean isStartOfLog(long chunk) {
    return checkpoint.startOf(chunk).filter(Positions::isStart).isPresent();
  }
}
