package dev.recount.serving.pinot;

/** Pinot is not in one whole, known state right now; asking again soon may find it so. */
public final class Unsettled extends Exception {
  private static final long serialVersionUID = 1L;

  public Unsettled(String reason) {
    super(reason);
  }
}
