package dev.recount.planner.state;

import dev.recount.core.view.ViewFile;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.TestSpark;
import java.nio.file.Path;

/** The shipped example of a join. */
final class Timelines {
  static final Path EXAMPLES = TestSpark.SCHEMAS.resolve("examples");
  static final EventSchema TWEET = event("tweet");
  static final EventSchema FOLLOW = event("follow");

  private Timelines() {}

  private static EventSchema event(String name) {
    return EventSchema.read(EXAMPLES.resolve("events").resolve(name + ".avsc"));
  }

  static ViewFile view() {
    return ViewFile.read(EXAMPLES.resolve("views").resolve("home_timelines.sql"));
  }
}
