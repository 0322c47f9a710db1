package dev.recount.batch.backfill;

import dev.recount.batch.cut.Pace;
import dev.recount.batch.run.RunSummary;
import dev.recount.core.Json;
import dev.recount.core.Moments;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.TimeRange;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recount batch backfill}. */
@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    description = {
      "Counts one range of a view's time again from the archive, and replaces just that.",
      "Events go on being counted meanwhile, and schedules go on. What is finished when it is"
          + " stopped, or fails, is not computed again when it is started again."
    })
public final class BackfillCommand implements Callable<Integer> {
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

  /** How the result is printed. */
  enum Format {
    text,
    json
  }

  @Mixin private HomeOptions home;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VIEW", description = "A view with a '-- @time' column.")
  private String view;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "T",
      description = "Beginning of the range, such as 2024-05-01 or 2024-05-01T10:00:00Z.")
  private String from;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "T",
      description =
          "End of the range, itself not in it. The range is widened to whole groups of the view's"
              + " time.")
  private String to;

  @Option(names = "--dry-run", description = "Only say what would be done, and how long it takes.")
  private boolean dryRun;

  @Option(
      names = "--limit-rate",
      paramLabel = "N",
      description = "Read at most N events in a second.")
  private Long rate;

  @Option(
      names = "--no-wait",
      description = "Fail if the view is backfilled already (default: wait until that ends).")
  private boolean noWait;

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json (default: text).")
  private Format format = Format.text;

  @Override
  public Integer call() {
    Clock clock = Clock.systemUTC();
    TimeRange range = range(moment("--from", from, clock), moment("--to", to, clock));
    BackfillOrder order = new BackfillOrder(view, range, pace(), !noWait);
    RecountConfig config = home.config();
    PrintWriter out = spec.commandLine().getOut();
    try (Catalog catalog = Catalog.open(config)) {
      Backfiller backfiller = new Backfiller(config, catalog, clock, Progress.ofProcess());
      if (dryRun) {
        BackfillForecast forecast = backfiller.forecast(order);
        out.println(format == Format.json ? Json.write(forecast) : forecast.text());
        return 0;
      }
      Optional<RunSummary> summary = backfiller.run(order);
      if (format == Format.json) {
        out.println(summary.map(Json::write).orElse("{}"));
      } else {
        out.println(
            summary
                .map(RunSummary::text)
                .orElse("There is no event in the range, and nothing to replace."));
      }
    }
    return 0;
  }

  private Pace pace() {
    if (rate == null) {
      return null;
    }
    if (rate <= 0) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot read --limit-rate %s: write how many events a second, 1 or more",
          rate);
    }
    return new Pace(rate);
  }

  private static TimeRange range(Instant from, Instant to) {
    if (!from.isBefore(to)) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot count a range again: --from %s is not before --to %s; the end is not in the range",
          from,
          to);
    }
    // A part of a millisecond more is a millisecond more.
    return new TimeRange(from.toEpochMilli(), to.plusNanos(999_999).toEpochMilli());
  }

  private static Instant moment(String option, String text, Clock clock) {
    return Moments.parseRelative(text, clock.instant())
        .filter(moment -> !moment.isBefore(FIRST) && !moment.isAfter(LAST))
        .orElseThrow(
            () ->
                RecountException.of(
                    ErrorCode.USAGE,
                    "Cannot read %s '%s': write a moment such as 2024-05-01 or 2024-05-01T10:00:00Z"
                        + " (UTC unless it says otherwise), or -2d for so long before now (s, m, h,"
                        + " d or w)",
                    option,
                    text));
  }
}
