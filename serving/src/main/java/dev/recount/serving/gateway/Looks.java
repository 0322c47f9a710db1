package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.PinotRouting;
import dev.recount.serving.pinot.RealtimeSegments;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.sql.QueryErrors;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Looks at what names mean and what is served of them. Those who want a look at the same time share
 * one: each gets one that began after it wanted it. Thread-safe.
 */
final class Looks {
  /** A swap takes longer, so that what was found and is found again so late was so in between. */
  private static final Duration RECENT = Duration.ofSeconds(1);

  private static final int MOST_NAMES = 1_000;

  private final Catalog catalog;
  private final PinotRouting routing;
  private final RealtimeSegments realtime;
  private final ExecutorService threads;
  private final Map<String, Named> names =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Named> eldest) {
          return size() > MOST_NAMES;
        }
      };

  Looks(Catalog catalog, PinotRouting routing, RealtimeSegments realtime, ExecutorService threads) {
    this.catalog = catalog;
    this.routing = routing;
    this.realtime = realtime;
    this.threads = threads;
  }

  /** The looks of one name. */
  private static final class Named {
    private final ReentrantLock looking = new ReentrantLock(true);
    private volatile Look last;
  }

  /** The last look, if it is recent: what it shows is to be found again before it is relied on. */
  Optional<Look> recent(String name) {
    long now = System.nanoTime();
    return Optional.ofNullable(named(name).last)
        .filter(look -> look.isSince(now - RECENT.toNanos()));
  }

  /**
   * A look that began at a moment or later.
   *
   * @param sinceNanos by System.nanoTime, and over by now
   * @throws Unsettled if Pinot is not in one whole, known state
   * @throws RecountException VIEW_UNKNOWN, QUERY_TIMEOUT, PINOT_UNAVAILABLE, CATALOG_UNAVAILABLE
   */
  Look since(String name, long sinceNanos, Deadline deadline) throws Unsettled {
    Named named = named(name);
    Look last = named.last;
    if (last != null && last.isSince(sinceNanos)) {
      return last;
    }
    lock(named.looking, deadline);
    try {
      // Whoever looked while this one waited may have begun late enough.
      if (named.last == null || !named.last.isSince(sinceNanos)) {
        named.last = look(name, deadline);
      }
      return named.last;
    } finally {
      named.looking.unlock();
    }
  }

  private Named named(String name) {
    synchronized (names) {
      return names.computeIfAbsent(name, n -> new Named());
    }
  }

  private static void lock(ReentrantLock lock, Deadline deadline) {
    try {
      if (lock.tryLock(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw QueryErrors.timeout();
  }

  /** Pinot is asked while the catalog is read. */
  private Look look(String name, Deadline deadline) throws Unsettled {
    long begun = System.nanoTime();
    ViewVersion version =
        catalog
            .views()
            .named(name)
            .orElseThrow(() -> UnknownName.view(name, catalog.views().namesLike(name)));
    String table = version.table();
    CompletableFuture<PinotRouting.Snapshot> snapshot =
        CompletableFuture.supplyAsync(() -> routing.snapshot(table, deadline), threads);
    try {
      Optional<Publication> serving = catalog.batch().serving(table);
      long dropped = catalog.audits().progress(table).droppedUntilMs();
      Sources sources =
          Sources.of(table, snapshot.join(), serving, dropped, realtime, catalog.batch(), deadline);
      return new Look(begun, version, sources);
    } catch (CompletionException e) {
      throw e.getCause() instanceof RecountException known ? known : e;
    }
  }
}
