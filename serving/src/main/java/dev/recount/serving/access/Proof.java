package dev.recount.serving.access;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import io.javalin.http.Context;
import java.time.Instant;

/**
 * What somebody brought to prove who it is.
 *
 * @param keyId of the key or the session; null for a token, and for nothing
 * @param expires when it is of no more use; null if that is looked up each time
 */
record Proof(Kind kind, Caller caller, String keyId, Instant expires) {
  private static final String ATTRIBUTE = "recount.proof";

  /** What it is. */
  enum Kind {
    NOTHING,
    KEY,
    TOKEN,
    SESSION
  }

  void in(Context context) {
    context.attribute(ATTRIBUTE, this);
    caller.in(context);
  }

  static Proof of(Context context) {
    return context.attribute(ATTRIBUTE);
  }

  /** What somebody brought proves nothing. */
  static RecountException refused(String reason) {
    return RecountException.of(ErrorCode.UNAUTHENTICATED, "Cannot let the request in: %s", reason);
  }
}
