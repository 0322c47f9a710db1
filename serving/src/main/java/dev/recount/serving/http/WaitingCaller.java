package dev.recount.serving.http;

import dev.recount.serving.access.Caller;
import dev.recount.serving.gateway.Asker;
import dev.recount.serving.request.Presence;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;

/** Who sent a request, and waits for its answer. */
record WaitingCaller(Caller caller, HttpServletRequest request) implements Asker {
  /** What says in a request that its answer is to be found anew (RFC 9111, 5.2.1). */
  private static final Set<String> NOT_KEPT = Set.of("no-cache", "no-store", "max-age=0");

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

  @Override
  public boolean takesKept() {
    return Collections.list(request.getHeaders("Cache-Control")).stream()
        .flatMap(header -> Arrays.stream(header.split(",")))
        .noneMatch(directive -> NOT_KEPT.contains(directive.strip().toLowerCase(Locale.ROOT)));
  }
}
