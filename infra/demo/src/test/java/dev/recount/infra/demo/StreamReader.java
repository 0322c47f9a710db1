package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A client that keeps an answer of two columns up to date by what it is sent. Thread-safe. */
final class StreamReader {
  private final Stream<String> lines;
  private final Map<String, Long> groups = new TreeMap<>();
  private final List<String> names = new ArrayList<>();
  private JsonNode provenance;
  private String lastId;

  private StreamReader(Stream<String> lines) {
    this.lines = lines;
    Thread reader = new Thread(this::read, "stream-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Subscribes.
   *
   * @param query of the path of the view's subscriptions
   * @param last the reader that it goes on from, with what that one had; null for a new one
   */
  static StreamReader open(RecountConfig config, String view, String query, StreamReader last) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create(
                "http://localhost:"
                    + config.ports().serving()
                    + "/v1/views/"
                    + view
                    + "/stream?"
                    + query));
    if (last != null) {
      request.header("Last-Event-ID", last.lastId());
    }
    try {
      HttpResponse<Stream<String>> response =
          HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofLines());
      if (response.statusCode() != 200) {
        throw new AssertionError(response.statusCode() + " " + response.body().toList());
      }
      StreamReader reader = new StreamReader(response.body());
      if (last != null) {
        reader.goOnFrom(last);
      }
      return reader;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private synchronized void goOnFrom(StreamReader last) {
    last.groups().forEach(groups::putIfAbsent);
  }

  private void read() {
    String name = null;
    try {
      for (String line : (Iterable<String>) lines::iterator) {
        if (line.startsWith("event: ")) {
          name = line.substring("event: ".length());
        } else if (line.startsWith("id: ")) {
          lastId(line.substring("id: ".length()));
        } else if (line.startsWith("data: ")) {
          take(name, Json.read(line.substring("data: ".length()), JsonNode.class));
        }
      }
    } catch (UncheckedIOException e) {
      // Closed.
    }
  }

  private synchronized void take(String name, JsonNode data) {
    names.add(name);
    if (name.equals("answer")) {
      groups.clear();
    }
    data.path("removed").forEach(key -> groups.remove(key.get(0).asText()));
    data.path("rows").forEach(row -> groups.put(row.get(0).asText(), row.get(1).asLong()));
    provenance = data.has("provenance") ? data.get("provenance") : provenance;
  }

  private synchronized void lastId(String id) {
    lastId = id;
  }

  private synchronized String lastId() {
    return lastId;
  }

  /** The answer as it is now. */
  synchronized Map<String, Long> groups() {
    return new TreeMap<>(groups);
  }

  /** The names of the events that came. */
  synchronized List<String> names() {
    return List.copyOf(names);
  }

  /** The run of the last answer; empty text if there was none. */
  synchronized String run() {
    return provenance == null ? "" : provenance.at("/batch/run_id").asText("");
  }

  /** Ends the connection, as a network does. */
  void cutOff() {
    lines.close();
  }
}
