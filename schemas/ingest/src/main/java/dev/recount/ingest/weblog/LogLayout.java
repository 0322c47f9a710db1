package dev.recount.ingest.weblog;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.recount.error.RecountException;

/**
 * How the lines of a web server's log are written.
 *
 * @param format {@code combined} or another name, or a format as Apache's LogFormat or nginx's
 *     log_format has it; null until a line was looked at
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogLayout(String format, TrustedProxies trustedProxies) {
  public static final LogLayout UNSEEN = new LogLayout(null, TrustedProxies.NONE);

  public LogLayout {
    trustedProxies = trustedProxies == null ? TrustedProxies.NONE : trustedProxies;
  }

  /** This layout, or combined if no line was looked at. */
  LogLines lines() {
    String name = format == null ? "combined" : format;
    return KnownLog.named(name, trustedProxies)
        .map(LogLines.class::cast)
        .orElseGet(() -> FormatString.of(name, trustedProxies));
  }

  /**
   * @throws RecountException USAGE if there is no such format
   */
  public LogLayout checked() {
    lines();
    return this;
  }
}
