package dev.recount.serving.access;

import dev.recount.core.access.Role;
import io.javalin.http.Context;
import io.javalin.security.RouteRole;
import java.util.List;

/** What a route demands of who asks it; each route states one, or the server does not start. */
public enum Access implements RouteRole {
  /** Nothing: whether the process is well. */
  OPEN,

  /** To be known, whatever it may do; the handler leaves out what the caller may not see. */
  KNOWN,

  /**
   * To read: the view that the path names as {@code {view}}; without one, the handler asks the
   * caller for each view, as the gateway does.
   */
  READ,

  /** To read about all views, or about the one that the path or the parameter 'view' names. */
  READ_ALL,

  /** To send the event that the path names as {@code {event}}. */
  WRITE,

  /** To run and stop things: of the view that the path names as {@code {view}}, else of all. */
  OPERATE;

  private static final String VIEW = "view";
  private static final String EVENT = "event";

  /** Whether it changes something, and is noted. */
  boolean isChange() {
    return this == WRITE || this == OPERATE;
  }

  /**
   * Whether a caller may send a request; its path parameters are known by now.
   *
   * @throws dev.recount.error.RecountException FORBIDDEN
   */
  void require(Caller caller, Context context) {
    switch (this) {
      case OPEN, KNOWN -> {}
      case READ -> {
        caller.require(Role.READ);
        if (context.pathParamMap().containsKey(VIEW)) {
          caller.requireView(context.pathParam(VIEW));
        }
      }
      case READ_ALL -> {
        caller.require(Role.READ);
        requireViewsOrAll(caller, context, context.queryParams(VIEW));
      }
      case WRITE -> {
        caller.require(Role.WRITE);
        caller.requireEvent(context.pathParam(EVENT));
      }
      default -> {
        caller.require(Role.OPERATE);
        requireViewsOrAll(caller, context, List.of());
      }
    }
  }

  private static void requireViewsOrAll(Caller caller, Context context, List<String> named) {
    String view = context.pathParamMap().get(VIEW);
    List<String> views = view == null ? named : List.of(view);
    if (views.isEmpty()) {
      caller.requireAllViews();
    }
    views.forEach(caller::requireView);
  }
}
