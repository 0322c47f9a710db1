package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is sent to a serving process, it answers in time, in its form, and asks Pinot nothing
 * that it has not checked. The system property {@code recount.seed} draws other requests, {@code
 * recount.fuzz} says how many are sent.
 */
@ExtendWith(WholeStack.class)
class FuzzIT {
  private static final int REQUESTS =
      Integer.getInteger("recount.fuzz", 10_000 * WholeStack.FACTOR);

  /** The same each time, so that a change is judged by what it changed; soaks draw others. */
  private static final long SEED =
      Long.getLong(
          "recount.seed", WholeStack.FACTOR == 1 ? 773_105_165 : new Random().nextInt(1 << 30));

  private static final int CLIENTS = 6;
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** The heap that the process may have, and as much again for all else. */
  private static final long MOST_MEMORY_KB = 2L << 20;

  private static final Pattern TRACE =
      Pattern.compile("\\bat (java|jdk|dev|org|io|com)\\.[\\w.$]+\\(|Caused by:|\\wException\\b");

  @TempDir private static Path home;
  private static RecordingBroker broker;
  private static SecondServing serving;
  private static String key;

  private final Queue<String> problems = new ConcurrentLinkedQueue<>();
  private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
  private final AtomicInteger lost = new AtomicInteger();

  @BeforeAll
  static void start() throws IOException {
    broker = new RecordingBroker(WholeStack.config().pinot().broker());
    serving =
        SecondServing.start(
            home, broker.url(), "serving.timeout = " + TIMEOUT.toSeconds() + "s", "");
    key =
        serving.key("fuzz", "--roles", "read,write", "--views", "traffic", "--events", "page_view");
  }

  @AfterAll
  static void stop() {
    serving.close();
    broker.close();
  }

  @Test
  void whateverIsSent_isAnsweredInForm_andPinotIsAskedWhatIsCheckedOnly() throws Exception {
    long pid = serving.pid();
    AtomicInteger next = new AtomicInteger();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Thread(() -> sendSome(next), "fuzz-" + i));
    }
    clients.forEach(Thread::start);
    for (Thread client : clients) {
      client.join();
    }
    for (String query : broker.queries()) {
      CheckedQueries.problem(query, "traffic")
          .ifPresent(
              problem ->
                  problems.add("Pinot was asked what is not checked: " + problem + ": " + query));
    }
    String how =
        how(
            "%s, %d queries to Pinot, %d not answered",
            new TreeMap<>(statuses), broker.queries().size(), lost.get());
    assertThat(problems).as(how).isEmpty();
    assertThat(statuses.get(200).get()).as(how).isGreaterThan(REQUESTS / 20);
    assertThat(broker.queries()).as(how).hasSizeGreaterThan(REQUESTS / 100);
    assertThat(lost.get()).as(how).isLessThan(REQUESTS / 20);
    assertThat(serving.pid()).as(how).isEqualTo(pid);
    assertThat(mostMemoryKb(pid)).as(how).isLessThan(MOST_MEMORY_KB);
    assertThat(Files.readAllLines(serving.config().home().logs().resolve("serving.log")))
        .as(how)
        .noneMatch(line -> line.contains(" ERROR ") || line.contains("Pinot answered"));
  }

  private static String how(String format, Object... arguments) {
    return String.format("-Drecount.seed=%d: ", SEED) + String.format(format, arguments);
  }

  private static long mostMemoryKb(long pid) throws IOException {
    Path status = Path.of("/proc", String.valueOf(pid), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private void sendSome(AtomicInteger next) {
    for (int i = next.getAndIncrement();
        i < REQUESTS && problems.size() < 20;
        i = next.getAndIncrement()) {
      FuzzRequests.Request request = new FuzzRequests(new Random(SEED + i), key).next();
      long begin = System.nanoTime();
      String problem = problem(request).orElse(null);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      if (problem == null && took.compareTo(TIMEOUT.plus(GRACE)) > 0) {
        problem = "it took " + took;
      }
      if (problem != null) {
        problems.add("request " + i + ": " + problem + "\n" + request.text() + "\n");
      }
    }
  }

  private Optional<String> problem(FuzzRequests.Request request) {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), serving.config().ports().serving())) {
      socket.setSoTimeout((int) TIMEOUT.plus(GRACE).plus(GRACE).toMillis());
      send(request, socket);
      if (request.isLeft()) {
        return Optional.empty();
      }
      return problem(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (java.net.SocketTimeoutException e) {
      return Optional.of("it is not answered");
    } catch (IOException e) {
      // The server closes the connection on what it does not read to its end.
      lost.incrementAndGet();
      return Optional.empty();
    }
  }

  private static void send(FuzzRequests.Request request, Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(request.head());
    if (request.head().length > 0
        && new String(request.head(), StandardCharsets.UTF_8).contains("chunked")) {
      out.write(
          (Integer.toHexString(request.body().length) + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.write(request.body());
      out.write(
          (request.body().length == 0 ? "\r\n" : "\r\n0\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    } else {
      out.write(request.body());
    }
    out.flush();
    if (!request.isLeft()) {
      socket.shutdownOutput();
    }
  }

  private Optional<String> problem(String answer) {
    if (answer.isEmpty()) {
      lost.incrementAndGet();
      return Optional.empty();
    }
    String[] parts = answer.split("\r\n\r\n", 2);
    String first = parts[0].lines().findFirst().orElse("");
    if (!first.matches("HTTP/1\\.[01] \\d{3}.*") || parts.length < 2) {
      return Optional.of("no HTTP: " + shortened(answer));
    }
    int status = Integer.parseInt(first.substring(9, 12));
    statuses.computeIfAbsent(status, s -> new AtomicInteger()).incrementAndGet();
    // 505 is HTTP's own word for a version of it that nobody speaks.
    boolean isFailure = status >= 500 && status != 503 && status != 505;
    if (isFailure || TRACE.matcher(parts[1]).find() || isInternal(parts)) {
      return Optional.of(shortened(answer));
    }
    return Optional.empty();
  }

  /** Pinot's clients are told of a failure with status 200. */
  private static boolean isInternal(String[] parts) {
    if (!parts[0].contains("application/json") || parts[0].contains("chunked")) {
      return parts[1].contains("INTERNAL") || parts[1].contains("QUERY_FAILED");
    }
    if (parts[1].isEmpty()) {
      return false; // HEAD
    }
    try {
      JsonNode json = Json.MAPPER.readTree(parts[1]);
      String code = json.path("code").asText() + json.at("/exceptions/0/message").asText();
      return code.contains("INTERNAL:") || code.equals("INTERNAL") || code.contains("QUERY_FAILED");
    } catch (JsonProcessingException e) {
      return true;
    }
  }

  private static String shortened(String text) {
    return text.length() > 2_000 ? text.substring(0, 2_000) + "..." : text;
  }
}
