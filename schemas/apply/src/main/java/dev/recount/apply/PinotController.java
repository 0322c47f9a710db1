package dev.recount.apply;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Pinot's controller and broker, as far as applying needs them. */
final class PinotController {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration TABLE_PATIENCE = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  /** Pinot never answers a POST that offers an upgrade to HTTP/2. */
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  private final String controller;
  private final String broker;

  PinotController(RecountConfig config) {
    this.controller = config.pinot().controller();
    this.broker = config.pinot().broker();
  }

  /** Adds a schema; false where there is one of its name. */
  boolean makeSchema(String name, String json) {
    HttpResponse<String> found = send(get("/schemas/" + name));
    if (found.statusCode() == OK) {
      return false;
    }
    require("make the schema '" + name + "'", send(post(controller + "/schemas", json)), OK);
    return true;
  }

  /** Adds a table; false where there is one of its name and type. */
  boolean makeTable(String name, String type, String json) {
    HttpResponse<String> found = send(get("/tables/" + name + "?type=" + type));
    if (found.statusCode() == OK && Json.read(found.body(), JsonNode.class).has(type)) {
      return false;
    }
    HttpResponse<String> made = send(post(controller + "/tables", json));
    require("make the table '" + name + "_" + type + "'", made, CONFLICT);
    return made.statusCode() == OK;
  }

  /**
   * Gives a table that is there other settings, and has its segments follow them; consuming ones by
   * beginning new ones, so that queries are answered all the while.
   */
  void changeTable(String name, String type, String json) {
    String table = name + "_" + type;
    HttpRequest put =
        request(controller + "/tables/" + table)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json))
            .build();
    require("change the table '" + table + "'", send(put), OK);
    if (type.equals("REALTIME")) {
      renewConsuming(name);
    }
    String reload = controller + "/segments/" + name + "/reload?type=" + type;
    require("reload the table '" + table + "'", send(post(reload, "")), NOT_FOUND);
  }

  /** Ends the consuming segments, which know only the old settings, and begins new ones. */
  private void renewConsuming(String name) {
    Set<String> before = segments(name, "CONSUMING");
    String commit = controller + "/tables/" + name + "_REALTIME/forceCommit";
    require("renew the segments of '" + name + "'", send(post(commit, "")), OK);
    Deadline.after(TABLE_PATIENCE)
        .require(
            "Pinot to renew the consuming segments of '" + name + "'",
            POLL,
            () -> segments(name, "ONLINE").containsAll(before));
  }

  /** The REALTIME segments that servers say are in a state. */
  private Set<String> segments(String name, String state) {
    HttpResponse<String> view = send(get("/tables/" + name + "/externalview?tableType=REALTIME"));
    require("read the segments of '" + name + "'", view, OK);
    return Json.read(view.body(), JsonNode.class).path("REALTIME").properties().stream()
        .filter(s -> s.getValue().toString().contains("\"" + state + "\""))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Waits until every segment of a table can search the text of a column. */
  void awaitText(String table, String column) {
    String sql =
        "SELECT COUNT(*) FROM " + table + " WHERE TEXT_MATCH(\"" + column + "\", 'recount')";
    Deadline.after(TABLE_PATIENCE)
        .require(
            "Pinot's table '" + table + "' to search the text of '" + column + "'",
            POLL,
            () -> answers(sql));
  }

  /** Waits until the broker answers a query on the table. */
  void awaitAnswer(String table) {
    Deadline.after(TABLE_PATIENCE)
        .require(
            "Pinot's table '" + table + "' to answer",
            POLL,
            () -> answers("SELECT COUNT(*) FROM " + table));
  }

  private boolean answers(String sql) {
    String body = Json.write(Map.of("sql", sql));
    HttpResponse<String> response = send(post(broker + "/query/sql", body));
    if (response.statusCode() != OK) {
      return false;
    }
    JsonNode answer = Json.read(response.body(), JsonNode.class);
    return answer.path("exceptions").isEmpty() && answer.hasNonNull("resultTable");
  }

  private HttpRequest get(String path) {
    return request(controller + path).GET().build();
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE);
  }

  private static HttpRequest post(String url, String json) {
    return request(url)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(json))
        .build();
  }

  private static void require(String what, HttpResponse<String> response, int alsoFine) {
    if (response.statusCode() != OK && response.statusCode() != alsoFine) {
      throw new RecountException(
          ErrorCode.PINOT_UNAVAILABLE,
          "Cannot " + what + ": Pinot answers " + response.statusCode() + " " + response.body());
    }
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new RecountException(
          ErrorCode.PINOT_UNAVAILABLE,
          "Cannot reach Pinot at "
              + request.uri()
              + ": "
              + e
              + "; is the stack up? (recount"
              + " status)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.INTERNAL, "Cannot wait for Pinot: interrupted", e);
    }
  }
}
