package dev.recount.serving.gateway;

/** Pinot is not in one whole, known state right now; asking again soon may find it so. */
final class Unsettled extends Exception {
  private static final long serialVersionUID = 1L;

  Unsettled(String reason) {
    super(reason);
  }
}
