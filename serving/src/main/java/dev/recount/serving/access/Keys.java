package dev.recount.serving.access;

import dev.recount.core.Deadline;
import dev.recount.core.SharedLook;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.AccessKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The keys of the catalog as they were some seconds ago: so long a revoked one is still good. All
 * are read together, so that while the catalog is away each of them is good for some minutes,
 * whether it was used before or not. What is brought without a key never has the catalog asked
 * often, and nobody waits long for it. Thread-safe.
 */
final class Keys {
  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration USABLE = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Without any that were read before, there is nothing else to go by. */
  private static final Duration FIRST = Duration.ofSeconds(6);

  /** Keys that are younger than what was read are looked for one by one, but not without bound. */
  private static final int MOST_LOOKUPS_A_SECOND = 20;

  private final Catalog catalog;
  private final Clock clock;
  private final LongSupplier nanos;
  private final SharedLook<Known> look;
  private final KeyUse use;
  private final ReentrantLock lookup = new ReentrantLock();
  private volatile Known last;
  private volatile boolean isAway;
  private long secondBegun;
  private int lookups;

  /**
   * @param nanos counts time
   */
  Keys(Catalog catalog, Clock clock, LongSupplier nanos) {
    this.catalog = catalog;
    this.clock = clock;
    this.nanos = nanos;
    this.look = new SharedLook<>("access-keys", this::read, FRESH, nanos);
    this.use = new KeyUse(catalog, nanos);
    this.secondBegun = nanos.getAsLong() - TimeUnit.SECONDS.toNanos(1);
  }

  /**
   * @param readNanos when the catalog was asked for them
   */
  private record Known(Map<String, AccessKey> keys, long readNanos) {}

  private Known read() {
    long readNanos = nanos.getAsLong();
    Map<String, AccessKey> keys = new ConcurrentHashMap<>();
    catalog.keys().valid().forEach(key -> keys.put(key.keyId(), key));
    return new Known(keys, readNanos);
  }

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
      throw Proof.refused(
          isSession
              ? "the session is over; log in again"
              : "there is no such key; 'recount key list' shows which there are");
    }
    AccessKey key = found.get();
    if (!key.isValid() || isAway && hasExpired(key)) {
      throw Proof.refused(
          isSession
              ? "the session is over; log in again"
              : "the key '" + key.keyName() + "' was revoked or has expired");
    }
    use.note(key.parentId() == null ? key.keyId() : key.parentId());
    return key;
  }

  /** By this host's clock; the catalog's counts as long as it answers. */
  private boolean hasExpired(AccessKey key) {
    return key.expires() != null && !clock.instant().isBefore(key.expires());
  }

  private Optional<AccessKey> find(String id) {
    Known known = known();
    AccessKey key = known.keys().get(id);
    if (key != null) {
      return Optional.of(key);
    }
    if (isAway) {
      throw unavailable();
    }
    Optional<AccessKey> younger = lookUp(id);
    younger.filter(AccessKey::isValid).ifPresent(found -> known.keys().put(id, found));
    return younger;
  }

  /** While the catalog is away it is asked again and again, but nobody waits for that. */
  private Known known() {
    Duration patience = last == null ? FIRST : isAway ? Duration.ZERO : PATIENCE;
    Optional<Known> read = look.now(Deadline.after(patience));
    isAway = read.isEmpty();
    if (read.isPresent()) {
      last = read.get();
      return last;
    }
    Known before = last;
    if (before == null || nanos.getAsLong() - before.readNanos() >= USABLE.toNanos()) {
      throw unavailable();
    }
    return before;
  }

  private static RecountException unavailable() {
    return new RecountException(
        ErrorCode.CATALOG_UNAVAILABLE,
        "Cannot check the key: the catalog does not answer; ask again, and see recount status");
  }

  /** Empty too if many unknown ones were brought in this second: then it is known in some. */
  private Optional<AccessKey> lookUp(String id) {
    try {
      if (!lookup.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw unavailable();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable();
    }
    try {
      return mayLookUp() ? catalog.keys().find(id) : Optional.empty();
    } finally {
      lookup.unlock();
    }
  }

  private boolean mayLookUp() {
    long now = nanos.getAsLong();
    if (now - secondBegun >= TimeUnit.SECONDS.toNanos(1)) {
      secondBegun = now;
      lookups = 0;
    }
    lookups++;
    return lookups <= MOST_LOOKUPS_A_SECOND;
  }

  /** A key that was changed here is good no more. */
  void forget(String id) {
    Known known = last;
    if (known != null) {
      known.keys().remove(id);
    }
  }
}
