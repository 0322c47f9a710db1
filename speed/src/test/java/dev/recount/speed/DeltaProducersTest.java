package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Partitioner;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeltaProducersTest {
  private static final KafkaClients KAFKA =
      new KafkaClients(new RecountConfig.Kafka("b:1", Map.of()));
  private static final byte[] BYTES = new byte[10];

  private static final class Opened extends MockProducer<byte[], byte[]> {
    private final long bufferBytes;
    private final int batchBytes;

    Opened(long bufferBytes, int batchBytes) {
      super(false, (Partitioner) null, new ByteArraySerializer(), new ByteArraySerializer());
      this.bufferBytes = bufferBytes;
      this.batchBytes = batchBytes;
    }
  }

  private final List<Opened> opened = new ArrayList<>();
  private final DeltaProducers producers =
      new DeltaProducers(
          (kafka, bufferBytes, batchBytes) -> {
            opened.add(new Opened(bufferBytes, batchBytes));
            return opened.get(opened.size() - 1);
          },
          Duration.ofMillis(50));

  private DeltaSender sender(String event) {
    return producers.sender(event, KAFKA);
  }

  /** The broker answers what it was sent. */
  private Map<String, Throwable> flush(DeltaSender sender) {
    opened.stream().filter(producer -> !producer.closed()).forEach(MockProducer::flush);
    return sender.flush();
  }

  @Test
  void topicThatIsNeverAnswered_fails_andItsEventIsSentWithoutBatches() {
    try (DeltaSender sender = sender("a")) {
      sender.send("deltas.answered", BYTES, BYTES);
      opened.get(0).completeNext();
      sender.send("deltas.silent", BYTES, BYTES);
      assertThat(sender.flush()).containsOnlyKeys("deltas.silent");
      assertThat(sender.acknowledged()).containsExactly("deltas.answered");
    }
    sender("a").close();
    sender("b").close();
    assertThat(opened)
        .extracting(producer -> producer.batchBytes > 0)
        .containsExactly(true, false, true);
  }

  @Test
  void failingSendsOfOneEvent_doNotFailAnothers() {
    try (DeltaSender failing = sender("a");
        DeltaSender working = sender("b")) {
      failing.send("deltas.a", BYTES, BYTES);
      working.send("deltas.b", BYTES, BYTES);
      opened.get(0).errorNext(new RecordTooLargeException("too large"));
      assertThat(flush(failing)).containsOnlyKeys("deltas.a");
      assertThat(flush(working)).isEmpty();
      assertThat(working.acknowledged()).containsExactly("deltas.b");
    }
    assertThat(opened).extracting(MockProducer::closed).containsExactly(true, false);
    try (DeltaSender again = sender("b")) {
      again.send("deltas.b", BYTES, BYTES);
      assertThat(flush(again)).isEmpty();
    }
    assertThat(opened).hasSize(2);
  }

  @Test
  void failingSendsToOneTopic_failNoOther_andNoMoreAreTried() {
    try (DeltaSender sender = sender("a")) {
      sender.send("deltas.bad", BYTES, BYTES);
      opened.get(0).errorNext(new RecordTooLargeException("too large"));
      assertThatThrownBy(() -> sender.send("deltas.bad", BYTES, BYTES))
          .isInstanceOf(RecountException.class)
          .hasMessageContaining("too large");
      sender.send("deltas.good", BYTES, BYTES);
      assertThat(flush(sender)).containsOnlyKeys("deltas.bad");
      assertThat(sender.acknowledged()).containsExactly("deltas.good");
    }
  }

  @Test
  void failedProducer_isClosedOnlyWhenNoTaskUsesItAnyMore() {
    DeltaSender other = sender("a");
    try (DeltaSender failing = sender("a")) {
      failing.send("deltas.a", BYTES, BYTES);
      opened.get(0).errorNext(new RecordTooLargeException("too large"));
    }
    other.send("deltas.b", BYTES, BYTES);
    assertThat(flush(other)).isEmpty();
    assertThat(opened.get(0).closed()).isFalse();
    sender("a").close();
    assertThat(opened).as("the next task has a new one").hasSize(2);
    other.close();
    assertThat(opened).extracting(MockProducer::closed).containsExactly(true, false);
  }

  @Test
  void whatProducersHold_isBounded() {
    for (int i = 0; i < 50; i++) {
      sender("event " + i).close();
    }
    assertThat(opened.stream().filter(p -> !p.closed()).mapToLong(p -> p.bufferBytes).sum())
        .isLessThanOrEqualTo(128 << 20);
    sender("event 49").close();
    assertThat(opened).as("those used last stay open").hasSize(50);
    producers.closeIdle();
    assertThat(opened).allMatch(MockProducer::closed);
  }

  @Test
  void largeDelta_isSentByAProducerOfItsOwn() {
    DeltaProducers completing =
        new DeltaProducers(
            (kafka, bufferBytes, batchBytes) -> {
              opened.add(new Opened(bufferBytes, batchBytes));
              return new MockProducer<>(
                  true, (Partitioner) null, new ByteArraySerializer(), new ByteArraySerializer());
            },
            Duration.ofSeconds(10));
    try (DeltaSender sender = completing.sender("a", KAFKA)) {
      sender.send("deltas.a", BYTES, new byte[DeltaSender.SMALL_BYTES]);
      assertThat(flush(sender)).isEmpty();
      assertThat(sender.acknowledged()).containsExactly("deltas.a");
    }
    assertThat(opened).hasSize(2);
    assertThat(opened.get(0).bufferBytes).isLessThan(20 << 20);
    assertThat(opened.get(1).bufferBytes).isGreaterThan(96 << 20);
  }
}
