package dev.recount.infra.stack;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a process of the stack is. */
public enum Health {
  /** It runs and answers. */
  UP,
  /** It runs, does not answer yet, and is young. */
  STARTING,
  /** It runs and does not answer. */
  UNHEALTHY,
  /** It does not run. */
  DOWN;

  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
