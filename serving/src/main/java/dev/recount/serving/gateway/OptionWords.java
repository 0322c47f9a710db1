package dev.recount.serving.gateway;

import dev.recount.core.Moments;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Fill;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/** The words of a request that say how it is to be answered; they are the same on every path. */
public final class OptionWords {
  private static final String TIMEOUT = "timeout_ms";
  private static final String STRICT = "strict";
  private static final String AS_OF = "as_of";
  private static final String SHARES = "shares";
  private static final String FILL = "fill";
  private static final String ZONE = "timezone";

  /** What milliseconds hold, and no clock will ever show. */
  private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");

  /** All of them. */
  public static final Set<String> NAMES = Set.of(TIMEOUT, STRICT, AS_OF, SHARES, FILL, ZONE);

  private final Map<String, String> said;

  /**
   * @param said values by name; other names may be among them
   */
  private OptionWords(Map<String, String> said) {
    this.said = said;
  }

  /**
   * The options that a request names.
   *
   * @param said values by name; other names may be among them
   * @throws RecountException REQUEST_INVALID
   */
  public static Options read(Map<String, String> said) {
    OptionWords words = new OptionWords(said);
    return new Options(
        words.timeout(),
        words.flag(STRICT),
        words.moment(AS_OF),
        words.flag(SHARES),
        words.fill(),
        words.zone());
  }

  private Duration timeout() {
    String value = said.get(TIMEOUT);
    if (value == null) {
      return null;
    }
    if (!value.matches("\\d{1,12}") || Long.parseLong(value) == 0) {
      throw invalid(TIMEOUT, value, "it is a number of milliseconds");
    }
    return Duration.ofMillis(Long.parseLong(value));
  }

  private boolean flag(String name) {
    String value = said.getOrDefault(name, "false");
    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
      throw invalid(name, value, "it is true or false");
    }
    return value.equalsIgnoreCase("true");
  }

  private Instant moment(String name) {
    String value = said.get(name);
    return value == null
        ? null
        : Moments.parse(value)
            .filter(moment -> moment.isAfter(Instant.EPOCH) && moment.isBefore(LATEST))
            .orElseThrow(() -> invalid(name, value, "it is a moment such as 2015-05-17T10:05:00Z"));
  }

  private Fill fill() {
    String value = said.get(FILL);
    if (value == null) {
      return null;
    }
    return Arrays.stream(Fill.values())
        .filter(fill -> fill.name().equalsIgnoreCase(value))
        .findFirst()
        .orElseThrow(() -> invalid(FILL, value, "it is zero or null"));
  }

  private ZoneId zone() {
    String value = said.get(ZONE);
    try {
      return value == null ? null : ZoneId.of(value);
    } catch (DateTimeException e) {
      throw invalid(ZONE, value, "it is a time zone such as Europe/Berlin, or UTC");
    }
  }

  private static RecountException invalid(String name, String value, String reason) {
    return new RecountException(
        ErrorCode.REQUEST_INVALID,
        "Cannot read the parameter '" + name + "' = '" + value + "': " + reason,
        Map.of("parameter", name),
        null);
  }
}
