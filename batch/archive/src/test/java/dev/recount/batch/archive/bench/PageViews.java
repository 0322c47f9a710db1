package dev.recount.batch.archive.bench;

import dev.recount.event.EventSchema;
import java.util.List;
import java.util.Random;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Page views with the cardinalities of a busy site; the same for the same seed. */
public final class PageViews {
  private static final List<String> BROWSERS =
      List.of("Chrome", "Safari", "Firefox", "Edge", "Opera", "Samsung Internet");
  private static final List<String> METHODS = List.of("GET", "GET", "GET", "GET", "POST", "HEAD");
  private static final List<Integer> STATUSES = List.of(200, 200, 200, 200, 304, 404, 500);

  private final EventSchema schema;
  private final Random random;

  public PageViews(EventSchema schema, long seed) {
    this.schema = schema;
    this.random = new Random(seed);
  }

  /** The next event, which happened at the given time. */
  public GenericRecord next(long eventTimeMs) {
    int visitor = random.nextInt(200_000);
    String browser = BROWSERS.get(Math.min(5, (int) Math.abs(random.nextGaussian() * 2)));
    GenericRecord event = new GenericData.Record(schema.avro());
    event.put("event_time", eventTimeMs);
    event.put(
        "event_id", Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
    event.put(
        "ip_address", "10." + (visitor >> 16) + "." + (visitor >> 8 & 255) + "." + (visitor & 255));
    event.put("session_id", "s" + visitor * 7919L);
    event.put(
        "page_url", "/articles/" + (int) Math.abs(random.nextGaussian() * 700) + "/index.html");
    event.put(
        "referrer",
        random.nextInt(3) == 0
            ? null
            : "https://www.example.org/search?page=" + random.nextInt(500));
    event.put("browser", browser);
    event.put(
        "user_agent", "Mozilla/5.0 (X11; Linux x86_64) " + browser + "/" + random.nextInt(40));
    event.put("method", METHODS.get(random.nextInt(METHODS.size())));
    event.put("status", STATUSES.get(random.nextInt(STATUSES.size())));
    event.put("bytes", (long) random.nextInt(60_000));
    event.put("is_bot", random.nextInt(10) == 0);
    return event;
  }
}
