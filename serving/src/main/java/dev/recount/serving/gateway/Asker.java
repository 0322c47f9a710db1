package dev.recount.serving.gateway;

/** Who asks. */
public interface Asker {
  /** By which name those that ask are told apart, counted and listed. */
  String name();

  /**
   * Refuses what this one may not read; called with the view's name, without a version.
   *
   * @throws dev.recount.error.RecountException if it may not
   */
  void requireMayRead(String view);

  /** Whether it still waits for the answer; asked now and then by the thread that asks. */
  default boolean isThere() {
    return true;
  }

  /** Whether it takes an answer that was begun before it asked; asked once, before the answer. */
  default boolean takesKept() {
    return true;
  }

  /** One that may read everything. */
  static Asker named(String name) {
    return new Anyone(name);
  }

  /** One that may read everything. */
  record Anyone(String name) implements Asker {
    @Override
    public void requireMayRead(String view) {
      // It may.
    }
  }
}
