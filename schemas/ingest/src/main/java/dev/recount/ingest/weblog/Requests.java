package dev.recount.ingest.weblog;

/** Takes requests of HTTP apart, as logs have them. */
public final class Requests {
  private Requests() {}

  /** Where the request goes; all of it if it is not HTTP. */
  public static String url(String request) {
    int methodEnd = methodEnd(request);
    return methodEnd < 0 ? request : request.substring(methodEnd + 1, request.lastIndexOf(' '));
  }

  /** Null if the request is not HTTP. */
  public static String method(String request) {
    int methodEnd = methodEnd(request);
    return methodEnd < 0 ? null : request.substring(0, methodEnd);
  }

  /** A path with its query, which may be null; with its question mark or without. */
  public static String url(String path, String query) {
    if (path == null || query == null || query.isEmpty()) {
      return path;
    }
    return query.startsWith("?") ? path + query : path + "?" + query;
  }

  /** Where the method ends in {@code METHOD target HTTP/x}; -1 if the request is not so. */
  private static int methodEnd(String request) {
    int end = request.indexOf(' ');
    int targetEnd = request.lastIndexOf(' ');
    if (end <= 0 || targetEnd <= end + 1 || !request.startsWith("HTTP/", targetEnd + 1)) {
      return -1;
    }
    for (int at = 0; at < end; at++) {
      char c = request.charAt(at);
      if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_') {
        return -1;
      }
    }
    return end;
  }
}
