package dev.recount.ingest.command;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.door.Door;
import dev.recount.ingest.door.Intake;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineChunk;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.Share;
import dev.recount.ingest.source.SourceSink;
import dev.recount.ingest.source.Tally;
import dev.recount.ingest.source.Unreadable;
import dev.recount.ingest.weblog.Browsers;
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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;

/**
 * One run of {@code recount ingest}: the calling thread reads chunks of lines, some threads turn
 * them into events, and the producer's own thread sends those.
 */
final class Ingestion {
  private static final Given END = new Given(null, null);

  private static final long STOP_MILLIS = 2_000;

  private final Door door;
  private final String event;
  private final FileFormat format;
  private final Browsers browsers = new Browsers();
  private final List<Thread> workers = new ArrayList<>();
  private final Tally tally = new Tally();
  private final BlockingQueue<Given> chunks;
  private final List<RecountException> unreadable = new CopyOnWriteArrayList<>();
  private final CountDownLatch isRead = new CountDownLatch(1);
  private final Consumer<String> say;
  private volatile boolean isStopped;
  private volatile boolean isClosed;

  /** What to send, and which part of its source it is. */
  private record Given(LineChunk chunk, Share share) {}

  /**
   * @param isDry whether nothing is sent, only counted
   * @param say receives how files are read
   * @throws RecountException EVENT_UNKNOWN; USAGE if the format does not fit the event;
   *     MAPPING_INVALID if the mapping does not
   */
  Ingestion(Door door, String event, FileFormat format, boolean isDry, Consumer<String> say) {
    this.door = door;
    this.event = event;
    this.format = format;
    this.say = say;
    EventSchema schema = door.schema(event);
    format.check(schema, browsers);
    // What is of one key keeps the order of the file.
    int threads = schema.keyFields().isEmpty() ? Runtime.getRuntime().availableProcessors() : 1;
    chunks = new ArrayBlockingQueue<>(threads * 4);
    for (int i = 0; i < threads; i++) {
      Intake intake = isDry ? door.dryIntake(event) : door.intake(event);
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
   * @throws RecountException FILE_NOT_READABLE, MAPPING_INVALID if a file has another format, or
   *     its columns do not fit; then nothing was sent
   */
  void run(List<LineSource> sources) {
    sources.stream().filter(LineSource::isReadTwice).forEach(this::recognise);
    workers.forEach(Thread::start);
    try {
      readAll(sources);
    } finally {
      workers.forEach(worker -> give(END));
      workers.forEach(Ingestion::join);
      isClosed = true;
      for (Given left = chunks.poll(); left != null; left = chunks.poll()) {
        lose(left);
      }
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

  /** Whether it ended before all that can be read was sent. */
  boolean isInterrupted() {
    return isOver();
  }

  private boolean isOver() {
    return isStopped || tally.failure().isPresent();
  }

  private void read(LineSource source) {
    if (isOver()) {
      return;
    }
    try {
      format.reader(source, door.limits(), new Sending(source)).read(this::isOver);
    } catch (RecountException e) {
      unreadable.add(e);
    } catch (Throwable e) {
      unreadable.add(Unreadable.because(source.name(), e.toString(), e));
      isStopped = true;
    }
  }

  /** Gives what is read to the workers. */
  private final class Sending implements SourceSink {
    private final LineSource source;
    private long bytesGiven;

    private Sending(LineSource source) {
      this.source = source;
    }

    @Override
    public void say(String note) {
      say.accept(note);
    }

    @Override
    public void layout(RecordLayout layout) {
      check(layout);
    }

    @Override
    public void chunk(LineChunk chunk) {
      long read = source.bytesRead().get();
      Given given = new Given(chunk, new Share(tally.bytesIn(), read - bytesGiven));
      bytesGiven = read;
      give(given);
      if (isClosed) {
        lose(given);
      }
    }
  }

  /** Only checks whether a file has the expected format. */
  private final class Recognising implements SourceSink {
    private boolean isDone;

    @Override
    public void say(String note) {}

    @Override
    public void layout(RecordLayout layout) {
      check(layout);
      isDone = true;
    }

    @Override
    public void chunk(LineChunk chunk) {
      isDone = true;
    }
  }

  private void recognise(LineSource source) {
    Recognising sink = new Recognising();
    format.reader(LineSource.of(source.name()), door.limits(), sink).read(() -> sink.isDone);
  }

  /** Waits for room as long as there is a worker that may make some. */
  private void give(Given given) {
    try {
      while (!chunks.offer(given, 1, TimeUnit.SECONDS)) {
        if (workers.stream().noneMatch(Thread::isAlive)) {
          lose(given);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      lose(given);
      stop();
    }
  }

  private static void lose(Given given) {
    if (given != END) {
      given.chunk().lost();
    }
  }

  private void check(RecordLayout layout) {
    RecordReaders.of(layout, door.schema(event), browsers);
  }

  private void work(Intake intake) {
    Map<RecordLayout, Function<byte[], GenericRecord>> readers = new HashMap<>();
    try {
      for (Given given = chunks.take(); given != END; given = chunks.take()) {
        work(given, intake, readers);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      tally.abort(
          RecountException.of(ErrorCode.INTERNAL, e, "Cannot turn all lines into events: %s", e));
    }
  }

  private void work(
      Given given, Intake intake, Map<RecordLayout, Function<byte[], GenericRecord>> readers) {
    LineChunk chunk = given.chunk();
    boolean isWorked = false;
    try {
      Function<byte[], GenericRecord> reader =
          readers.computeIfAbsent(
              chunk.layout(), layout -> RecordReaders.of(layout, intake.schema(), browsers));
      chunk.forEach(tally, given.share(), line -> send(intake, reader, line));
      isWorked = true;
    } finally {
      if (!isWorked) {
        chunk.lost();
      }
    }
  }

  private void send(Intake intake, Function<byte[], GenericRecord> reader, LineChunk.Line line) {
    if (tally.failure().isPresent()) {
      line.notSent();
      return;
    }
    try {
      if (line.isEmptyRow() && !isEvent(intake, reader, line)) {
        line.passedOver();
        return;
      }
      intake.take(line, reader);
    } catch (RuntimeException e) {
      line.failed(
          RecountException.of(ErrorCode.INTERNAL, e, "Cannot send line %s: %s", line.number(), e));
    }
  }

  /** A mapping may have constants and defaults for all that an event needs. */
  private static boolean isEvent(
      Intake intake, Function<byte[], GenericRecord> reader, LineChunk.Line line) {
    try {
      intake.read(line.payload(), reader);
      return true;
    } catch (RecountException e) {
      return false;
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
