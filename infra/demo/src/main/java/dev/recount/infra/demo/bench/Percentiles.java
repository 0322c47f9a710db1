package dev.recount.infra.demo.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Measured durations in milliseconds. Not thread-safe. */
final class Percentiles {
  private final List<Double> values = new ArrayList<>();

  void add(double milliseconds) {
    values.add(milliseconds);
  }

  int count() {
    return values.size();
  }

  /** Nearest rank; {@code share} from 0 to 1. */
  double at(double share) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get((int) Math.max(0, Math.ceil(share * sorted.size()) - 1));
  }

  @Override
  public String toString() {
    return values.isEmpty()
        ? "nothing measured"
        : String.format(
            Locale.ROOT, "p50 %,.0f ms, p99 %,.0f ms (%d measured)", at(0.5), at(0.99), count());
  }
}
