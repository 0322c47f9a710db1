package dev.recount.core.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may ask over HTTP, and where serving answers; what would let everybody in is refused.
 *
 * @param bind the address
 * @param required whether requests must say who sends them
 * @param session how long a browser stays logged in
 * @param origins of web pages on other hosts that may send requests
 */
public record AccessConfig(
    String bind, boolean required, Duration session, List<String> origins, Tls tls, Jwt jwt) {
  private static final int MOST_PORT = 65_535;

  /** No names: what they mean changes, and is not known everywhere. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

  private static final Pattern ORIGIN = Pattern.compile("https?://[A-Za-z0-9.\\[\\]:_-]+");

  /**
   * @param keystore PKCS12 or JKS; empty: no TLS
   */
  public record Tls(Optional<String> keystore, String password, int port) {
    @Override
    public String toString() {
      return "Tls[keystore=" + keystore + ", password=[REDACTED], port=" + port + "]";
    }
  }

  /**
   * Tokens of an identity provider.
   *
   * @param jwksUrl where its public keys are; empty: no token is accepted
   * @param rolesClaim which claim names the roles; so do the others for grants
   */
  public record Jwt(
      Optional<String> jwksUrl,
      String issuer,
      String audience,
      String rolesClaim,
      String viewsClaim,
      String eventsClaim) {}

  /** What whoever starts serving should know; a sentence each, none if all is well. */
  public List<String> notices() {
    if (!required) {
      return List.of(
          "Access control is off: whoever can reach this machine's loopback address may do"
              + " everything (access.required, docs/access.md)");
    }
    return isLoopback(bind) || tls.keystore().isPresent()
        ? List.of()
        : List.of(
            "Keys cross the network unencrypted: set access.tls.keystore, or have a proxy in front"
                + " of it encrypt them");
  }

  static AccessConfig read(TypedSettings s) {
    String bind = s.text("access.bind").orElse("127.0.0.1");
    boolean isRequired = s.flag("access.required");
    requireControl(s, bind, isRequired);
    return new AccessConfig(
        bind,
        isRequired,
        s.positive("access.session"),
        origins(s, isRequired),
        new Tls(
            s.text("access.tls.keystore"),
            s.text("access.tls.password").orElse(""),
            s.inRange("access.tls.port", 0, MOST_PORT)),
        jwt(s));
  }

  private static void requireControl(TypedSettings s, String bind, boolean isRequired) {
    if (!ADDRESS.matcher(bind).matches()) {
      s.problem(
          "access.bind must be an IP address such as 127.0.0.1 or 0.0.0.0, found '" + bind + "'");
    } else if (!isRequired && !isLoopback(bind)) {
      s.problem(
          "access.bind is '"
              + bind
              + "', which other machines reach, and access control is off; set access.required ="
              + " true (docs/access.md), or bind to 127.0.0.1");
    }
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      // The server says so when it cannot listen there.
      return false;
    }
  }

  private static List<String> origins(TypedSettings s, boolean isRequired) {
    List<String> origins = s.words("access.origins");
    if (!origins.isEmpty() && !isRequired) {
      s.problem(
          "access.origins is set, and access control is off: pages of these origins could do"
              + " everything; set access.required = true (docs/access.md)");
    }
    for (String origin : origins) {
      if (!ORIGIN.matcher(origin).matches()) {
        s.problem(
            "access.origins must be origins such as https://www.example.com, found '"
                + origin
                + "'");
      }
    }
    return origins.stream().filter(origin -> ORIGIN.matcher(origin).matches()).toList();
  }

  private static boolean isSafe(String url) {
    try {
      URI uri = new URI(url);
      return "https".equalsIgnoreCase(uri.getScheme())
          || uri.getHost() != null
              && (uri.getHost().equals("localhost")
                  || ADDRESS.matcher(uri.getHost().replaceAll("[\\[\\]]", "")).matches()
                      && isLoopback(uri.getHost()));
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static Jwt jwt(TypedSettings s) {
    Optional<String> url = s.url("access.jwt.jwks-url");
    Optional<String> issuer = s.text("access.jwt.issuer");
    Optional<String> audience = s.text("access.jwt.audience");
    if (url.isPresent() && !isSafe(url.get())) {
      s.problem(
          "access.jwt.jwks-url must be https, or on this machine, found '"
              + url.get()
              + "': whoever is on the way could give keys of their own");
    }
    if (url.isPresent() && (issuer.isEmpty() || audience.isEmpty())) {
      s.problem(
          "access.jwt.issuer and access.jwt.audience must be set with access.jwt.jwks-url: otherwise"
              + " tokens that are meant for others would be accepted");
    }
    return new Jwt(
        url,
        issuer.orElse(""),
        audience.orElse(""),
        s.text("access.jwt.roles-claim").orElse("recount_roles"),
        s.text("access.jwt.views-claim").orElse("recount_views"),
        s.text("access.jwt.events-claim").orElse("recount_events"));
  }
}
