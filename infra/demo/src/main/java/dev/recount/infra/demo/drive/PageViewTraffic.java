package dev.recount.infra.demo.drive;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/**
 * Lines of NDJSON that look like the page views of a shop: few pages get most views, visitors come
 * back, some events arrive days late, some lines are malformed. The same seed gives the same lines
 * but for the time of day. Not thread-safe.
 */
public final class PageViewTraffic {
  private static final int PAGES = 400;
  private static final int VISITORS = 3_000;
  private static final int REMEMBERED = 64;
  private static final int BOT_ONE_OF = 20;
  private static final String[] BROWSERS = {"Chrome", "Safari", "Firefox", "Edge", "Opera"};
  private static final String[] MALFORMED = {
    "{\"event_time\": \"not a time\", \"ip_address\": \"203.0.113.9\", \"page_url\": \"/\"}",
    "{\"event_time\": 1700000000000, \"ip_address\": \"203.0.113.9\"}",
    "{\"event_time\": 1700000000000, \"ip_address\": \"203.0.113.9\", \"page_url\": \"/\","
        + " \"status\": \"OK\"}",
    "{\"event_time\": 17000000",
    "not JSON at all"
  };

  private final Random random;
  private final Clock clock;
  private final Shares shares;
  private final Deque<String> recent = new ArrayDeque<>();
  private long made;

  /**
   * What of the traffic is unusual, as shares of all lines from 0 to 1.
   *
   * @param late events whose event time is up to three days back
   * @param malformed lines that the door rejects
   * @param duplicates repetitions of a whole earlier line
   */
  public record Shares(double late, double malformed, double duplicates) {
    public static final Shares DEFAULT = new Shares(0.05, 0.002, 0);

    public Shares withDuplicates(double share) {
      return new Shares(late, malformed, share);
    }
  }

  public PageViewTraffic(long seed, Clock clock, Shares shares) {
    this.random = new Random(seed);
    this.clock = clock;
    this.shares = shares;
  }

  /** The next line, without its line end. */
  public String nextLine() {
    if (random.nextDouble() < shares.malformed()) {
      return MALFORMED[random.nextInt(MALFORMED.length)];
    }
    if (!recent.isEmpty() && random.nextDouble() < shares.duplicates()) {
      return recent.peekFirst();
    }
    String line = Json.write(event());
    recent.addLast(line);
    if (recent.size() > REMEMBERED) {
      recent.removeFirst();
    }
    return line;
  }

  private ObjectNode event() {
    int visitor = skewed(VISITORS);
    int page = skewed(PAGES);
    ObjectNode event = Json.MAPPER.createObjectNode();
    event.put("event_time", eventTime().toString());
    event.put("event_id", Long.toHexString(random.nextLong()) + "-" + made++);
    event.put("ip_address", "198.51." + visitor / 256 + "." + visitor % 256);
    event.put("session_id", "s" + visitor + "-" + random.nextInt(3));
    event.put("page_url", page == 0 ? "/" : "/products/" + page);
    event.put("browser", BROWSERS[visitor % BROWSERS.length]);
    event.put("method", random.nextInt(20) == 0 ? "POST" : "GET");
    int status = random.nextInt(50) == 0 ? 404 : random.nextInt(20) == 0 ? 304 : 200;
    event.put("status", status);
    if (status == 304) {
      event.putNull("bytes");
    } else {
      event.put("bytes", 200 + random.nextInt(80_000));
    }
    event.put("is_bot", visitor % BOT_ONE_OF == 0);
    return event;
  }

  private Instant eventTime() {
    Instant now = clock.instant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
    return random.nextDouble() < shares.late()
        ? now.minusMillis((long) (random.nextDouble() * Duration.ofDays(3).toMillis()))
        : now.minusMillis(random.nextInt(2_000));
  }

  /** Few values get most draws: the cube of a uniform draw. */
  private int skewed(int bound) {
    double u = random.nextDouble();
    return (int) (u * u * u * bound);
  }
}
