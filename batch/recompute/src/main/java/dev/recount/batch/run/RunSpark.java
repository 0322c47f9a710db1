package dev.recount.batch.run;

import dev.recount.core.config.RecountConfig;
import dev.recount.planner.row.SparkSessions;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.SparkSession;

/** The Spark of a run: starts while the run does something else, and ends when the run does. */
public final class RunSpark implements AutoCloseable {
  private final RunContext run;
  private final CompletableFuture<SparkSession> starting;

  /** Begins to start. */
  public RunSpark(String name, RecountConfig config, RunContext run) {
    this.run = run;
    this.starting =
        CompletableFuture.supplyAsync(
            () -> SparkSessions.local(name, config.batch().threads(), run.folder().path()));
  }

  /** Once it has started; whoever wishes that the run ends, ends its jobs. */
  public SparkSession session() {
    SparkSession session = run.steps().time("start", starting::join);
    run.stop().cancelsBy(() -> session.sparkContext().cancelAllJobs());
    return session;
  }

  @Override
  public void close() {
    // Spark that is interrupted while it stops is neither stopped nor usable afterwards.
    run.stop().end();
    starting.thenAccept(SparkSession::stop).join();
  }
}
