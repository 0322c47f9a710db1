package dev.recount.batch.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Times the steps of a run, in order. Thread-safe for those who look. */
public final class Steps {
  private final BiConsumer<String, Double> ended;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private volatile String current;

  /**
   * @param ended told of each step and how long it took
   */
  Steps(BiConsumer<String, Double> ended) {
    this.ended = ended;
  }

  public <T> T time(String step, Supplier<T> work) {
    long start = System.nanoTime();
    current = step;
    try {
      return work.get();
    } finally {
      double took = (System.nanoTime() - start) / 1e9;
      synchronized (this) {
        seconds.merge(step, took, Double::sum);
      }
      ended.accept(step, took);
    }
  }

  /** The step that runs, or ran last; null before the first. */
  String current() {
    return current;
  }

  /** Of each step that has ended. */
  synchronized Map<String, Double> seconds() {
    return new LinkedHashMap<>(seconds);
  }

  synchronized double total() {
    return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
