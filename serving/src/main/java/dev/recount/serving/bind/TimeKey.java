package dev.recount.serving.bind;

import dev.recount.serving.sql.CalendarUnit;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A key of a query whose values are the beginnings of units of time.
 *
 * @param index of the key
 * @param column what is cut to the unit
 * @param zone by whose clocks
 * @param stored the unit that the view itself keeps; null if it does not say
 * @param from the first moment that WHERE lets pass; null if it says none
 * @param to the first moment after those that WHERE lets pass; null if it says none
 */
public record TimeKey(
    int index,
    String column,
    CalendarUnit unit,
    ZoneId zone,
    CalendarUnit stored,
    Instant from,
    Instant to) {

  public boolean isUtc() {
    return zone.getRules().equals(ZoneOffset.UTC.getRules());
  }
}
