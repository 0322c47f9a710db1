package dev.recount.planner.row;

import dev.recount.planner.sketch.SketchFunctions;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** Spark sessions with the settings that every view is planned and run under. */
public final class SparkSessions {
  /**
   * Groups with a sketch that a task holds before it falls back to sorting. Spark's 128 is slow for
   * some hundred thousand groups, no bound at all is slow (and large) for millions.
   */
  private static final String SKETCH_GROUPS = "500000";

  private SparkSessions() {}

  /**
   * Starts Spark in this process, or gives the session that runs already.
   *
   * @param threads 0: one for each core
   */
  public static SparkSession local(String name, int threads) {
    return local(name, threads, Path.of(System.getProperty("java.io.tmpdir")));
  }

  /**
   * The same.
   *
   * @param scratch where Spark keeps what it needs only while it runs
   */
  public static SparkSession local(String name, int threads, Path scratch) {
    SparkSession session =
        builder()
            .appName(name)
            .master("local[" + (threads > 0 ? String.valueOf(threads) : "*") + "]")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.local.dir", scratch.toString())
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.ansi.enabled", "true")
            .config("spark.sql.caseSensitive", "false")
            .config(
                "spark.sql.warehouse.dir", scratch.resolve("recount-warehouse").toUri().toString())
            .config("spark.sql.objectHashAggregate.sortBased.fallbackThreshold", SKETCH_GROUPS)
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .getOrCreate();
    SketchFunctions.register(session);
    return session;
  }

  /** The general builder looks by Scala's reflection for the only kind of session that is here. */
  private static org.apache.spark.sql.classic.SparkSession.Builder builder() {
    return org.apache.spark.sql.classic.SparkSession.builder();
  }
}
