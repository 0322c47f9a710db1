package dev.recount.serving.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.UnknownName;
import dev.recount.core.access.Grants;
import dev.recount.core.access.Role;
import dev.recount.core.access.SecretKey;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeyCatalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server with a route of each kind, behind access control, over a catalog of its own. */
final class TestingAccess implements AutoCloseable {
  /** A clock that stands until it is moved. */
  static final class Hands extends Clock {
    private Instant now = Clock.systemUTC().instant();

    synchronized void move(Duration by) {
      now = now.plus(by);
    }

    synchronized long nanos() {
      return Duration.between(Instant.EPOCH, now).toNanos();
    }

    @Override
    public synchronized Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  final Hands clock = new Hands();
  final List<String> audit = new CopyOnWriteArrayList<>();
  final RecountConfig config;
  final Catalog catalog;
  final Javalin app;

  TestingAccess(Path home, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    config = RecountConfig.load(home, Optional.empty(), all);
    catalog = Catalog.open(config);
    AccessControl access =
        new AccessControl(
            config, catalog, clock, clock::nanos, (kind, line) -> audit.add(kind + " " + line));
    app =
        Javalin.create(
            javalin -> {
              javalin.showJavalinBanner = false;
              new Listeners(config.access(), 0).configure(javalin);
              access.configure(javalin);
            });
    app.exception(
        RecountException.class,
        (found, context) -> {
          RecountException e = Caller.shown(found, context);
          AuditLog.failed(context, e.code());
          context.status(
              e.code() == ErrorCode.UNAUTHENTICATED
                  ? 401
                  : e.code() == ErrorCode.CATALOG_UNAVAILABLE ? 503 : 403);
          context.json(Json.write(Map.of("code", e.code(), "message", e.getMessage())));
        });
    access.install(app, handler -> handler);
    app.get("/open", context -> context.result(Caller.of(context).name()), Access.OPEN);
    app.get("/known", context -> context.result(Caller.of(context).name()), Access.KNOWN);
    app.get(
        "/sql",
        context -> Caller.of(context).requireMayRead(context.queryParam("from")),
        Access.READ);
    app.get(
        "/unknown-view",
        context -> {
          throw UnknownName.view("other", List.of("secret", "traffic"));
        },
        Access.KNOWN);
    app.get("/views/{view}", context -> context.result("read"), Access.READ);
    app.get("/runs", context -> context.result("named"), Access.READ_NAMED);
    app.get("/status", context -> context.result("all"), Access.READ_ALL);
    app.post(
        "/events/{event}",
        context -> {
          AuditLog.result(context, Map.of("accepted", 3));
          context.status(202);
        },
        Access.WRITE);
    app.post("/views/{view}/pause", context -> context.result("paused"), Access.OPERATE);
    app.post("/runs/cancel", context -> context.result("cancelled"), Access.OPERATE);
    app.start();
  }

  /** Makes a key of some roles. */
  SecretKey key(String roles, String views, String events) {
    return key(roles, views, events, null);
  }

  SecretKey key(String roles, String views, String events, Duration life) {
    SecretKey key = SecretKey.random();
    catalog
        .keys()
        .add(
            key,
            new KeyCatalog.Purpose(
                "k-" + key.id(),
                Role.parse(roles),
                Grants.parse(views),
                Grants.parse(events),
                life));
    return key;
  }

  /**
   * @param head the status line and the headers
   * @param code of the error; null if there is none
   */
  record Reply(int status, String head, String body, String code) {
    String header(String name) {
      return head.lines()
          .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
          .map(line -> line.substring(name.length() + 2))
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * Sends a request without a body. A client would not let a test say where it goes and whence it
   * comes.
   *
   * @param headers name, value, name, value
   */
  Reply send(String method, String path, String... headers) throws IOException {
    StringBuilder request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    if (!List.of(headers).contains("Host")) {
      request.append("Host: 127.0.0.1:").append(app.port()).append("\r\n");
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    request.append("Content-Length: 0\r\nConnection: close\r\n\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), app.port())) {
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      String[] parts =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .split("\r\n\r\n", 2);
      String code = null;
      if (parts[1].startsWith("{")) {
        code = Json.read(parts[1], JsonNode.class).path("code").asText(null);
      }
      return new Reply(Integer.parseInt(parts[0].split(" ")[1]), parts[0], parts[1], code);
    }
  }

  static String[] bearer(SecretKey key) {
    return new String[] {"Authorization", "Bearer " + key.text()};
  }

  @Override
  public void close() {
    app.stop();
    catalog.close();
  }
}
