package dev.recount.infra.demo;

import dev.recount.core.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Requests by chance, as bytes of HTTP: no client would send most of them. */
final class FuzzRequests {
  private static final List<String> PATHS =
      List.of(
          "/v1/views",
          "/v1/views/traffic",
          "/v1/views/traffic@2",
          "/v1/views/page_views",
          "/v1/views/%00",
          "/v1/views/..%2f..%2fetc",
          "/v1/views/traffic/runs",
          "/v1/runs",
          "/v1/runs/none",
          "/v1/audits",
          "/v1/versions",
          "/v1/schedules/traffic",
          "/v1/session",
          "/v1/views/traffic/diff",
          "/openapi.json",
          "/metrics",
          "/v1/status",
          "/health/live",
          "/health/ready",
          "/health",
          "/tables",
          "/tables/traffic/schema",
          "/schemas/page_views",
          "/v2/brokers/tables/x",
          "/brokers",
          "/version",
          "/tenants",
          "/nothing",
          "/",
          "/%ff",
          "/v1/schedules/traffic/trigger",
          "/v1/runs/x/cancel",
          "//v1//sql",
          "/v1/sql;x=y");
  private static final List<String> METHODS =
      List.of(
          "GET", "GET", "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X");
  private static final List<String> VIEW_PARAMETERS =
      List.of(
          "select", "by", "where", "having", "order", "grain", "from", "to", "limit", "offset",
          "mode", "view", "status", "before", "other");
  private static final List<String> SMALL_VALUES =
      List.of(
          "",
          "-1",
          "0",
          "7",
          "2147483648",
          "day",
          "year",
          "now",
          "-10m",
          "2015-05-17",
          "2015-05-17T10:05:00Z",
          "9999999-01-01",
          "merged",
          "batch",
          "speed",
          "x",
          "a,b",
          "%");

  private final Random random;
  private final FuzzSql sql;
  private final String bearer;

  /**
   * @param bearer what lets a request in
   */
  FuzzRequests(Random random, String bearer) {
    this.random = random;
    this.sql = new FuzzSql(random);
    this.bearer = bearer;
  }

  /**
   * @param isLeft whether the client goes away without reading the answer
   */
  record Request(byte[] head, byte[] body, boolean isLeft) {
    String text() {
      String all =
          new String(head, StandardCharsets.ISO_8859_1)
              + new String(body, StandardCharsets.ISO_8859_1);
      return all.length() > 3_000 ? all.substring(0, 3_000) + "..." : all;
    }
  }

  Request next() {
    return switch (random.nextInt(100)) {
      case 0, 1, 2, 3, 4 -> junk();
      case 5, 6, 7, 8, 9, 10, 11, 12 -> events();
      case 13, 14, 15, 16, 17, 18, 19, 20, 21, 22 ->
          request(sql.one(METHODS), sql.one(PATHS) + parameters(2), body(sql.any()));
      default -> question();
    };
  }

