package dev.recount.core.access;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The names of views, or of events, that somebody may touch.
 *
 * @param patterns names, in which {@code *} stands for any number of characters
 */
public record Grants(List<String> patterns) {
  /** Every name. */
  public static final Grants ALL = new Grants(List.of("*"));

  /** No name. */
  public static final Grants NONE = new Grants(List.of());

  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_*]{1,100}");

  public Grants {
    patterns = List.copyOf(patterns);
  }

  /**
   * The grants that a text names, separated by commas; none if it is blank.
   *
   * @throws RecountException USAGE
   */
  public static Grants parse(String text) {
    List<String> patterns =
        Arrays.stream(text.split(",")).map(String::strip).filter(p -> !p.isEmpty()).toList();
    for (String pattern : patterns) {
      if (!VALID.matcher(pattern).matches()) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot grant '%s': a grant is a name, or a pattern with '*' for any characters, such as"
                + " 'sales_*'",
            pattern);
      }
    }
    return new Grants(patterns);
  }

  /** The text that {@link #parse} reads. */
  public String text() {
    return String.join(",", patterns);
  }

  /** Whether every name is granted. */
  public boolean isAll() {
    return patterns.stream().anyMatch(pattern -> pattern.matches("\\*+"));
  }

  /** Whether a name is granted; upper and lower case differ. */
  public boolean allows(String name) {
    return patterns.stream().anyMatch(pattern -> matches(pattern, name));
  }

  /** Takes time in proportion to the lengths of both at most, whatever the pattern. */
  private static boolean matches(String pattern, String name) {
    String[] parts = pattern.split("\\*", -1);
    String last = parts[parts.length - 1];
    if (parts.length == 1) {
      return pattern.equals(name);
    }
    if (!name.startsWith(parts[0])) {
      return false;
    }
    int at = parts[0].length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = name.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    return name.length() - last.length() >= at && name.endsWith(last);
  }
}
