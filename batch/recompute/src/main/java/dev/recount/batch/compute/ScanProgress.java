package dev.recount.batch.compute;

import dev.recount.core.cli.Progress;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.jdk.javaapi.CollectionConverters;

/** Advances a step by the records that Spark's tasks have read from files. */
final class ScanProgress extends SparkListener {
  /** Spark's name of the metric in the heartbeats of tasks that run. */
  private static final String RECORDS_READ = "internal.metrics.input.recordsRead";

  private final Progress.Step step;
  private final Map<Long, Long> read = new HashMap<>();

  ScanProgress(Progress.Step step) {
    this.step = step;
  }

  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate beat) {
    CollectionConverters.asJava(beat.accumUpdates())
        .forEach(
            task ->
                CollectionConverters.asJava(task._4())
                    .forEach(metric -> note((Long) task._1(), metric)));
  }

  private void note(long task, AccumulableInfo metric) {
    boolean isRecords = metric.name().isDefined() && RECORDS_READ.equals(metric.name().get());
    if (isRecords && metric.update().isDefined()) {
      advance(task, ((Number) metric.update().get()).longValue());
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskMetrics() != null) {
      advance(end.taskInfo().taskId(), end.taskMetrics().inputMetrics().recordsRead());
    }
  }

  /** Says what was done in all, whatever tasks have told. */
  synchronized void finish(long records) {
    step.advance(records - read.values().stream().mapToLong(Long::longValue).sum());
  }

  private void advance(long task, long records) {
    Long before = read.put(task, records);
    step.advance(records - (before == null ? 0 : before));
  }
}
