package dev.recount.infra.demo.bench;

import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Asks many questions at a time while events arrive: Recount, in Pinot's SQL, and by turns Pinot's
 * broker itself, the same texts of the tables behind the views.
 */
final class QueryLoad {
  /** Small questions, as the charts of a dashboard ask them; %s is the view or its table. */
  private static final List<String> QUERIES =
      List.of(
          "SELECT SUM(requests) FROM %s LIMIT 1",
          "SELECT status, SUM(requests), SUM(bytes) FROM %s GROUP BY status LIMIT 100",
          "SELECT hour, SUM(requests) FROM %s WHERE status = 404 GROUP BY hour LIMIT 1000");

  private static final int[] CLIENTS = {1, 10, 50};
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final int OK = 200;
  private static final String EMPTY = "\"exceptions\":[]";

  private final RecountConfig config;
  private final EventSchema schema;
  private final Clock clock;
  private final Duration turn;
  private final int eventsPerSecond;
  private final AtomicLong last = new AtomicLong();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /**
   * @param turn how long each is asked at a time
   */
  QueryLoad(
      RecountConfig config, EventSchema schema, Clock clock, Duration turn, int eventsPerSecond) {
    this.config = config;
    this.schema = schema;
    this.clock = clock;
    this.turn = turn;
    this.eventsPerSecond = eventsPerSecond;
  }

  /** Who is asked, and whether every question has a text of its own, which no cache knows. */
  private enum Target {
    PINOT(false),
    RECOUNT(false),
    RECOUNT_REPEATED(true);

    private final boolean isRepeated;

    Target(boolean isRepeated) {
      this.isRepeated = isRepeated;
    }

    String label() {
      return switch (this) {
        case PINOT -> "Pinot itself";
        case RECOUNT -> "Recount";
        case RECOUNT_REPEATED -> "Recount, equal questions";
      };
    }
  }

  void measure(Consumer<String> report) throws Exception {
    try (LoadGenerator load = new LoadGenerator(config, schema, clock)) {
      int turns = CLIENTS.length * Target.values().length;
      long end =
          System.nanoTime() + turn.multipliedBy(turns).plus(WARM_UP.multipliedBy(2)).toNanos();
      ExecutorService traffic = Executors.newSingleThreadExecutor();
      try {
        Future<?> sent = traffic.submit(() -> load.sendAtRate(eventsPerSecond, end));
        for (Target target : Target.values()) {
          ask(target, 2, WARM_UP.dividedBy(2));
        }
        for (int clients : CLIENTS) {
          for (Target target : Target.values()) {
            report.accept(ask(target, clients, turn));
          }
        }
        sent.get();
      } finally {
        traffic.shutdownNow();
      }
    }
  }

  private String ask(Target target, int clients, Duration length) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      long start = System.nanoTime();
      long end = start + length.toNanos();
      List<Future<List<Double>>> asked = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        asked.add(threads.submit(() -> askUntil(target, end)));
      }
      Percentiles measured = new Percentiles();
      long count = 0;
      for (Future<List<Double>> one : asked) {
        for (double milliseconds : one.get()) {
          measured.add(milliseconds);
          count++;
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      return String.format(
          Locale.ROOT,
          "%d clients, %s: %.0f queries/s, %s",
          clients,
          target.label(),
          count / seconds,
          measured);
    } finally {
      threads.shutdownNow();
      threads.awaitTermination(1, TimeUnit.MINUTES);
    }
  }

  private List<Double> askUntil(Target target, long endNanos)
      throws IOException, InterruptedException {
    List<Double> milliseconds = new ArrayList<>();
    while (System.nanoTime() < endNanos) {
      long number = last.incrementAndGet();
      String sql = QUERIES.get((int) (number % QUERIES.size()));
      String table = target == Target.PINOT ? "traffic_v1" : "traffic";
      String text = sql.replace("%s", table) + (target.isRepeated ? "" : " -- " + number);
      long start = System.nanoTime();
      require(text, post(target, text));
      milliseconds.add((System.nanoTime() - start) / 1e6);
    }
    return milliseconds;
  }

  private HttpResponse<String> post(Target target, String sql)
      throws IOException, InterruptedException {
    String base =
        target == Target.PINOT
            ? config.pinot().broker()
            : "http://127.0.0.1:" + config.ports().serving();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/query/sql"))
            .timeout(Duration.ofMinutes(1))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))));
    if (target != Target.PINOT) {
      config.commandKey().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void require(String sql, HttpResponse<String> answer) {
    if (answer.statusCode() != OK || !answer.body().contains(EMPTY)) {
      throw RecountException.of(
          ErrorCode.QUERY_FAILED,
          "Cannot measure '%s': HTTP %s %s",
          sql,
          answer.statusCode(),
          answer.body().substring(0, Math.min(500, answer.body().length())));
    }
  }
}
