package dev.recount.serving.request;

import dev.recount.core.config.ServingLimits;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How much each one who asks may ask: so many questions a second, and so many at a time. Knows a
 * bounded number of them. Thread-safe.
 */
public final class Limits {
  /** Detail of an error: in how many seconds it is worth asking again. */
  public static final String RETRY_AFTER = "retry_after_seconds";

  /** So many seconds' worth of questions may come at once. */
  private static final int BURST_SECONDS = 2;

  private static final int MOST_KNOWN = 10_000;
  private static final double NANOS = 1e9;
  private static final String PERMIT = Limits.class.getName() + ".permit";

  private final ServingLimits settings;
  private final LongSupplier nanos;
  private final Map<String, One> known = new LinkedHashMap<>(16, 0.75f, true);

  public Limits(ServingLimits settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
  }

  /** One who asks. */
  private final class One {
    private double left = settings.rate() * BURST_SECONDS;
    private long seenNanos = nanos.getAsLong();
    private int running;

    private void refill() {
      long now = nanos.getAsLong();
      double more = (now - seenNanos) / NANOS * settings.rate();
      left = Math.min(settings.rate() * BURST_SECONDS, left + more);
      seenNanos = now;
    }
  }

  /**
   * Lets a request in; {@link #release} follows when its thread is done with it.
   *
   * @param who asks
   * @throws RecountException TOO_MANY_REQUESTS
   */
  public synchronized void admit(HttpServletRequest request, String who) {
    One one = known.computeIfAbsent(who, w -> new One());
    forgetOldest();
    if (one.running >= settings.concurrent()) {
      throw refused(
          ErrorCode.TOO_MANY_REQUESTS,
          1,
          "Cannot take the request: %s requests of '%s' are being answered already"
              + " (serving.limits.concurrent); ask again when one has ended",
          settings.concurrent(),
          who);
    }
    if (settings.rate() > 0) {
      one.refill();
      if (one.left < 1) {
        throw refused(
            ErrorCode.TOO_MANY_REQUESTS,
            (long) Math.ceil((1 - one.left) / settings.rate()),
            "Cannot take the request: '%s' has asked more than %s questions a second"
                + " (serving.limits.rate); ask again later",
            who,
            settings.rate());
      }
      one.left--;
    }
    one.running++;
    request.setAttribute(PERMIT, one);
  }

  /** Who has not asked for the longest time is forgotten, unless something of theirs runs. */
  private void forgetOldest() {
    if (known.size() > MOST_KNOWN) {
      known.values().stream()
          .limit(2)
          .filter(one -> one.running == 0)
          .findFirst()
          .ifPresent(known.values()::remove);
    }
  }

  /** Ends what {@link #admit} began, if it did. */
  public synchronized void release(HttpServletRequest request) {
    if (request.getAttribute(PERMIT) instanceof One one) {
      request.removeAttribute(PERMIT);
      one.running--;
    }
  }

  /** An error that says when to ask again. */
  public static RecountException refused(
      ErrorCode code, long retryAfterSeconds, String message, Object... arguments) {
    return new RecountException(
        code,
        RecountException.message(message, arguments),
        Map.of(RETRY_AFTER, Math.max(1, retryAfterSeconds)),
        null);
  }
}
