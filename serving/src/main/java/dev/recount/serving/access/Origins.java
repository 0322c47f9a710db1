package dev.recount.serving.access;

import dev.recount.core.config.AccessConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * From which web pages requests may come. A browser says so in {@code Origin}; without that, a page
 * of another site could have the browser send what its user may send. While access control is off,
 * {@code Host} must name this machine too: a page whose own name was made to point to it (DNS
 * rebinding) would otherwise count as one of ours.
 */
final class Origins {
  private static final Pattern LOOPBACK =
      Pattern.compile("(?i)(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?");

  /** How long a browser remembers what it may send from where. */
  private static final String PREFLIGHT_SECONDS = "600";

  /** What a page may read of an answer beside what every page may. */
  private static final String EXPOSED =
      "X-Request-Id, Retry-After, Recount-Rows, Recount-Complete, Recount-Truncated,"
          + " Recount-Provenance";

  private static final int NO_CONTENT = 204;

  private final boolean isOpen;
  private final List<String> listed;

  Origins(AccessConfig settings) {
    this.isOpen = !settings.required();
    this.listed = settings.origins().stream().map(Origins::lower).toList();
  }

  /**
   * @throws RecountException ORIGIN_REFUSED
   */
  void require(Context context) {
    String host = context.header("Host");
    if (isOpen && (host == null || !LOOPBACK.matcher(host).matches())) {
      throw RecountException.of(
          ErrorCode.ORIGIN_REFUSED,
          "Cannot take a request for host '%s': access control is off, so only requests for this"
              + " machine (localhost) are taken; see access.required",
          host);
    }
    String origin = context.header("Origin");
    if (origin == null || isOwn(origin, host)) {
      return;
    }
    if (!listed.contains(lower(origin))) {
      throw RecountException.of(
          ErrorCode.ORIGIN_REFUSED,
          "Cannot take a request from a page of '%s': it is not in access.origins",
          origin);
    }
    allow(origin, context);
  }

  /** Lets a page of a listed origin read the answer, without the cookie that is for our own. */
  private static void allow(String origin, Context context) {
    context
        .header("Access-Control-Allow-Origin", origin)
        .header("Access-Control-Expose-Headers", EXPOSED)
        .header("Vary", "Origin");
    String method = context.header("Access-Control-Request-Method");
    if (context.method() == HandlerType.OPTIONS && method != null) {
      context
          .header("Access-Control-Allow-Methods", method)
          .header("Access-Control-Max-Age", PREFLIGHT_SECONDS)
          .status(NO_CONTENT)
          .skipRemainingHandlers();
      String headers = context.header("Access-Control-Request-Headers");
      if (headers != null) {
        context.header("Access-Control-Allow-Headers", headers);
      }
    }
  }

  /**
   * Whether a request with a cookie may come from a page of ours: the browser sends cookies along
   * to each port of a host, and takes pages of other ports for the same site.
   *
   * @throws RecountException ORIGIN_REFUSED
   */
  static void requireNoOtherSite(Context context) {
    String site = context.header("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      throw RecountException.of(
          ErrorCode.ORIGIN_REFUSED,
          "Cannot take a request with a cookie from a page of another server (Sec-Fetch-Site"
              + " '%s'); send the key itself",
          site);
    }
  }

  /**
   * Whether a request that changes something surely comes from a page of ours, or from no page: a
   * cookie is sent along by the browser, whoever's page it is.
   *
   * @throws RecountException ORIGIN_REFUSED
   */
  static void requireOwnPage(Context context) {
    String origin = context.header("Origin");
    String site = context.header("Sec-Fetch-Site");
    boolean isOwn =
        origin == null ? "same-origin".equals(site) : isOwn(origin, context.header("Host"));
    if (!isOwn) {
      throw RecountException.of(
          ErrorCode.ORIGIN_REFUSED,
          "Cannot take a change with a cookie that does not come from a page of this server"
              + " (Origin '%s'); send the key itself",
          origin);
    }
  }

  private static boolean isOwn(String origin, String host) {
    return host != null && lower(origin).replaceFirst("^https?://", "").equals(lower(host));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
