package dev.recount.batch.version;

import dev.recount.core.version.VersionReport;
import dev.recount.core.version.Versions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Versions of views as people read them. */
final class VersionText {
  private static final String LIST = "%-24s %7s  %-13s %-21s %-21s %-21s %s%n";

  private VersionText() {}

  static String list(List<VersionReport> versions) {
    if (versions.isEmpty()) {
      return "There are no views yet; 'recount apply' makes them.";
    }
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            LIST,
            "view",
            "version",
            "state",
            "applied",
            "speed since",
            "batch until",
            "promotable"));
    for (VersionReport v : versions) {
      text.append(
          String.format(
              LIST,
              v.view(),
              v.version(),
              v.state(),
              time(v.applied()),
              Instant.EPOCH.equals(v.speedSince()) ? "the log's beginning" : time(v.speedSince()),
              time(v.batchUntil()),
              v.promotable() ? "yes" + after(v) : "not yet"));
      if (v.reason() != null) {
        text.append(String.format("  not yet: %s%n", v.reason()));
      }
    }
    return text.toString().stripTrailing();
  }

  private static String after(VersionReport version) {
    return version.promotableAfterMs() == null
        ? ""
        : String.format(
            Locale.ROOT,
            ", %.1f s after apply",
            Duration.ofMillis(version.promotableAfterMs()).toMillis() / 1000.0);
  }

  private static String time(Instant time) {
    return time == null ? "-" : time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static String promotion(Versions.Promotion promotion, boolean isDryRun) {
    if (promotion.changesNothing()) {
      return "Readers of view '%s' see version %s already."
          .formatted(promotion.view(), promotion.to().version());
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "Readers of view '%s' %s version %s instead of %s, from the next query on."
            .formatted(
                promotion.view(),
                isDryRun ? "would see" : "see",
                promotion.to().version(),
                promotion.from().version()));
    columns(text, "columns that are new: ", promotion.added());
    columns(text, "columns that are gone: ", promotion.removed());
    text.append(
        String.format(
            Locale.ROOT,
            "%n  rows of batch: %,d, before %,d; nothing is computed or copied",
            rows(promotion.to()),
            rows(promotion.from())));
    text.append(
        String.format(
            "%n  version %s is computed until it is dropped;"
                + " 'recount version promote %s --to %s' goes back",
            promotion.from().version(), promotion.view(), promotion.from().version()));
    return text.toString();
  }

  private static long rows(VersionReport version) {
    return version.batchRows() == null ? 0 : version.batchRows();
  }

  private static void columns(StringBuilder text, String what, List<String> names) {
    if (!names.isEmpty()) {
      text.append(String.format("%n  %s%s", what, String.join(", ", names)));
    }
  }
}
