package dev.recount.core;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The known name that was probably meant by an unknown one. */
public final class Nearest {
  private static final int FURTHEST = 4;

  private Nearest() {}

  /** The name that is the fewest letters away; empty if none is near. */
  public static Optional<String> of(String name, Collection<String> known) {
    int most = Math.min(FURTHEST, Math.max(1, name.length() / 2));
    return of(name, known, most);
  }

  /** The name that is the fewest letters away, however many. */
  public static Optional<String> ofAll(String name, Collection<String> known) {
    return of(name, known, Integer.MAX_VALUE);
  }

  /** A question, to put before the list of known names; empty if none is near. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known).map(n -> "did you mean '" + n + "'? ").orElse("");
  }

  private static Optional<String> of(String name, Collection<String> known, int most) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    String wanted = name.toLowerCase(Locale.ROOT);
    record Candidate(String name, int distance) {}
    return known.stream()
        .map(k -> new Candidate(k, distance.apply(k.toLowerCase(Locale.ROOT), wanted)))
        .filter(candidate -> candidate.distance() <= most)
        .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .map(Candidate::name);
  }
}
