package dev.recount.planner;

import dev.recount.contract.event.EventSchema;
import dev.recount.contract.view.ViewFile;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** One session for all tests of the module, and the repository's own event and views. */
final class TestSpark {
  static final Path SCHEMAS = Path.of(System.getProperty("recount.root"), "schemas");
  static final SparkSession SESSION = start();
  static final EventSchema PAGE_VIEW =
      EventSchema.read(SCHEMAS.resolve("events").resolve("page_view.avsc"));

  private TestSpark() {}

  private static SparkSession start() {
    SparkSession session = SparkSessions.local("planner tests", 2);
    session.conf().set("spark.sql.shuffle.partitions", 2);
    return session;
  }

  static ViewFile shipped(String view) {
    return ViewFile.read(SCHEMAS.resolve("views").resolve(view + ".sql"));
  }
}
