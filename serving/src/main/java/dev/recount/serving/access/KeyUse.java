package dev.recount.serving.access;

import dev.recount.core.catalog.Catalog;
import dev.recount.error.RecountException;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Notes when keys were used, to the minute, in a thread of its own: no request waits for it, and
 * none fails because it cannot be noted.
 */
final class KeyUse {
  private static final long EVERY = TimeUnit.MINUTES.toNanos(1);
  private static final int MOST = 10_000;
  private static final int IDLE_SECONDS = 10;

  private final Catalog catalog;
  private final LongSupplier nanos;
  private final Map<String, Long> noted = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          0,
          1,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST),
          work -> {
            Thread noting = new Thread(work, "key-use");
            noting.setDaemon(true);
            return noting;
          },
          new ThreadPoolExecutor.DiscardPolicy());

  KeyUse(Catalog catalog, LongSupplier nanos) {
    this.catalog = catalog;
    this.nanos = nanos;
  }

  void note(String keyId) {
    long now = nanos.getAsLong();
    Long last = noted.get(keyId);
    if (last != null && now - last < EVERY) {
      return;
    }
    if (noted.size() >= MOST) {
      noted.clear();
    }
    noted.put(keyId, now);
    thread.execute(() -> used(keyId));
  }

  private void used(String keyId) {
    try {
      catalog.keys().used(keyId);
    } catch (RecountException e) {
      // The catalog is away; the next minute's use is noted.
      return;
    }
  }
}
