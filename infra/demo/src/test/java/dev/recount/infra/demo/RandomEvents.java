package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Drawn events of the type {@code random_event}, as JSON. */
final class RandomEvents {
  private static final List<String> ROOMS = List.of("", "null", "Küche / 'A\"1'", "hall", "\uFFFD");
  private static final List<String> KINDS = List.of("warm", "cold", "ignored");
  private static final Instant BEGIN = Instant.parse("2026-05-04T10:00:00Z");
  private static final long FAR_MS = 70L * 365 * 86_400_000;

  private final Random random;

  RandomEvents(Random random) {
    this.random = random;
  }

  /** Some of them are copies. */
  List<JsonNode> draw(int count) {
    List<JsonNode> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean isRepeated = i > 0 && random.nextInt(20) == 0;
      events.add(isRepeated ? copy(events.get(random.nextInt(i))) : draw());
    }
    return events;
  }

  /** Of the same id; some say something else. */
  private JsonNode copy(JsonNode event) {
    return random.nextBoolean()
        ? event
        : ((ObjectNode) event.deepCopy()).put("level", random.nextInt(11));
  }

  private JsonNode draw() {
    ObjectNode event = Json.MAPPER.createObjectNode();
    event.put("event_time", time().toString());
    if (isThere()) {
      event.put("event_id", Long.toHexString(random.nextLong()));
    }
    ObjectNode place = event.putObject("place").put("floor", random.nextInt(5) - 2);
    if (isThere()) {
      place.put("room", oneOf(ROOMS));
    }
    if (isThere()) {
      event.put("kind", oneOf(KINDS));
    }
    if (isThere()) {
      event.put("outside", random.nextBoolean());
    }
    numbers(event);
    if (isThere()) {
      event.put("day", LocalDate.ofEpochDay(random.nextInt(40_000) - 10_000L).toString());
    }
    if (isThere()) {
      event.put("seen", time().plusNanos(1_000L * random.nextInt(1_000_000)).toString());
    }
    if (isThere()) {
      event.put("visitor", "visitor " + random.nextInt(300));
    }
    return event;
  }

  private void numbers(ObjectNode event) {
    if (isThere()) {
      event.put("level", random.nextInt(11));
    }
    if (isThere()) {
      event.put("amount", random.nextInt(10) == 0 ? random.nextLong() >> 12 : random.nextInt());
    }
    if (isThere()) {
      event.put("weight", random.nextFloat());
    }
    if (isThere()) {
      event.put("price", random.nextGaussian() * 100);
    }
    if (isThere()) {
      event.put("cost", BigDecimal.valueOf(random.nextInt(2_000_000) - 500_000L, 2));
    }
  }

  /** Most are in a few hours; some are years late, or from the future. */
  private Instant time() {
    long away =
        random.nextInt(50) == 0 ? random.nextLong(-FAR_MS, FAR_MS) : random.nextInt(9_000_000);
    return BEGIN.plusMillis(away);
  }

  private boolean isThere() {
    return random.nextInt(7) != 0;
  }

  private String oneOf(List<String> values) {
    return values.get(random.nextInt(values.size()));
  }
}
