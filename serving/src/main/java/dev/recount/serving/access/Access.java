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

  /** To be known, to begin or end one's own session. */
  SESSION,

  /**
   * To read: the view that the path names as {@code {view}}; without one, the handler asks the
   * caller for each view, as the gateway does.
   */
  READ,

  /** To read about all views, or about the one that the path names as {@code {view}}. */
  READ_ALL,

  /** To read about all views, or about those that the parameter 'view' names, and no others. */
  READ_NAMED,

  /** To send the event that the path names as {@code {event}}. */
  WRITE,

  /** To run and stop things: of the view that the path names as {@code {view}}, else of all. */
  OPERATE;

  private static final String VIEW = "view";
  private static final String EVENT = "event";

  /** Whether it changes something, and is noted. */
  boolean isChange() {
    return this == WRITE || this == OPERATE || this == SESSION;
  }

  /**
   * Whether a caller may send a request; its path parameters are known by now.
   *
   * @throws dev.recount.error.RecountException FORBIDDEN
   */
  void require(Caller caller, Context context) {
    switch (this) {
      case OPEN, KNOWN, SESSION -> {}
      case READ -> {
        caller.require(Role.READ);
        if (context.pathParamMap().containsKey(VIEW)) {
          caller.requireView(context.pathParam(VIEW));
        }
      }
      case READ_ALL -> {
        caller.require(Role.READ);
        requireViewOrAll(caller, context);
      }
      case READ_NAMED -> {
        caller.require(Role.READ);
        List<String> named = context.queryParams(VIEW);
        if (named.isEmpty()) {
          caller.requireAllViews();
        }
        named.forEach(caller::requireView);
      }
      case WRITE -> {
        caller.require(Role.WRITE);
        caller.requireEvent(context.pathParam(EVENT));
      }
      default -> {
        caller.require(Role.OPERATE);
        requireViewOrAll(caller, context);
      }
    }
  }

  private static void requireViewOrAll(Caller caller, Context context) {
    String view = context.pathParamMap().get(VIEW);
    if (view == null) {
      caller.requireAllViews();
    } else {
      caller.requireView(view);
    }
  }
}
