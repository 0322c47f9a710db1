package dev.recount.serving.access;

import dev.recount.core.UnknownName;
import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.gateway.Asker;
import io.javalin.http.Context;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who sent a request, and what it may do.
 *
 * @param name tells callers apart: the name of a key, or {@code jwt:} and the subject of a token
 * @param keyId of the key that it came with; null if it came with a token, or with nothing
 * @param views that it may ask
 * @param events that it may send
 */
public record Caller(String name, String keyId, Set<Role> roles, Grants views, Grants events)
    implements Asker {
  /** Whoever asks while access control is off: it may do everything. */
  public static final Caller ANONYMOUS =
      new Caller("anonymous", null, EnumSet.allOf(Role.class), Grants.ALL, Grants.ALL);

  /** Whoever asks what is open to all, and need not say who it is. */
  static final Caller NOBODY =
      new Caller("nobody", null, EnumSet.noneOf(Role.class), Grants.NONE, Grants.NONE);

  private static final String ATTRIBUTE = "recount.caller";

  public Caller {
    roles = Set.copyOf(roles);
  }

  /** Who sent a request that has been let in. */
  public static Caller of(Context context) {
    Caller caller = context.attribute(ATTRIBUTE);
    if (caller == null) {
      throw new IllegalStateException("Nobody has asked who sends " + context.path());
    }
    return caller;
  }

  void in(Context context) {
    context.attribute(ATTRIBUTE, this);
  }

  /** Whether it is known by now who sent a request. */
  static boolean isIn(Context context) {
    return context.attribute(ATTRIBUTE) != null;
  }

  /**
   * Whether it may ask a view.
   *
   * @param view its name, or {@code view@2}
   */
  public boolean mayRead(String view) {
    return roles.contains(Role.READ) && views.allows(withoutVersion(view));
  }

  /** The error as the sender of a request may see it: without names that are not for it. */
  public static RecountException shown(RecountException error, Context context) {
    Caller caller = context.attribute(ATTRIBUTE);
    return caller == null
        ? UnknownName.among(error, view -> false, event -> false)
        : UnknownName.among(error, caller::mayRead, caller::mayNameEvent);
  }

  private boolean mayNameEvent(String event) {
    return roles.contains(Role.WRITE) && events.allows(event);
  }

  private static String withoutVersion(String view) {
    return view.replaceFirst("@.*", "");
  }

  /**
   * @throws RecountException FORBIDDEN
   */
  @Override
  public void requireMayRead(String view) {
    require(Role.READ);
    requireView(view);
  }

  /**
   * @throws RecountException FORBIDDEN
   */
  void require(Role role) {
    if (!roles.contains(role)) {
      throw refused("it has the role %s, not %s", rolesText(), role.text());
    }
  }

  private String rolesText() {
    return roles.isEmpty() ? "of nothing" : Role.text(roles);
  }

  void requireView(String view) {
    if (!views.allows(withoutVersion(view))) {
      throw refused("it is not granted the view '%s'", withoutVersion(view));
    }
  }

  void requireAllViews() {
    if (!views.isAll()) {
      throw refused(
          "this is about all views, and it is granted %s only; name a view", views.text());
    }
  }

  void requireEvent(String event) {
    if (!events.allows(event)) {
      throw refused("it is not granted the event '%s'", event);
    }
  }

  private RecountException refused(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.FORBIDDEN,
        "Cannot do this as '%s': %s (recount key create --help)",
        name,
        RecountException.message(reason, arguments));
  }
}
