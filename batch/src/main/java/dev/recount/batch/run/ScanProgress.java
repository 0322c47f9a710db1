package dev.recount.batch.run;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Advances a step by the records that Spark's tasks have read from files. */
final class ScanProgress extends SparkListener {
  private final Progress.Step step;

  ScanProgress(Progress.Step step) {
    this.step = step;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskMetrics() != null) {
      step.advance(end.taskMetrics().inputMetrics().recordsRead());
    }
  }
}
