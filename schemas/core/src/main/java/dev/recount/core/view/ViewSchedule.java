package dev.recount.core.view;

import dev.recount.core.Nearest;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When batch recomputes a view and audits it by itself, as the view's header says.
 *
 * @param cron of the runs; null if there are runs by hand only
 * @param mode of these runs
 * @param auditCron null if there are audits by hand only
 */
public record ViewSchedule(Cron cron, ZoneId zone, ScheduledMode mode, Cron auditCron) {
  public static final String CRON = "schedule";
  public static final String ZONE = "zone";
  public static final String MODE = "mode";
  public static final String AUDIT = "audit";

  /** The header lines that say it: the same in all versions of a view. */
  public static final List<String> KEYS = List.of(CRON, ZONE, MODE, AUDIT);

  private static final ZoneId UTC = ZoneId.of("UTC");

  /**
   * Reads a view's header.
   *
   * @throws RecountException VIEW_INVALID
   */
  public static ViewSchedule of(ViewPlan plan) {
    Map<String, String> header = plan.header();
    String view = plan.view();
    boolean hasTimes = header.containsKey(CRON) || header.containsKey(AUDIT);
    if (header.containsKey(ZONE) && !hasTimes) {
      throw invalid(view, ZONE, "there is no '@schedule' and no '@audit' that it could be for");
    }
    if (header.containsKey(MODE) && !header.containsKey(CRON)) {
      throw invalid(
          view,
          MODE,
          "there is no '@schedule', and runs by hand are full unless they are asked not to be");
    }
    ZoneId zone = zone(view, header.get(ZONE));
    return new ViewSchedule(
        cron(view, CRON, header, zone),
        zone,
        mode(view, header, zone),
        cron(view, AUDIT, header, zone));
  }

  private static ZoneId zone(String view, String name) {
    if (name == null) {
      return UTC;
    }
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw invalid(
          view,
          ZONE,
          "there is no time zone '"
              + name
              + "'; "
              + Nearest.hint(name, ZoneId.getAvailableZoneIds())
              + "write one such as 'Europe/Berlin'");
    }
  }

  private static Cron cron(String view, String key, Map<String, String> header, ZoneId zone) {
    try {
      return header.containsKey(key) ? Cron.of(header.get(key), zone) : null;
    } catch (IllegalArgumentException e) {
      throw invalid(view, key, e.getMessage());
    }
  }

  private static ScheduledMode mode(String view, Map<String, String> header, ZoneId zone) {
    try {
      return header.containsKey(MODE)
          ? ScheduledMode.of(header.get(MODE), zone)
          : ScheduledMode.FULL;
    } catch (IllegalArgumentException e) {
      throw invalid(view, MODE, e.getMessage());
    }
  }

  /**
   * @throws RecountException VIEW_INVALID for one of its crons without a time after this moment
   */
  public void requireFires(String view, Instant now) {
    Map<String, Cron> crons = new LinkedHashMap<>();
    crons.put(CRON, cron);
    crons.put(MODE, mode.fullAt());
    crons.put(AUDIT, auditCron);
    crons.forEach(
        (key, one) -> {
          if (one != null && one.next(now).isEmpty()) {
            throw invalid(
                view,
                key,
                "'" + one.expression() + "' never fires again; change it, or leave it out");
          }
        });
  }

  /** When it runs next after a moment; empty if it does not. */
  public Optional<Instant> next(Instant after) {
    return cron == null ? Optional.empty() : cron.next(after);
  }

  private static RecountException invalid(String view, String key, String reason) {
    return RecountException.of(
        ErrorCode.VIEW_INVALID, "Cannot use '@%s' of the view '%s': %s", key, view, reason);
  }
}
