package dev.recount.batch.delta;

import dev.recount.apply.PlannerCli;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.cli.Commands;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.Topics;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.RealtimeSegment;
import dev.recount.infra.stack.LocalStack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Measures what deltas and their keys cost a Pinot server, by hand: {@code DeltaHeapBenchmark HOME
 * PORT-BASE DELTAS}. It starts a stack of its own in an empty home, sends deltas of the view {@code
 * traffic}, and prints the server's live heap while they are consumed, once their segments are
 * complete, and when these are deleted.
 */
final class DeltaHeapBenchmark {
  private static final String TABLE = "traffic_v1";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SETTLE = Duration.ofSeconds(3);
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final LocalStack stack;
  private final RecountConfig config;
  private final PinotController controller;

  private DeltaHeapBenchmark(RecountConfig config, LocalStack stack) {
    this.config = config;
    this.stack = stack;
    this.controller = new PinotController(config, Duration.ofSeconds(30));
  }

  public static void main(String[] arguments) throws IOException {
    Path home = Path.of(arguments[0]).toAbsolutePath();
    Files.createDirectories(home);
    Files.writeString(home.resolve("recount.conf"), "port-base = " + arguments[1] + "\n");
    RecountConfig config = RecountConfig.load(home);
    try (LocalStack stack = LocalStack.of(config)) {
      stack.start("catalog", "kafka", "pinot", "pinot-server");
      String schemas = Path.of(System.getProperty("recount.root"), "schemas").toString();
      Commands.run(new PlannerCli(), "apply", "--home", home.toString(), "--schemas", schemas);
      new DeltaHeapBenchmark(config, stack).run(Integer.parseInt(arguments[2]));
    }
  }

  private void run(int deltas) throws IOException {
    Deadline.after(LIMIT)
        .require("consuming segments", POLL, () -> controller.consumed(TABLE).size() == 2);
    long before = heap("before");
    long beforeBytes = size(config.home().pinot());
    long bytes = send(deltas);
    Deadline.after(LIMIT)
        .require(
            "all deltas to be ingested",
            POLL,
            () -> controller.consumed(TABLE).values().stream().mapToLong(o -> o).sum() >= deltas);
    say("a delta is %,d bytes of JSON in the topic", bytes / deltas);
    say("%,.1f bytes of heap a delta, consuming", (heap("consuming") - before) / (double) deltas);
    controller.completeConsuming(TABLE);
    say("%,.1f bytes of heap a delta, complete", (heap("complete") - before) / (double) deltas);
    say(
        "%,.1f bytes of disk a delta in Pinot (two copies)",
        (size(config.home().pinot()) - beforeBytes) / (double) deltas);
    List<String> complete =
        controller.realtimeSegments(TABLE).values().stream()
            .flatMap(of -> of.subList(0, of.size() - 1).stream())
            .map(RealtimeSegment::name)
            .toList();
    controller.deleteRealtime(TABLE, complete);
    Deadline.after(LIMIT)
        .require(
            "the segments to be gone",
            POLL,
            () ->
                controller.realtimeSegments(TABLE).values().stream()
                    .allMatch(of -> of.size() == 1));
    say("%,.1f bytes of heap a delta, deleted", (heap("deleted") - before) / (double) deltas);
    say(
        "%,.1f bytes of disk a delta in Pinot, deleted",
        (size(config.home().pinot()) - beforeBytes) / (double) deltas);
  }

  private long send(int deltas) {
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            config.kafkaBootstrap(),
            ProducerConfig.LINGER_MS_CONFIG,
            20,
            ProducerConfig.BATCH_SIZE_CONFIG,
            256 << 10);
    long bytes = 0;
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (int i = 0; i < deltas; i++) {
        byte[] value = Json.write(delta(i)).getBytes(StandardCharsets.UTF_8);
        bytes += value.length;
        byte[] key = String.valueOf(i).getBytes(StandardCharsets.UTF_8);
        producer.send(new ProducerRecord<>(Topics.deltas(TABLE), key, value));
      }
    }
    return bytes;
  }

  /** Of 10,000 deltas each second. */
  private static Map<String, Object> delta(int number) {
    Map<String, Object> delta = new LinkedHashMap<>();
    delta.put("hour", 1_700_000_000_000L + number % 24 * 3_600_000L);
    delta.put("method", List.of("GET", "POST", "PUT", "DELETE").get(number % 4));
    delta.put("status", 200 + number % 300);
    delta.put("requests", number % 1000);
    delta.put("bytes", number * 17L);
    delta.put("bytes__count", 1);
    delta.put("bytes__carry", 0);
    delta.put("min_bytes", number);
    delta.put("min_bytes__found", 1);
    delta.put("max_bytes", number);
    delta.put("max_bytes__found", 1);
    delta.put("avg_bytes__sum", number * 17L);
    delta.put("avg_bytes__count", 1);
    delta.put("avg_bytes__carry", 0);
    delta.put("_arrived", 1_700_000_000_000L + number / 100_000 * 10_000L);
    delta.put("_chunk", number);
    return delta;
  }

  /** Bytes of live objects of the Pinot server, once they change no more. */
  private long heap(String when) throws IOException {
    long[] last = {Long.MAX_VALUE};
    Deadline.after(LIMIT)
        .require(
            "the heap to settle",
            SETTLE,
            () -> {
              long before = last[0];
              last[0] = heap();
              say("%s: %,d bytes", when, last[0]);
              return Math.abs(last[0] - before) < 200_000;
            });
    return last[0];
  }

  private long heap() {
    try {
      return histogram();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long histogram() throws IOException {
    long pid = stack.pid("pinot-server").orElseThrow();
    Process histogram =
        new ProcessBuilder("jcmd", String.valueOf(pid), "GC.class_histogram").start();
    List<String> lines;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(histogram.getInputStream(), StandardCharsets.UTF_8))) {
      lines = reader.lines().toList();
    }
    lines.stream().filter(line -> line.contains("ByteArray")).forEach(line -> say("  %s", line));
    String total =
        lines.stream().filter(line -> line.startsWith("Total")).findFirst().orElseThrow();
    return Long.parseLong(total.strip().split("\\s+")[2]);
  }

  /** Bytes of disk; Pinot's files of consuming segments are larger than what they hold. */
  private static long size(Path folder) throws IOException {
    Process usage = new ProcessBuilder("du", "-sk", folder.toString()).start();
    String text = new String(usage.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(text.split("\\s+")[0]) * 1024;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
