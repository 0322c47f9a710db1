package dev.recount.core.access;

import dev.recount.core.Nearest;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What somebody may do. */
public enum Role {
  /** Ask views. */
  READ,
  /** Send events. */
  WRITE,
  /** Start, pause and cancel runs. */
  OPERATE;

  /** Its name as people write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The roles that a text names, separated by commas.
   *
   * @throws RecountException USAGE
   */
  public static Set<Role> parse(String text) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : text.split(",")) {
      if (!word.isBlank()) {
        roles.add(one(word.strip()));
      }
    }
    return roles;
  }

  private static Role one(String word) {
    List<String> known = Arrays.stream(values()).map(Role::text).toList();
    return Arrays.stream(values())
        .filter(role -> role.text().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                RecountException.of(
                    ErrorCode.USAGE,
                    "Cannot use the role '%s': %sroles are %s",
                    word,
                    Nearest.hint(word, known),
                    String.join(", ", known)));
  }

  /** The text that {@link #parse} reads. */
  public static String text(Set<Role> roles) {
    return String.join(",", roles.stream().sorted().map(Role::text).toList());
  }
}
