package dev.recount.ingest;

import dev.recount.event.EventSchema;
import java.nio.file.Path;

/** Events that tests use. */
public final class TestingEvents {
  private TestingEvents() {}

  /** One with a field of each type. */
  public static EventSchema everyType() {
    return read("schemas/event/src/test/resources/every_type.avsc");
  }

  /** The event that comes with Recount. */
  public static EventSchema pageView() {
    return read("schemas/events/page_view.avsc");
  }

  private static EventSchema read(String file) {
    return EventSchema.read(Path.of(System.getProperty("recount.root"), file));
  }
}
