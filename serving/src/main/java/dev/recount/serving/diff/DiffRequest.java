package dev.recount.serving.diff;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which versions are compared, and how.
 *
 * @param from the first version; null for the one that {@link ComparedVersions} chooses
 * @param to the second; likewise
 * @param by dimensions; empty for all that both have
 * @param shown how many differences of each kind are shown
 */
public record DiffRequest(Integer from, Integer to, List<String> by, int shown) {
  private static final Set<String> KNOWN = Set.of("from", "to", "by", "limit");
  private static final int SHOWN = 10;
  private static final int MOST_SHOWN = 1_000;

  /** All that may be left out is. */
  public static DiffRequest any() {
    return new DiffRequest(null, null, List.of(), SHOWN);
  }

  /**
   * Reads the parameters of a URL.
   *
   * @throws RecountException REQUEST_INVALID
   */
  public static DiffRequest of(Map<String, List<String>> parameters) {
    for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
      String name = parameter.getKey();
      if (!KNOWN.contains(name) || !name.equals("by") && parameter.getValue().size() > 1) {
        throw invalid(
            "it takes 'from', 'to', 'limit', each once, and 'by'; found '%s'".formatted(name));
      }
    }
    return new DiffRequest(
        number(parameters, "from", null, Integer.MAX_VALUE),
        number(parameters, "to", null, Integer.MAX_VALUE),
        parameters.getOrDefault("by", List.of()).stream()
            .flatMap(by -> Arrays.stream(by.split(",")))
            .map(String::strip)
            .filter(by -> !by.isEmpty())
            .distinct()
            .toList(),
        number(parameters, "limit", SHOWN, MOST_SHOWN));
  }

  private static Integer number(
      Map<String, List<String>> parameters, String name, Integer otherwise, int most) {
    if (!parameters.containsKey(name)) {
      return otherwise;
    }
    String text = parameters.get(name).get(0);
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is too large.
    }
    throw invalid("'%s' must be from 1 to %s, found '%s'".formatted(name, most, text));
  }

  static RecountException invalid(String reason) {
    return RecountException.of(ErrorCode.REQUEST_INVALID, "Cannot compare versions: %s", reason);
  }
}
