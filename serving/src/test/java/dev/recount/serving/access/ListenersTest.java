package dev.recount.serving.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import io.javalin.Javalin;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where serving answers, with a certificate that the JDK makes. */
class ListenersTest {
  private static final String PASSWORD = "changeit";

  @TempDir private Path home;

  private Path certificate() throws Exception {
    Path file = home.resolve("cert.p12");
    Process made =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "recount",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String output = new String(made.getInputStream().readAllBytes());
    assertThat(made.waitFor()).as(output).isZero();
    return file;
  }

  private RecountConfig config(Map<String, String> settings) {
    return RecountConfig.load(home, Optional.empty(), settings);
  }

  @Test
  void withACertificate_othersAreAnsweredByTls() throws Exception {
    Path file = certificate();
    RecountConfig config =
        config(
            Map.of(
                "RECOUNT_ACCESS_TLS_KEYSTORE",
                file.toString(),
                "RECOUNT_ACCESS_TLS_PASSWORD",
                PASSWORD,
                "RECOUNT_ACCESS_TLS_PORT",
                "0"));
    Javalin app =
        Javalin.create(
            javalin -> {
              javalin.showJavalinBanner = false;
              new Listeners(config.access(), 0).configure(javalin);
            });
    app.get("/", context -> context.result(context.scheme()));
    app.start();
    try {
      var connectors = app.jettyServer().server().getConnectors();
      int tls = ((ServerConnector) connectors[1]).getLocalPort();
      HttpClient client = HttpClient.newBuilder().sslContext(trusting(file)).build();
      assertThat(get(client, "https://localhost:" + tls)).isEqualTo("https");
      assertThat(get(client, "http://127.0.0.1:" + app.port())).isEqualTo("http");
    } finally {
      app.stop();
    }
  }

  private static String get(HttpClient client, String url) throws Exception {
    return client
        .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static SSLContext trusting(Path file) throws Exception {
    KeyStore store = KeyStore.getInstance(new File(file.toString()), PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("recount", store.getCertificate("recount"));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  @Test
  void certificateThatCannotBeUsed_isNamed() throws Exception {
    Path none = home.resolve("none.p12");
    Path text = Files.writeString(home.resolve("text.p12"), "no certificate");
    for (Path file : new Path[] {none, text}) {
      RecountConfig config = config(Map.of("RECOUNT_ACCESS_TLS_KEYSTORE", file.toString()));
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> new Listeners(config.access(), 0))
          .withMessageContaining("Cannot use access.tls.keystore '" + file + "'");
    }
  }
}
