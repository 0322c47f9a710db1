package dev.recount.serving.http;

import dev.recount.serving.access.Caller;
import dev.recount.serving.gateway.Asker;
import dev.recount.serving.request.Presence;
import jakarta.servlet.http.HttpServletRequest;

/** Who sent a request, and waits for its answer. */
record WaitingCaller(Caller caller, HttpServletRequest request) implements Asker {
  @Override
  public String name() {
    return caller.name();
  }

  @Override
  public void requireMayRead(String view) {
    caller.requireMayRead(view);
  }

  @Override
  public boolean isThere() {
    return !Presence.hasLeft(request);
  }
}
