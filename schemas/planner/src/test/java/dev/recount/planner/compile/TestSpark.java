package dev.recount.planner.compile;

import dev.recount.core.view.ViewFile;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.SparkSessions;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** One session for all tests of the module, and the repository's own event and views. */
public final class TestSpark {
  public static final Path SCHEMAS = Path.of(System.getProperty("recount.root"), "schemas");
  public static final SparkSession SESSION = start();
  public static final EventSchema PAGE_VIEW =
      EventSchema.read(SCHEMAS.resolve("events").resolve("page_view.avsc"));

  private TestSpark() {}

  private static SparkSession start() {
    SparkSession session = SparkSessions.local("planner tests", 2);
    session.conf().set("spark.sql.shuffle.partitions", 2);
    return session;
  }

  public static ViewFile shipped(String view) {
    return ViewFile.read(SCHEMAS.resolve("views").resolve(view + ".sql"));
  }
}
