package dev.recount.serving.protocol;

import io.javalin.http.Context;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a client has reached this server, which it is told as the one broker that there is. */
record Address(String host, int port) {
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+]|[^:\\[\\]/@\\s]+)(?::(\\d{1,5}))?");
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** By the request's own words, which a proxy in between may have set. */
  static Address of(Context context) {
    String said = context.header("Host");
    Matcher host = HOST.matcher(said == null ? "" : said);
    if (!host.matches()) {
      return new Address("localhost", context.port());
    }
    int usual = "https".equalsIgnoreCase(context.scheme()) ? HTTPS : HTTP;
    return new Address(
        host.group(1), host.group(2) == null ? usual : Integer.parseInt(host.group(2)));
  }

  /** The name by which Pinot's clients know the broker. */
  String instance() {
    return "Broker_" + host + "_" + port;
  }

  Map<String, Object> broker() {
    Map<String, Object> broker = new LinkedHashMap<>();
    broker.put("instanceName", instance());
    broker.put("host", host);
    broker.put("port", port);
    return broker;
  }
}
