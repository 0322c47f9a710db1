package dev.recount.serving.scalar;

import dev.recount.core.view.Dimension;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Conditions of Pinot's: those that link others, and those that guard others against NULL. */
final class Conditions {
  /** Of every row in which no side is NULL. */
  static final String ALWAYS = "TRUE";

  static final String NEVER = "FALSE";

  /** More conditions in one chain would nest too deep for the broker that reads it. */
  private static final int LONGEST_CHAIN = 50;

  private Conditions() {}

  /** All of them. */
  static String all(List<String> conditions) {
    return linked(conditions, " AND ", ALWAYS, NEVER);
  }

  /** At least one of them. */
  static String any(List<String> conditions) {
    return linked(conditions, " OR ", NEVER, ALWAYS);
  }

  /**
   * @param neutral which makes no difference
   * @param decisive beside which no other makes a difference
   */
  private static String linked(
      List<String> conditions, String operator, String neutral, String decisive) {
    if (conditions.contains(decisive)) {
      return decisive;
    }
    List<String> parts = conditions.stream().filter(c -> !c.equals(neutral)).toList();
    return parts.isEmpty() ? neutral : chain(parts, operator);
  }

  private static String chain(List<String> parts, String operator) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    if (parts.size() <= LONGEST_CHAIN) {
      return "(" + String.join(operator, parts) + ")";
    }
    int pieces = Math.max(2, (parts.size() + LONGEST_CHAIN - 1) / LONGEST_CHAIN);
    int size = (parts.size() + pieces - 1) / pieces;
    List<String> chains = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += size) {
      chains.add(chain(parts.subList(i, Math.min(parts.size(), i + size)), operator));
    }
    return chain(chains, operator);
  }

  static String isNotNull(Scalar scalar) {
    List<String> defined = definedBy(scalar);
    return defined.isEmpty() ? ALWAYS : "(" + String.join(" AND ", defined) + ")";
  }

  static String isNull(Scalar scalar) {
    List<String> defined = definedBy(scalar);
    if (defined.isEmpty()) {
      return NEVER;
    }
    return scalar.defined().isEmpty()
        ? scalar.dimensions().stream()
            .filter(Dimension::nullable)
            .map(Stored::isNull)
            .collect(Collectors.joining(" OR ", "(", ")"))
        : "NOT " + isNotNull(scalar);
  }

  /** What holds where it is not NULL. */
  private static List<String> definedBy(Scalar scalar) {
    return Stream.concat(
            scalar.dimensions().stream().filter(Dimension::nullable).map(Stored::isNotNull),
            scalar.defined().stream())
        .toList();
  }

  /** The condition, and no side of it is NULL. */
  static String guarded(String condition, Scalar... sides) {
    if (condition.equals(NEVER)) {
      return NEVER;
    }
    Set<String> guards = new LinkedHashSet<>();
    if (!condition.equals(ALWAYS)) {
      guards.add(condition);
    }
    for (Scalar side : sides) {
      side.dimensions().stream()
          .filter(Dimension::nullable)
          .map(Stored::isNotNull)
          .sorted()
          .forEach(guards::add);
      guards.addAll(side.defined());
    }
    return switch (guards.size()) {
      case 0 -> ALWAYS;
      case 1 -> guards.iterator().next();
      default -> "(" + String.join(" AND ", guards) + ")";
    };
  }
}
