package dev.recount.serving.access;

import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.AccessKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys of the catalog, each remembered for some seconds: so long a revoked one is still good.
 * While the catalog is away, those that were good are good for some minutes. Thread-safe.
 */
final class Keys {
  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration USABLE = Duration.ofMinutes(10);
  private static final Duration NOTE = Duration.ofMinutes(1);
  private static final int MOST = 10_000;

  private final Catalog catalog;
  private final Clock clock;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, Long> noted = new ConcurrentHashMap<>();

  Keys(Catalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * @param readMs when the catalog said so
   * @param askedMs when it was last asked, whether it answered or not
   */
  private record Known(AccessKey key, long readMs, long askedMs) {}

  /**
   * The key whose secret somebody brought.
   *
   * @throws RecountException UNAUTHENTICATED; CATALOG_UNAVAILABLE
   */
  AccessKey require(SecretKey secret, boolean isSession) {
    Optional<AccessKey> found = find(secret.id());
    if (found.isEmpty()
        || found.get().isSession() != isSession
        || !secret.matches(found.get().secretHash())) {
      throw Proof.refused("there is no such key; 'recount key list' shows which there are");
    }
    AccessKey key = found.get();
    if (!key.isValid()) {
      throw Proof.refused(
          key.isSession()
              ? "the session is over; log in again"
              : "the key '" + key.keyName() + "' was revoked or has expired");
    }
    noteUse(key.keyId());
    return key;
  }

  private Optional<AccessKey> find(String id) {
    long now = clock.millis();
    Known last = known.get(id);
    if (last != null && isWithin(FRESH, now, last.askedMs())) {
      return Optional.of(last.key());
    }
    try {
      Optional<AccessKey> found = catalog.keys().find(id);
      if (known.size() >= MOST) {
        known.clear();
      }
      found.ifPresentOrElse(key -> known.put(id, new Known(key, now, now)), () -> known.remove(id));
      return found;
    } catch (RecountException e) {
      if (last == null || !isWithin(USABLE, now, last.readMs())) {
        throw e;
      }
      known.put(id, new Known(last.key(), last.readMs(), now));
      return Optional.of(last.key());
    }
  }

  /** A clock that was set back makes everything old. */
  private static boolean isWithin(Duration limit, long now, long then) {
    return Math.abs(now - then) < limit.toMillis();
  }

  /** Once a minute at most; the request is answered even if it cannot be noted. */
  private void noteUse(String id) {
    long now = clock.millis();
    Long last = noted.get(id);
    if (last != null && isWithin(NOTE, now, last)) {
      return;
    }
    if (noted.size() >= MOST) {
      noted.clear();
    }
    noted.put(id, now);
    try {
      catalog.keys().used(id);
    } catch (RecountException e) {
      // The catalog is away; the next minute's use is noted.
      return;
    }
  }

  /** A key that was changed here is read again. */
  void forget(String id) {
    known.remove(id);
  }
}
