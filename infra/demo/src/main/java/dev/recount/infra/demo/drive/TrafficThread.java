package dev.recount.infra.demo.drive;

import dev.recount.ingest.door.Batch;
import dev.recount.ingest.door.Door;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Sends traffic through the door at a steady rate until closed, whatever the door refuses. */
public final class TrafficThread implements AutoCloseable {
  private static final int TICKS_PER_SECOND = 10;

  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private volatile RuntimeException problem;
  private final PageViewTraffic traffic;
  private final Door door;
  private final int linesPerTick;

  /**
   * @param rate lines a second
   */
  public TrafficThread(PageViewTraffic traffic, Door door, int rate) {
    this.traffic = traffic;
    this.door = door;
    this.linesPerTick = Math.max(1, rate / TICKS_PER_SECOND);
  }

  public void start() {
    executor.scheduleAtFixedRate(this::tick, 0, 1_000 / TICKS_PER_SECOND, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      List<byte[]> lines = new ArrayList<>(linesPerTick);
      for (int i = 0; i < linesPerTick; i++) {
        lines.add(traffic.nextLine().getBytes(StandardCharsets.UTF_8));
      }
      Batch batch = door.submit("page_view", lines);
      accepted.addAndGet(batch.accepted());
      rejected.addAndGet(batch.rejected().size());
      problem = null;
    } catch (RuntimeException e) {
      failed(e);
    } catch (Error e) {
      // The executor keeps it to itself, and does not come back.
      failed(new IllegalStateException(e));
      throw e;
    }
  }

  private void failed(RuntimeException e) {
    failure.compareAndSet(null, e);
    problem = e;
  }

  public long accepted() {
    return accepted.get();
  }

  public long rejected() {
    return rejected.get();
  }

  /** Why the newest lines were not accepted; empty if they were. */
  public Optional<RuntimeException> problem() {
    return Optional.ofNullable(problem);
  }

  /** Throws what first went wrong, if anything did. */
  public void check() {
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  /** Stops after the tick that runs, so that everything sent is acknowledged. Idempotent. */
  public void stop() {
    executor.shutdown();
    try {
      executor.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
  }
}
