package dev.recount.serving.gateway;

import java.time.Duration;

/**
 * How a question is to be answered.
 *
 * @param timeout how long it may take; null, or more than {@code serving.timeout}, for that
 * @param strict whether an answer that is not complete is refused
 */
public record Options(Duration timeout, boolean strict) {
  /** As answers are if nothing is said. */
  public static final Options NONE = new Options(null, false);
}
