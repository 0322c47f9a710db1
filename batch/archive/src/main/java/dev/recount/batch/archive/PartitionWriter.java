package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the chain of one partition, in a {@link dev.recount.core.Loop} of its own. After any
 * failure it goes back to the end of the archive and starts again from there; other writers of the
 * same partition are met at the commit, where one of them wins.
 */
final class PartitionWriter {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /** Where what is read goes. */
  record Output(Archive archive, OpenFile.Target target, Rolls rolls, DeadLetters deadLetters) {}

  private final RawTopic topic;
  private final Wishes wishes;
  private final Output output;
  private final int partition;
  private final TopicPartition topicPartition;
  private final KnownWriters writers;

  private String topicId;
  private EventCodec codec;
  private OpenFile open;
  private DeadLetters.Batch letters;
  private long nextPosition;
  private long rollAsked;
  private long rollHonoured;
  private long rollAtPosition = -1;
  private volatile PartitionStatus status;
  private volatile boolean stopping;

  PartitionWriter(RawTopic topic, Wishes wishes, Output output, int partition) {
    this.topic = topic;
    this.wishes = wishes;
    this.output = output;
    this.partition = partition;
    this.topicPartition = topic.partition(partition);
    this.writers = new KnownWriters(wishes.writerSchemas());
    this.status = PartitionStatus.starting(partition, nowMs());
  }

  PartitionStatus status() {
    return status;
  }

  /** Has {@link #write} finish what is open, and return. */
  void stop() {
    stopping = true;
  }

  private long nowMs() {
    return output.target().clock().millis();
  }

  /** Writes until it is stopped or something fails, which is noted and thrown. */
  void write() throws IOException {
    try (Consumer<byte[], byte[]> consumer = topic.newConsumer(partition)) {
      begin(consumer);
      while (!stopping) {
        step(consumer);
      }
      finish(consumer.position(topicPartition));
    } catch (Throwable e) {
      failed(e);
      throw e;
    } finally {
      discard();
    }
  }

  /** Goes to where the archive ends, and checks that the log still has what follows. */
  private void begin(Consumer<byte[], byte[]> consumer) {
    consumer.assign(List.of(topicPartition));
    codec = wishes.codec(writers);
    rollAtPosition = -1;
    seekToArchiveEnd(consumer);
    topicId = topic.id();
    checkTopic();
    topic.check(consumer, topicPartition, nextPosition);
  }

  /**
   * @throws RecountException LOG_TRUNCATED if what is archived is from another topic
   */
  private void checkTopic() {
    Optional<String> archived = output.archive().topicId(partition);
    if (archived.isPresent() && !archived.get().equals(topicId)) {
      throw ArchiveProblems.anotherTopic(
          topic.event(), partition, nextPosition, archived.get(), topicId);
    }
  }

  private void seekToArchiveEnd(Consumer<byte[], byte[]> consumer) {
    nextPosition = output.archive().end(partition);
    consumer.seek(topicPartition, nextPosition);
  }

