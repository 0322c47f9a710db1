package dev.recount.ingest.init;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Names of fields out of those that a file has. Not thread-safe. */
final class Names {
  private static final Set<String> WORDS_OF_TIME =
      Set.of("time", "timestamp", "datetime", "ts", "at", "when", "created", "occurred");
  private static final Set<String> WORDS_OF_DAYS = Set.of("date", "day");
  private static final Set<String> WORDS_OF_IDS = Set.of("id", "uuid", "guid", "key");

  private final Set<String> taken = new HashSet<>();

  /** A name in snake case that no other has. */
  String of(List<String> path) {
    String wanted =
        path.stream().map(Names::snake).filter(n -> !n.isEmpty()).collect(Collectors.joining("_"));
    wanted = wanted.isEmpty() ? "field" : wanted;
    wanted = Character.isDigit(wanted.charAt(0)) ? "field_" + wanted : wanted;
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** Words in lower case with underscores between them; letters without their accents. */
  static String snake(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFD)
        .replaceAll("\\p{M}", "")
        .replaceAll("([\\p{Ll}\\d])(\\p{Lu})", "$1_$2")
        .replaceAll("(\\p{Lu})(\\p{Lu}\\p{Ll})", "$1_$2")
        .replaceAll("[^A-Za-z0-9]+", "_")
        .replaceAll("^_+|_+$", "")
        .toLowerCase(Locale.ROOT);
  }

  /** How much a name sounds like a moment: 3 for one, 2 for a day, 0 for neither. */
  static int soundsLikeTime(String name) {
    List<String> words = words(name);
    if (words.stream().anyMatch(WORDS_OF_TIME::contains)) {
      return 3;
    }
    return words.stream().anyMatch(WORDS_OF_DAYS::contains) ? 2 : 0;
  }

  /** Whether a name sounds as if it told records apart. */
  static boolean soundsLikeId(String name) {
    List<String> words = words(name);
    return WORDS_OF_IDS.contains(words.get(words.size() - 1));
  }

  private static List<String> words(String name) {
    return Arrays.asList(name.split("_"));
  }
}
