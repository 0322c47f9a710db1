package dev.recount.infra.pinot;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAccumulator;
import org.apache.pinot.common.metrics.ServerMetrics;
import org.apache.pinot.core.query.executor.QueryExecutor;
import org.apache.pinot.core.query.request.ServerQueryRequest;
import org.apache.pinot.core.query.scheduler.fcfs.FCFSQueryScheduler;
import org.apache.pinot.spi.env.PinotConfiguration;

/**
 * Pinot's own scheduler, but that cancelling a query of a hybrid table ends both of its sides:
 * 0.11.0 gives them one id and forgets it when the first of them has ended.
 */
public final class CancellingScheduler extends FCFSQueryScheduler {
  private final Map<String, Set<Future<byte[]>>> running = new ConcurrentHashMap<>();

  /** Called by Pinot, by reflection. */
  public CancellingScheduler(
      PinotConfiguration config,
      QueryExecutor executor,
      ServerMetrics metrics,
      LongAccumulator latestQueryTime) {
    super(config, executor, metrics, latestQueryTime);
  }

  @Override
  public ListenableFuture<byte[]> submitQuery(ServerQueryRequest request) {
    ListenableFuture<byte[]> future = submit(request);
    String id = request.getQueryId();
    running.compute(
        id,
        (key, sides) -> {
          Set<Future<byte[]>> now = sides == null ? ConcurrentHashMap.newKeySet() : sides;
          now.add(future);
          return now;
        });
    future.addListener(() -> ended(id, future), MoreExecutors.directExecutor());
    return future;
  }

  private void ended(String id, Future<byte[]> future) {
    running.computeIfPresent(
        id,
        (key, sides) -> {
          sides.remove(future);
          return sides.isEmpty() ? null : sides;
        });
  }

  @Override
  public boolean cancelQuery(String id) {
    Set<Future<byte[]>> sides = running.get(id);
    if (sides == null) {
      return false;
    }
    sides.forEach(side -> side.cancel(true));
    return true;
  }

  @Override
  public Set<String> getRunningQueryIds() {
    return Set.copyOf(running.keySet());
  }
}