  private void step(Consumer<byte[], byte[]> consumer) throws IOException {
    followSchema(consumer);
    writers.beginBatch();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      if (!take(record)) {
        seekToArchiveEnd(consumer);
        report(consumer);
        return;
      }
    }
    followRollRequest(consumer);
    roll(consumer);
    report(consumer);
  }

  private void followSchema(Consumer<byte[], byte[]> consumer) throws IOException {
    if (!wishes.schema().json().equals(codec.schema().json())) {
      if (!finish(consumer.position(topicPartition))) {
        seekToArchiveEnd(consumer);
      }
      codec = wishes.codec(writers);
    }
  }

  /** A request is honoured once all that the log held when it was seen is in files. */
  private void followRollRequest(Consumer<byte[], byte[]> consumer) {
    long requested = wishes.rollRequests();
    // A catalog that was restored counts on from where it was.
    if (requested != rollHonoured && rollAtPosition < 0) {
      rollAtPosition = topic.endOf(consumer, topicPartition);
      rollAsked = requested;
    }
  }

  private void roll(Consumer<byte[], byte[]> consumer) throws IOException {
    long position = consumer.position(topicPartition);
    boolean asked = rollAtPosition >= 0 && position >= rollAtPosition;
    if (!asked && (open == null || !output.rolls().isDue(open))) {
      return;
    }
    if (!finish(position)) {
      seekToArchiveEnd(consumer);
    } else if (asked) {
      rollHonoured = rollAsked;
      rollAtPosition = -1;
    }
  }

  /**
   * @return false if another writer was faster, and this one must go back to the archive's end
   */
  private boolean take(ConsumerRecord<byte[], byte[]> record) throws IOException {
    if (record.timestampType() != TimestampType.LOG_APPEND_TIME) {
      throw producersTime(record);
    }
    if (open != null
        && !Rolls.isSameDate(open.date(), record.timestamp())
        && !finish(record.offset())) {
      return false;
    }
    Decoded decoded = decode(record);
    if (writers.takeFoundNew() && wishes.refreshSchema(codec.schema())) {
      if (!finish(record.offset())) {
        return false;
      }
      codec = wishes.codec(writers);
      decoded = decode(record);
    }
    if (decoded.reason() == null) {
      openFor(record).write(decoded.event(), record.offset(), record.timestamp());
    } else {
      openFor(record).reject(record.timestamp());
      letters.add(record, decoded.reason());
    }
    return true;
  }

  /** A record's event, or why it has none. */
  private record Decoded(GenericRecord event, RecountException reason) {}

  private Decoded decode(ConsumerRecord<byte[], byte[]> record) {
    try {
      return new Decoded(codec.decode(record.value(), record.timestamp()), null);
    } catch (RecountException e) {
      if (e.code() != ErrorCode.EVENT_UNDECODABLE) {
        throw e;
      }
      return new Decoded(null, e);
    }
  }

  private OpenFile openFor(ConsumerRecord<byte[], byte[]> record) throws IOException {
    if (open == null) {
      open =
          new OpenFile(
              output.target(),
              codec.schema(),
              partition,
              nextPosition,
              ArchiveLayout.date(record.timestamp()));
      open.topicId(topicId);
      letters = output.deadLetters().batch(topic.event());
    }
    return open;
  }

  /**
   * Commits what is open; true if nothing was.
   *
   * @return false if another writer has committed a file that begins at the same position
   * @throws IOException if the outcome is unknown; the archive must be read before continuing
   */
  private boolean finish(long position) throws IOException {
    if (open == null) {
      return true;
    }
    letters.awaitAll();
    PendingFile.Outcome outcome = open.commit(position);
    if (outcome == PendingFile.Outcome.LOST || removeIfTooLate()) {
      LOG.info(
          "{} partition {}: another writer has committed the file at {}; continuing after it",
          topic.event(),
          partition,
          nextPosition);
      discard();
      return false;
    }
    LOG.info(
        "{} partition {}: committed {} to {}, {} records, {} rejected",
        topic.event(),
        partition,
        nextPosition,
        position,
        open.records(),
        open.rejected());
    open = null;
    nextPosition = position;
    return true;
  }

  /** A name can be free again because its file was rewritten; what has it now does not count. */
  private boolean removeIfTooLate() throws IOException {
    boolean isTooLate =
        output
            .archive()
            .isTooLate(open.date(), partition, nextPosition, ArchiveLayout.date(nowMs()));
    if (isTooLate) {
      output.target().store().remove(open.committed());
    }
    return isTooLate;
  }

  private void discard() {
    if (open != null) {
      open.discard();
      open = null;
    }
  }

  private void report(Consumer<byte[], byte[]> consumer) {
    long position = consumer.position(topicPartition);
    OptionalLong lag = consumer.currentLag(topicPartition);
    status =
        status.at(
            nextPosition,
            position,
            lag.isPresent() ? position + lag.getAsLong() : -1,
            open == null ? OptionalLong.empty() : OptionalLong.of(open.records()),
            nowMs());
  }

  private void failed(Throwable e) {
    RecountException problem = ArchiveProblems.of(e, topic.event(), partition);
    status = status.withProblem(problem.code() + ": " + problem.getMessage(), nowMs());
  }

  private static RecountException producersTime(ConsumerRecord<byte[], byte[]> record) {
    return RecountException.of(
        ErrorCode.CONFIG_INVALID,
        "Cannot archive offset %s of topic '%s' partition %s: its time was set by the "
            + "producer (%s) and is not its arrival; set the topic's message.timestamp.type "
            + "to LogAppendTime",
        record.offset(),
        record.topic(),
        record.partition(),
        record.timestampType());
  }
}
