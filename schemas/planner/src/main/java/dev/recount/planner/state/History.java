package dev.recount.planner.state;

import java.util.Comparator;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The records of one key in their order, whatever the order in which they come. Adding, finding and
 * forgetting one takes time in proportion to the logarithm of how many there are. Most keys have a
 * single record, which is here without a tree. Any number of threads may ask at once, and none
 * while another adds.
 */
final class History<T> {
  private final Comparator<T> order;
  private T only;
  private TreeSet<T> several;

  History(Comparator<T> order) {
    this.order = order;
  }

  void add(T added) {
    if (several == null && only == null) {
      only = added;
      return;
    }
    if (several == null) {
      several = new TreeSet<>(order);
      several.add(only);
      only = null;
    }
    several.add(added);
  }

  /** The last one before a bound; null if there is none. */
  T before(T bound) {
    if (several != null) {
      return several.lower(bound);
    }
    return only != null && order.compare(only, bound) < 0 ? only : null;
  }

  /**
   * Drops those before the last one before a bound.
   *
   * @param dropped is given each
   */
  void forgetBefore(T bound, Consumer<T> dropped) {
    if (several == null) {
      return;
    }
    T kept = several.lower(bound);
    while (kept != null && several.first() != kept) {
      dropped.accept(several.pollFirst());
    }
    if (several.size() == 1) {
      only = several.first();
      several = null;
    }
  }

  /** Whether there is more than one. */
  boolean hasSeveral() {
    return several != null;
  }
}
