package dev.recount.batch.run;

import dev.recount.batch.compute.DueView;
import dev.recount.core.cli.Progress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FSError;

/**
 * What the parts of a run share: where they say how far they are, and who may stop them.
 *
 * @param folder for what is needed only while it runs
 */
public record RunContext(
    RunRecord record,
    Steps steps,
    Progress progress,
    StopSignal stop,
    RunLog log,
    WorkFolder folder) {

  /**
   * Does something for views; empty if it failed, which the record of the views then says. What a
   * local disk refuses, such as for want of room, is an {@link FSError}.
   */
  <T> Optional<T> attempt(List<DueView> views, Supplier<T> work) {
    try {
      return Optional.of(work.get());
    } catch (Exception | FSError e) {
      stop.requireNone();
      views.forEach(view -> record.failed(view.plan(), e));
      log.failed("Cannot publish " + views.stream().map(v -> v.plan().table()).toList(), e);
      return Optional.empty();
    }
  }
}
