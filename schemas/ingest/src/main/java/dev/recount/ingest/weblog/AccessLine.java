package dev.recount.ingest.weblog;

/** What one line of a web server's log says; null is what it does not. */
final class AccessLine {
  /** The client's address, or its name. */
  String client;

  long time;

  /** The request's first line, such as {@code GET /a HTTP/1.1}; or else its parts. */
  String request;

  String method;
  String path;
  String query;
  Long status;
  Long bytes;
  String referrer;
  String agent;

  void clear() {
    client = null;
    time = 0;
    request = null;
    method = null;
    path = null;
    query = null;
    status = null;
    bytes = null;
    referrer = null;
    agent = null;
  }
}
