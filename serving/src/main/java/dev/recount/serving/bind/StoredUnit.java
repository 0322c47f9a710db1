package dev.recount.serving.bind;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.sql.CalendarUnit;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The unit of time that a view itself cuts a column to. */
public final class StoredUnit {
  private StoredUnit() {}

  /** The unit, by {@code date_trunc} in the view's text; empty if it does not say. */
  static Optional<CalendarUnit> of(ViewPlan plan, String column) {
    if (plan.dimension(column).isEmpty()) {
      return Optional.empty();
    }
    Matcher cut =
        Pattern.compile(
                "(?is)\\bdate_trunc\\s*\\(\\s*'(\\w+)'\\s*,[^()]*\\)\\s+(?:AS\\s+)?[`\"]?"
                    + Pattern.quote(column)
                    + "[`\"]?\\s*(?:,|\\bFROM\\b)")
            .matcher(plan.sql());
    return cut.find() ? CalendarUnit.named(cut.group(1)) : Optional.empty();
  }

  /**
   * The beginning of the first group of the view's {@code @time} that had not ended at a moment:
   * all groups before it had. Empty if the view has no time, or does not say its unit.
   */
  public static Optional<Instant> firstOpen(ViewPlan plan, Instant moment) {
    return plan.time()
        .filter(
            time -> plan.dimension(time).filter(d -> d.type() == ColumnType.TIMESTAMP).isPresent())
        .flatMap(time -> of(plan, time))
        .map(unit -> unit.start(moment, ZoneOffset.UTC));
  }
}
