package dev.recount.ingest.source;

import dev.recount.core.letter.DeadLetter;
import dev.recount.error.RecountException;

/**
 * One record on its way in: its bytes, where they came from, and who receives the outcome. Exactly
 * one of {@link #accepted}, {@link #rejected} and {@link #failed} is called, once, on any thread;
 * none may block.
 */
public interface Arrival {
  /** The record as it came. */
  byte[] payload();

  /** How many bytes it has; more than there are if it was too large to be held. */
  default long size() {
    return payload().length;
  }

  /** Where it came from. */
  DeadLetter.Source source();

  /** The brokers hold the event. */
  void accepted();

  /** The record is wrong; the brokers hold it as a dead letter. */
  void rejected(RecountException reason);

  /** The brokers did not confirm that they hold it, as event or as dead letter. */
  void failed(RecountException reason);
}
