package dev.recount.serving.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The name of one request. It is in the header of the response, in the body of an error and in each
 * line that the request logs, so that all of them can be found by it. A client, or a proxy before
 * us, may give one.
 */
public final class RequestId {
  /** Of requests and responses. */
  public static final String HEADER = "X-Request-Id";

  /** What lines of the log have it by. */
  public static final String LOGGED = "request_id";

  private static final String ATTRIBUTE = RequestId.class.getName();

  /** Nothing that a log, a header or a shell would take for something else. */
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z0-9._:=+@-]{1,100}");

  private RequestId() {}

  /** A new one. */
  public static String create() {
    return UUID.randomUUID().toString();
  }

  /** The one that the client gave if it is well formed; otherwise a new one. */
  static String of(String given) {
    return given != null && WELL_FORMED.matcher(given).matches() ? given : create();
  }

  static void set(HttpServletRequest request, String id) {
    request.setAttribute(ATTRIBUTE, id);
  }

  /** Null of a request that the server refused before it was read. */
  public static String of(HttpServletRequest request) {
    return (String) request.getAttribute(ATTRIBUTE);
  }
}
