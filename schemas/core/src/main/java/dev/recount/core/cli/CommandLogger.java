package dev.recount.core.cli;

import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Writes to the command's log: warnings of Recount, errors of all. */
public final class CommandLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;
  private static final String OWN = "dev.recount";

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private final transient Clock clock;

  CommandLogger(String name, Clock clock) {
    this.name = name;
    this.clock = clock;
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return false;
  }

  @Override
  public boolean isInfoEnabled() {
    return false;
  }

  @Override
  public boolean isWarnEnabled() {
    return name.startsWith(OWN);
  }

  @Override
  public boolean isErrorEnabled() {
    return true;
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String format, Object[] arguments, Throwable thrown) {
    CommandLogFile.append(
        lines(
            clock.instant(),
            level,
            name.substring(name.lastIndexOf('.') + 1),
            MessageFormatter.basicArrayFormat(format, arguments),
            thrown));
  }

  /** A line with the time in UTC, and the trace of what was thrown, if anything was. */
  public static String lines(
      Instant at, Level level, String logger, String message, Throwable thrown) {
    String line = String.format("%s %-5s %s: %s%n", TIME.format(at), level, logger, message);
    return thrown == null ? line : line + ExceptionUtils.getStackTrace(thrown);
  }
}
