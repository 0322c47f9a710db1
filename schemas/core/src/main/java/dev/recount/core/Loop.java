package dev.recount.core;

import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that a service does again and again, in a thread of its own, until it is closed. Whatever a
 * turn throws, an {@link Error} too, is logged once, kept as the loop's problem, and the next turn
 * comes all the same: a loop never ends unseen. If the JVM itself is broken, as when memory is
 * exhausted, the process ends instead, with a code other than 0.
 */
public final class Loop implements AutoCloseable {
  /** What a loop does. */
  @FunctionalInterface
  public interface Turn {
    /** An {@link InterruptedException} means that the loop is being closed. */
    void run() throws Exception;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
  private static final int BROKEN = 70;

  private final String name;
  private final Duration pause;
  private final Turn turn;
  private final Consumer<VirtualMachineError> broken;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile String problem;

  Loop(String name, Duration pause, Turn turn, Consumer<VirtualMachineError> broken) {
    this.name = name;
    this.pause = pause;
    this.turn = turn;
    this.broken = broken;
    this.thread = new Thread(this::run, name);
    this.thread.setDaemon(true);
  }

  /**
   * Starts one.
   *
   * @param name of its thread, and in the log
   * @param pause between two turns
   */
  public static Loop start(String name, Duration pause, Turn turn) {
    Loop loop = new Loop(name, pause, turn, e -> Runtime.getRuntime().halt(BROKEN));
    loop.begin();
    return loop;
  }

  void begin() {
    thread.start();
  }

  private void run() {
    while (!isClosing()) {
      try {
        turn.run();
        works();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Throwable e) {
        failed(e);
      }
      if (!rest()) {
        return;
      }
    }
  }

  /** False if the loop should end. */
  private boolean rest() {
    try {
      return !closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Only closing ends a loop: a turn may have left the thread interrupted.
      return !isClosing();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void works() {
    if (problem != null) {
      problem = null;
      LOG.info("{} works again", name);
    }
  }

  private void failed(Throwable e) {
    if (isBroken(e)) {
      LOG.error("{}: ending the process", name, e);
      broken.accept((VirtualMachineError) e);
    }
    if (isClosing()) {
      return;
    }
    String text = e.getMessage() == null ? e.toString() : e.getMessage();
    if (!text.equals(problem)) {
      LOG.warn(
          "{} continues after a failure: {}", name, text, e instanceof RecountException ? null : e);
    }
    problem = text;
  }

  /** Too deep a recursion breaks nothing but the turn that went too deep. */
  private static boolean isBroken(Throwable e) {
    return e instanceof VirtualMachineError && !(e instanceof StackOverflowError);
  }

  /** What the last turn failed with; empty if it did not. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Has no other turn begin. */
  public void stop() {
    closing.countDown();
  }

  /**
   * Waits until a stopped loop has ended.
   *
   * @return whether it has
   */
  public boolean join(Duration patience) throws InterruptedException {
    thread.join(Math.max(1, patience.toMillis()));
    return !thread.isAlive();
  }

  /** Stops it, interrupts the turn that runs, and does not wait for it. */
  @Override
  public void close() {
    stop();
    thread.interrupt();
  }
}
