package dev.recount.core.view;

/** How far estimates may be from what they estimate. */
public final class SketchErrors {
  private SketchErrors() {}

  /**
   * How many standard errors: of a thousand estimates, three lie beyond three by chance, so the
   * bound grows slowly with their number.
   */
  public static double allowed(long estimates) {
    return Math.max(3, Math.sqrt(2 * Math.log(Math.max(1.0, 100.0 * estimates))));
  }
}
