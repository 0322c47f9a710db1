package dev.recount.speed;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.event.WriterSchemas;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.StateTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;

/**
 * Reads the records of a state event, from the first one in its topic, into the tables that views
 * join; what cannot be decoded is skipped, as in the archive. Not thread-safe.
 */
final class StateFeed implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  /** An open transaction holds the records after it back for as long as it may last. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final EventLog log;
  private final String topic;
  private final EventRows decoder;
  private final ExpressionEncoder.Serializer<Row> serializer;
  private final List<StateTable> tables;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private Positions next = Positions.START;
  private boolean isBroken;

  /**
   * @throws RecountException LOG_TRUNCATED if the topic does not begin with its first record
   */
  StateFeed(
      EventSchema state,
      WriterSchemas writers,
      EventLog log,
      RecountConfig config,
      List<StateTable> tables) {
    this.log = log;
    this.topic = Topics.raw(state.name());
    this.decoder = new EventRows(state, writers, config.events().maxSizeBytes());
    this.serializer =
        ExpressionEncoder.apply(RowEncoder.encoderFor(EventRows.type(state), true))
            .createSerializer();
    this.tables = tables;
    requireWhole(state.name());
    this.consumer =
        KafkaClients.of(config).consumer(Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 50_000));
  }

  private void requireWhole(String state) {
    if (!log.isWhole()) {
      throw RecountException.of(
          ErrorCode.LOG_TRUNCATED,
          "Cannot join the state of '%s': the topic '%s' no longer holds its first "
              + "records, so older states are unknown; leave its retention as 'recount apply' "
              + "sets it, and send the states again under a new event",
          state,
          topic);
    }
  }

  /** Reads all that is in the topic now. */
  void catchUp() {
    Positions end = log.endOfAll();
    assign(end);
    Deadline deadline = Deadline.after(PATIENCE);
    while (!next.covers(end)) {
      Positions before = next;
      read();
      next = position(end);
      if (!next.equals(before)) {
        deadline = Deadline.after(PATIENCE);
      } else if (deadline.isExpired()) {
        throw RecountException.of(
            ErrorCode.DEADLINE_EXCEEDED,
            "Cannot read the topic '%s' to its end: nothing arrived within %s; does a "
                + "producer hold a transaction open?",
            topic,
            PATIENCE);
      }
    }
  }

  private void read() {
    isBroken = true;
    consumer.poll(POLL).forEach(this::add);
    isBroken = false;
  }

  /** Whether a failure has left it with a part of what it read. */
  boolean isBroken() {
    return isBroken;
  }

  /** A partition that is new begins at 0. */
  private void assign(Positions end) {
    if (end.next().keySet().equals(next.next().keySet())) {
      return;
    }
    List<TopicPartition> partitions =
        end.next().keySet().stream().map(p -> new TopicPartition(topic, p)).toList();
    consumer.assign(partitions);
    partitions.forEach(p -> consumer.seek(p, next.of(p.partition())));
    next = position(end);
  }

  private Positions position(Positions of) {
    Map<Integer, Long> positions = new HashMap<>();
    of.next()
        .keySet()
        .forEach(p -> positions.put(p, consumer.position(new TopicPartition(topic, p))));
    return new Positions(positions);
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    Row fields;
    try {
      fields = decoder.decode(record.value(), record.timestamp());
    } catch (RecountException e) {
      if (e.code() != ErrorCode.EVENT_UNDECODABLE) {
        throw e;
      }
      return;
    }
    InternalRow row = serializer.apply(fields);
    for (StateTable table : tables) {
      table.add(row, record.timestamp(), record.partition(), record.offset());
    }
  }

  @Override
  public void close() {
    consumer.close(Duration.ofSeconds(1));
  }
}
