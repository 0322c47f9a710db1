package dev.recount.serving.access;

import dev.recount.core.config.AccessConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import io.javalin.config.JavalinConfig;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.KeyStoreScanner;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Where serving answers: on this machine in plain HTTP, which commands use, and where the settings
 * say, with TLS if they name a certificate.
 */
public final class Listeners {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int SCAN_SECONDS = 60;

  private final AccessConfig settings;
  private final int port;

  /**
   * @param port for plain HTTP; 0 chooses one
   * @throws RecountException CONFIG_INVALID if the certificate cannot be used
   */
  public Listeners(AccessConfig settings, int port) {
    this.settings = settings;
    this.port = port;
    settings.tls().keystore().ifPresent(this::requireUsable);
  }

  private void requireUsable(String keystore) {
    try {
      KeyStore.getInstance(new File(keystore), settings.tls().password().toCharArray());
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          e,
          "Cannot use access.tls.keystore '%s': %s; it must be a PKCS12 or JKS file that opens with"
              + " access.tls.password",
          keystore,
          e.getMessage());
    }
  }

  /** To be called before the server starts. */
  public void configure(JavalinConfig javalin) {
    for (String address : plain()) {
      javalin.jetty.addConnector(
          (server, http) ->
              at(new ServerConnector(server, new HttpConnectionFactory(http)), address, port));
    }
    settings
        .tls()
        .keystore()
        .ifPresent(
            keystore ->
                javalin.jetty.addConnector((server, http) -> secure(keystore, server, http)));
  }

  /** In words. */
  public String ports() {
    return settings.tls().keystore().isEmpty()
        ? "port " + port
        : "port " + port + " or " + settings.tls().port() + " (access.tls.port)";
  }

  /** One address that means all of them leaves no room for another at its port. */
  private List<String> plain() {
    String bind = settings.bind();
    if (settings.tls().keystore().isPresent() || bind.equals(LOOPBACK)) {
      return List.of(LOOPBACK);
    }
    List<String> addresses = new ArrayList<>();
    if (!isAll(bind)) {
      addresses.add(LOOPBACK);
    }
    addresses.add(bind);
    return addresses;
  }

  private static boolean isAll(String bind) {
    try {
      return InetAddress.getByName(bind).isAnyLocalAddress();
    } catch (UnknownHostException e) {
      // The server says so when it cannot listen there.
      return false;
    }
  }

  private Connector secure(String keystore, Server server, HttpConfiguration http) {
    SslContextFactory.Server certificate = new SslContextFactory.Server();
    certificate.setKeyStorePath(new File(keystore).getAbsolutePath());
    certificate.setKeyStorePassword(settings.tls().password());
    KeyStoreScanner scanner = new KeyStoreScanner(certificate);
    scanner.setScanInterval(SCAN_SECONDS);
    server.addBean(scanner);
    HttpConfiguration secure = new HttpConfiguration(http);
    // A client that names another host than the certificate finds that out itself.
    secure.addCustomizer(new SecureRequestCustomizer(false));
    return at(
        new ServerConnector(
            server,
            new SslConnectionFactory(certificate, HttpVersion.HTTP_1_1.asString()),
            new HttpConnectionFactory(secure)),
        settings.bind(),
        settings.tls().port());
  }

  private static Connector at(ServerConnector connector, String host, int port) {
    connector.setHost(host);
    connector.setPort(port);
    return connector;
  }
}
