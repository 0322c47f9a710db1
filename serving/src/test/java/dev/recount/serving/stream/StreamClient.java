package dev.recount.serving.stream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client of server-sent events, as a browser is one. */
final class StreamClient implements AutoCloseable {
  /** The end of the stream. */
  private static final Event END = new Event("end", null, null);

  /** An event; its id is the last one that was sent. */
  record Event(String name, String id, JsonNode data) {}

  private final InputStream in;
  private final Duration patience;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  private StreamClient(InputStream in, Duration patience) {
    this.in = in;
    this.patience = patience;
    Thread reader = new Thread(this::read, "stream-client");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * @param lastId what the client says that it has got; null for nothing
   * @throws AssertionError if it is refused
   */
  static StreamClient open(String url, String lastId, Duration patience) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(patience);
    if (lastId != null) {
      request.header("Last-Event-ID", lastId);
    }
    try {
      HttpResponse<InputStream> response =
          HttpClient.newHttpClient()
              .send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        String body = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        throw new AssertionError(response.statusCode() + " " + body);
      }
      return new StreamClient(response.body(), patience);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void read() {
    String name = null;
    String id = null;
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event: ")) {
          name = line.substring("event: ".length());
        } else if (line.startsWith("id: ")) {
          id = line.substring("id: ".length());
        } else if (line.startsWith("data: ")) {
          events.add(
              new Event(name, id, Json.read(line.substring("data: ".length()), JsonNode.class)));
        }
      }
    } catch (IOException e) {
      // Closed, by this side or by the other.
    } finally {
      events.add(END);
    }
  }

  /** The next event but those that say that nothing has changed. */
  Event nextChange() {
    Event event = next();
    while (event.name().equals("freshness")) {
      event = next();
    }
    return event;
  }

  /** The next event. */
  Event next() {
    Event event = poll();
    if (event == END) {
      throw new AssertionError("The stream ended");
    }
    return event;
  }

  /** Whether the server ends it, after whatever it still sends. */
  boolean isEnded() {
    while (poll() != END) {
      continue;
    }
    return true;
  }

  private Event poll() {
    try {
      Event event = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (event == null) {
        throw new AssertionError("Nothing came within " + patience);
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
