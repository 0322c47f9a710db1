package dev.recount.serving.request;

import jakarta.servlet.http.HttpServletRequest;

/** What the parts that answer a request note of it, for the log and the metrics. */
public final class RequestFacts {
  static final String ENDPOINT = RequestFacts.class.getName() + ".endpoint";
  static final String CODE = RequestFacts.class.getName() + ".code";
  static final String CALLER = RequestFacts.class.getName() + ".caller";

  private RequestFacts() {}

  /** The pattern of its path. */
  public static void endpoint(HttpServletRequest request, String pattern) {
    request.setAttribute(ENDPOINT, pattern);
  }

  /** The code of the error that it is answered with. */
  public static void code(HttpServletRequest request, Enum<?> code) {
    request.setAttribute(CODE, code.name());
  }

  /** Who asks, as the log names them: never a secret. */
  public static void caller(HttpServletRequest request, String name) {
    request.setAttribute(CALLER, name);
  }

  static String text(HttpServletRequest request, String name) {
    return (String) request.getAttribute(name);
  }
}
