package dev.recount.contract.door;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.EventSchema;
import dev.recount.contract.record.Browsers;
import dev.recount.contract.record.RecordLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;

/**
 * One run of {@code recount ingest}: the calling thread reads chunks of lines, some threads turn
 * them into events, and the producer's own thread sends those.
 */
final class Ingestion {
  private static final LineChunk END = new LineChunk("", null, 0, 0, new byte[0], 0);

  private static final long STOP_MILLIS = 2_000;

  private final Door door;
  private final String event;
  private final FileFormat format;
  private final Browsers browsers = new Browsers();
  private final List<Thread> workers = new ArrayList<>();
  private final Tally tally = new Tally();
  private final BlockingQueue<LineChunk> chunks;
  private final List<RecountException> unreadable = new CopyOnWriteArrayList<>();
  private final CountDownLatch isRead = new CountDownLatch(1);
  private volatile boolean isStopped;

  /**
   * @throws RecountException EVENT_UNKNOWN; USAGE where the format does not fit the event;
   *     MAPPING_INVALID where the mapping does not
   */
  Ingestion(Door door, String event, FileFormat format) {
    this.door = door;
    this.event = event;
    this.format = format;
    EventSchema schema = door.schema(event);
    format.check(schema, browsers);
    // What is of one key keeps the order of the file.
    int threads = schema.keyFields().isEmpty() ? Runtime.getRuntime().availableProcessors() : 1;
    chunks = new ArrayBlockingQueue<>(threads * 4);
    for (int i = 0; i < threads; i++) {
      Intake intake = door.intake(event);
      workers.add(new Thread(() -> work(intake), "ingest-" + i));
    }
  }

  Tally tally() {
    return tally;
  }

  /** Has no more read; what was read is still sent. */
  void stop() {
    isStopped = true;
    isRead.countDown();
  }

  /**
   * Returns when all that could be read is acknowledged, or Kafka is given up.
   *
   * @throws RecountException FILE_NOT_READABLE, MAPPING_INVALID where a file's columns do not fit;
   *     then nothing was sent
   */
  void run(List<LineSource> sources) {
    if (format.hasColumns()) {
      sources.stream().filter(LineSource::isReadTwice).forEach(this::checkColumns);
    }
    workers.forEach(Thread::start);
    try {
      readAll(sources);
    } finally {
      workers.forEach(worker -> give(END));
      workers.forEach(Ingestion::join);
      door.flush();
    }
  }

  /** Reads on a thread of its own, because one that waits for standard input cannot be stopped. */
  private void readAll(List<LineSource> sources) {
    Thread reader =
        new Thread(
            () -> {
              try {
                sources.forEach(this::read);
              } finally {
                isRead.countDown();
              }
            },
            "ingest-read");
    reader.setDaemon(true);
    reader.start();
    try {
      isRead.await();
      reader.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Why the run did not do all it was asked for. */
  Optional<RecountException> problem() {
    if (tally.failure().isPresent() || unreadable.isEmpty()) {
      return tally.failure();
    }
    return Optional.of(
        new RecountException(
            unreadable.get(0).code(),
            unreadable.stream().map(Throwable::getMessage).collect(Collectors.joining("\n")),
            unreadable.get(0)));
  }

  private boolean isOver() {
    return isStopped || tally.failure().isPresent();
  }

  private void read(LineSource source) {
    if (isOver()) {
      return;
    }
    try {
      format.reader(source, door.maxSizeBytes(), this::check, this::give).read(this::isOver);
    } catch (RecountException e) {
      unreadable.add(e);
    } catch (Throwable e) {
      unreadable.add(IngestCommand.unreadable(source.name(), e.toString(), e));
      isStopped = true;
    }
  }

  /** Waits for room as long as there is a worker that may make some. */
  private void give(LineChunk chunk) {
    try {
      while (!chunks.offer(chunk, 1, TimeUnit.SECONDS)
          && workers.stream().anyMatch(Thread::isAlive)) {
        continue;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop();
    }
  }

  private void checkColumns(LineSource source) {
    AtomicBoolean isChecked = new AtomicBoolean();
    format
        .reader(
            LineSource.of(source.name()),
            door.maxSizeBytes(),
            layout -> {
              check(layout);
              isChecked.set(true);
            },
            chunk -> isChecked.set(true))
        .read(isChecked::get);
  }

  private void check(RecordLayout layout) {
    layout.reader(door.schema(event), browsers);
  }

  private void work(Intake intake) {
    Map<RecordLayout, Function<byte[], GenericRecord>> readers = new HashMap<>();
    try {
      for (LineChunk chunk = chunks.take(); chunk != END; chunk = chunks.take()) {
        Function<byte[], GenericRecord> reader =
            readers.computeIfAbsent(
                chunk.layout(), layout -> layout.reader(intake.schema(), browsers));
        chunk.forEach(tally, line -> send(intake, reader, line));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      tally.abort(
          new RecountException(ErrorCode.INTERNAL, "Cannot turn all lines into events: " + e, e));
    }
  }

  private void send(Intake intake, Function<byte[], GenericRecord> reader, LineChunk.Line line) {
    if (tally.failure().isPresent()) {
      return;
    }
    try {
      intake.take(line, reader);
    } catch (RuntimeException e) {
      line.failed(
          new RecountException(
              ErrorCode.INTERNAL, "Cannot send line " + line.number() + ": " + e, e));
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
