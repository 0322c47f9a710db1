package dev.recount.core;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The error of a name that nothing has. It says which names there are; whoever may not know of all
 * of them gets it by {@link #among}.
 */
public final class UnknownName {
  private static final String VIEW = "view";
  private static final String VIEWS = "views";
  private static final String EVENT = "event";
  private static final String EVENTS = "events";

  private UnknownName() {}

  /**
   * @param known the names that there are; of versions if the name has one
   */
  public static RecountException view(String name, Collection<String> known) {
    return error(ErrorCode.VIEW_UNKNOWN, VIEW, name, VIEWS, known);
  }

  public static RecountException event(String name, Collection<String> known) {
    return error(ErrorCode.EVENT_UNKNOWN, EVENT, name, EVENTS, known);
  }

  private static RecountException error(
      ErrorCode code, String kind, String name, String kinds, Collection<String> known) {
    String list =
        known.isEmpty()
            ? "there are none yet (recount apply)"
            : Nearest.hint(name, known) + "the " + kinds + " are " + String.join(", ", known);
    return new RecountException(
        code,
        "Cannot find the %s '%s': %s".formatted(kind, name, list),
        Map.of(kind, name, kinds, List.copyOf(known)),
        null);
  }

  /**
   * The same error, which names only what may be known of; any other error as it is.
   *
   * @param isViewShown whether it may be known that there is a view, by its name without a version
   */
  public static RecountException among(
      RecountException error, Predicate<String> isViewShown, Predicate<String> isEventShown) {
    return switch (error.code()) {
      case VIEW_UNKNOWN ->
          among(error, VIEW, VIEWS, view -> isViewShown.test(view.replaceFirst("@.*", "")));
      case EVENT_UNKNOWN -> among(error, EVENT, EVENTS, isEventShown);
      default -> error;
    };
  }

  private static RecountException among(
      RecountException error, String kind, String kinds, Predicate<String> isShown) {
    if (!(error.details().get(kinds) instanceof Collection<?> known)
        || !(error.details().get(kind) instanceof String name)) {
      return error;
    }
    List<String> shown = known.stream().map(String.class::cast).filter(isShown).toList();
    if (shown.size() == known.size()) {
      return error;
    }
    if (!shown.isEmpty()) {
      return error(error.code(), kind, name, kinds, shown);
    }
    return new RecountException(
        error.code(),
        "Cannot find the %s '%s': there is no such %s".formatted(kind, name, kind),
        Map.of(kind, name),
        null);
  }
}