  private Request question() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> request("GET", "/v1/views/traffic" + viewParameters(), new byte[0]);
      case 3, 4 -> request("POST", "/v1/sql", json(Map.of("sql", sql.any(), "mode", mode())));
      case 5 -> request("POST", "/v1/sql", json(Map.of("sql", sql.any())));
      case 6 ->
          request(
              "POST",
              "/query/sql",
              json(Map.of("sql", sql.any(), "queryOptions", "timeoutMs=" + sql.literal())));
      default -> request("GET", "/query/sql?sql=" + encoded(sql.any()), new byte[0]);
    };
  }

  private String mode() {
    return random.nextInt(4) == 0
        ? sql.one(FuzzSql.INJECTIONS)
        : sql.one(List.of("merged", "batch", "speed", "deltas", "MERGED"));
  }

  private String viewParameters() {
    List<String> parameters = new ArrayList<>();
    int depth = random.nextInt(3);
    parameters.add(
        "select=" + encoded(spoilt(sql.one(List.of("requests", "bytes,requests", "avg_bytes")))));
    if (random.nextBoolean()) {
      parameters.add(
          "by=" + encoded(spoilt(random.nextBoolean() ? "status" : sql.expression(depth))));
    }
    if (random.nextBoolean()) {
      parameters.add(
          "where="
              + encoded(spoilt(random.nextBoolean() ? "method = 'GET'" : sql.condition(depth))));
    }
    if (random.nextBoolean()) {
      parameters.add(
          "order=" + encoded(spoilt(random.nextBoolean() ? "-requests" : sql.expression(depth))));
    }
    if (random.nextInt(3) == 0) {
      return "?" + String.join("&", parameters) + parameters(3).replace('?', '&');
    }
    return "?" + String.join("&", parameters);
  }

  private String spoilt(String text) {
    return switch (random.nextInt(6)) {
      case 0 -> sql.spoilt(text);
      case 1 -> sql.one(FuzzSql.INJECTIONS);
      default -> text;
    };
  }

  private String parameters(int most) {
    List<String> parameters = new ArrayList<>();
    for (int i = random.nextInt(most); i > 0; i--) {
      String value = random.nextInt(3) == 0 ? sql.one(FuzzSql.INJECTIONS) : sql.one(SMALL_VALUES);
      parameters.add(sql.one(VIEW_PARAMETERS) + "=" + encoded(value));
    }
    return parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private byte[] json(Map<String, String> fields) {
    return body(Json.write(fields));
  }

  /** As it is, mostly; else cut off, or with other bytes in it. */
  private byte[] body(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    switch (random.nextInt(12)) {
      case 0 -> bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> {
        for (int i = 0; i < 4 && bytes.length > 0; i++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
      }
      default -> {}
    }
    return bytes;
  }

  /** None of them is a record: what is one would be kept as a dead letter. */
  private Request events() {
    int many = sql.one(List.of(1, 100, 20_000, 300_000));
    String body =
        switch (random.nextInt(7)) {
          case 0 -> "";
          case 1 -> "[" + "1,".repeat(many) + "1]";
          case 2 -> "[".repeat(many);
          case 3 -> "[\"" + "x".repeat(many) + "\"]";
          case 4 -> "[" + "9".repeat(many) + "]";
          case 5 -> "[null, [], [[\"" + "\\u0000".repeat(Math.min(many, 1_000)) + "\"]]]";
          default -> "\uFEFF[" + sql.literal() + "]";
        };
    String event = sql.one(List.of("page_view", "page_view", "page_view", "like", "%00", "a/b"));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return request("POST", "/v1/events/" + event, bytes);
  }

  private Request request(String method, String path, byte[] content) {
    StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
    head.append("Host: ")
        .append(random.nextInt(20) == 0 ? "evil.example" : "localhost")
        .append("\r\n");
    head.append(authorization());
    byte[] body = content;
    if (random.nextInt(12) == 0) {
      body = encoding(head, body);
    }
    if (random.nextInt(6) == 0) {
      head.append(header());
    }
    if (random.nextInt(30) != 0) {
      long length = random.nextInt(40) == 0 ? random.nextInt(1 << 20) : body.length;
      head.append("Content-Length: ").append(length).append("\r\n");
    } else {
      head.append("Transfer-Encoding: chunked\r\n");
    }
    head.append("Connection: close\r\n\r\n");
    return new Request(
        head.toString().getBytes(StandardCharsets.UTF_8), body, random.nextInt(100) == 0);
  }

  private String authorization() {
    return switch (random.nextInt(25)) {
      case 0 -> "";
      case 1 -> "Authorization: Bearer " + bearer.substring(1) + "\r\n";
      case 2 ->
          "Authorization: Basic " + sql.one(List.of("", "!", "eDp5", "e".repeat(2_000))) + "\r\n";
      case 3 -> "Authorization: Bearer e30.e30.e30\r\nCookie: recount_session=" + bearer + "\r\n";
      case 4 -> "Cookie: recount_session=" + bearer + "; a=\"b\r\n";
      default -> "Authorization: Bearer " + bearer + "\r\n";
    };
  }

  private byte[] encoding(StringBuilder head, byte[] body) {
    String encoding = sql.one(List.of("gzip", "gzip", "br", "gzip, gzip", "", "x".repeat(100)));
    head.append("Content-Encoding: ").append(encoding).append("\r\n");
    if (random.nextBoolean()) {
      return body;
    }
    byte[] packed = random.nextInt(60) == 0 ? gzip(new byte[65 << 20]) : gzip(body);
    if (random.nextInt(4) == 0) {
      packed[random.nextInt(packed.length)] ^= 1;
    }
    return packed;
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private String header() {
    return switch (random.nextInt(12)) {
      case 0 ->
          "Origin: "
              + sql.one(List.of("null", "http://localhost", "https://evil.example"))
              + "\r\n";
      case 1 -> "X-Request-Id: " + "a\u00e9'\"<".repeat(random.nextInt(60)) + "\r\n";
      case 2 -> "X-Forwarded-For: " + "1.2.3.4, ".repeat(random.nextInt(300)) + "\r\n";
      case 3 ->
          "Accept: " + sql.one(List.of("text/csv", "*/*;q=x", "application/x-ndjson", "")) + "\r\n";
      case 4 ->
          "Content-Type: " + sql.one(List.of("text/plain", "x/y; charset=nothing", "\"")) + "\r\n";
      case 5 -> "X-Long: " + "y".repeat(random.nextInt(20_000)) + "\r\n";
      case 6 -> "Expect: 100-continue\r\n";
      case 7 -> "Host: other\r\n";
      case 8 -> "Access-Control-Request-Method: PUT\r\nOrigin: https://evil.example\r\n";
      case 9 -> "Content-Length: 5\r\n";
      case 10 -> "Recount-Challenge: " + "z".repeat(random.nextInt(300)) + "\r\n";
      default -> "Range: bytes=0-\r\nIf-None-Match: *\r\nUpgrade: h2c\r\n";
    };
  }

  /** No HTTP, or nearly. */
  private Request junk() {
    byte[] bytes = new byte[random.nextInt(2_000)];
    random.nextBytes(bytes);
    String line =
        switch (random.nextInt(6)) {
          case 0 -> "GET " + "/x".repeat(random.nextInt(8_000)) + " HTTP/1.1\r\n\r\n";
          case 1 -> "GET /v1/views HTTP/9.9\r\n\r\n";
          case 2 -> "GET /v1/views?" + sql.one(FuzzSql.INJECTIONS) + " HTTP/1.1\r\nHost: x\r\n\r\n";
          case 3 -> "POST /v1/sql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
          case 4 -> "GET * HTTP/1.1\r\nHost: x\r\n\r\n";
          default -> "";
        };
    return new Request(line.getBytes(StandardCharsets.UTF_8), bytes, random.nextInt(20) == 0);
  }
}
