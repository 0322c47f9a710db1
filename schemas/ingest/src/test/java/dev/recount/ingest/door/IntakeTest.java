package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.TestingEvents;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.ingest.source.Arrival;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private final Intake intake =
      new Intake(
          TestingEvents.everyType(),
          null,
          new RecountConfig.Events(1, Duration.ofDays(1), 1_000),
          new DiskSpace(config("1B")),
          Clock.systemUTC());

  private static RecountConfig config(String reserve) {
    return RecountConfig.load(
        Path.of("."), Optional.empty(), Map.of("RECOUNT_DISK_RESERVE", reserve));
  }

  /** What became of a record. */
  private static final class Fate implements Arrival {
    private final List<String> calls = new ArrayList<>();

    @Override
    public byte[] payload() {
      return new byte[1];
    }

    @Override
    public DeadLetter.Source source() {
      return DeadLetter.Source.http();
    }

    @Override
    public void accepted() {
      calls.add("accepted");
    }

    @Override
    public void rejected(RecountException reason) {
      calls.add("rejected");
    }

    @Override
    public void failed(RecountException reason) {
      calls.add(reason.code() + " " + reason.getMessage());
    }
  }

  @Test
  void onADiskWithoutRoom_eventsAreNotTaken_norDeadLettersKept() {
    MockProducer<byte[], byte[]> producer = new MockProducer<>();
    Intake full =
        new Intake(
            TestingEvents.everyType(),
            producer,
            new RecountConfig.Events(1, Duration.ofDays(1), 1_000),
            new DiskSpace(config("8000000TiB")),
            Clock.systemUTC());
    Fate event = new Fate();
    full.take(event, payload -> null);
    assertThat(event.calls).hasSize(1);
    assertThat(event.calls.get(0))
        .startsWith("DISK_FULL Cannot accept events: only ")
        .contains("disk.reserve");
    Fate letter = new Fate();
    full.reject(new RecountException(ErrorCode.EVENT_MALFORMED, "wrong"), letter);
    assertThat(letter.calls).hasSize(1);
    assertThat(letter.calls.get(0)).startsWith("DISK_FULL");
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void whatAReaderStumblesOver_isAMalformedEvent() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () ->
                intake.read(
                    new byte[1],
                    payload -> {
                      throw new ArithmeticException("Overflow");
                    }))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED))
        .withMessageContaining("it cannot be read: Overflow");
  }

  /** A record of a size, and what became of it. */
  private static final class Record implements Arrival {
    private final byte[] payload;
    private final long size;
    private RecountException rejected;
    private RecountException failed;
    private boolean isAccepted;

    Record(byte[] payload, long size) {
      this.payload = payload;
      this.size = size;
    }

    @Override
    public byte[] payload() {
      return payload;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public DeadLetter.Source source() {
      return DeadLetter.Source.http();
    }

    @Override
    public void accepted() {
      isAccepted = true;
    }

    @Override
    public void rejected(RecountException reason) {
      rejected = reason;
    }

    @Override
    public void failed(RecountException reason) {
      failed = reason;
    }
  }

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());

  private Intake intake(MockProducer<byte[], byte[]> producer, int maxSizeBytes) {
    return new Intake(
        TestingEvents.everyType(),
        producer,
        new RecountConfig.Events(1, Duration.ofDays(1), maxSizeBytes),
        new DiskSpace(config("1B")),
        Clock.systemUTC());
  }

  private static GenericRecord event(byte[] json) {
    return new JsonEvents(TestingEvents.everyType()).read(json);
  }

  private static byte[] json(int size) {
    return ("{\"at\": 1, \"mixed\": \"" + "x".repeat(size) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private DeadLetter letter(int index) {
    ProducerRecord<byte[], byte[]> sent = kafka.history().get(index);
    return DeadLetter.read(new ConsumerRecord<>(sent.topic(), 0, index, sent.key(), sent.value()))
        .orElseThrow();
  }

  @Test
  void aRejectedRecord_isKeptWhole_orCutWhereTheTopicIsSmaller() {
    int size = 7_000_000;
    Record record = new Record(json(size), json(size).length);
    intake(kafka, 1_000).take(record, IntakeTest::event);
    assertThat(letter(0).payload()).isEqualTo(record.payload());
    assertThat(record.rejected).isNull();

    assertThat(kafka.errorNext(new RecordTooLargeException("smaller"))).isTrue();
    assertThat(letter(1).payload())
        .isEqualTo(Arrays.copyOf(record.payload(), DeadLetter.CUT_BYTES));
    assertThat(letter(1).payloadSize()).isEqualTo(record.payload().length);
    assertThat(kafka.completeNext()).isTrue();
    assertThat(record.rejected)
        .hasMessageContaining(
            "at most 1000 are allowed; raise events.max-size and run 'recount apply'");
    assertThat(record.failed).isNull();
  }

  @Test
  void aRecordThatWasNotHeld_isRejected_withItsSize() {
    Record record = new Record(json(10), 5_000_000_000L);
    intake(kafka, 1_000).take(record, IntakeTest::event);
    kafka.completeNext();
    assertThat(letter(0).payloadSize()).isEqualTo(5_000_000_000L);
    assertThat(record.rejected)
        .hasMessageContaining("its record has 5000000000 bytes, at most 8388608 are read");
    assertThat(record.rejected.code()).isEqualTo(ErrorCode.EVENT_TOO_LARGE);
  }

  @Test
  void aTopicThatIsSmallerThanTheSetting_isNamed() {
    Record record = new Record(json(10), json(10).length);
    intake(kafka, 1_000).take(record, IntakeTest::event);
    kafka.errorNext(new RecordTooLargeException("smaller"));
    kafka.completeNext();
    assertThat(record.rejected)
        .hasMessageContaining(
            "which events.max-size allows, but the topic 'events.every_type' does not")
        .hasMessageContaining("run 'recount apply'");
  }

  @Test
  void aDryRun_sendsNothing() {
    Record good = new Record(json(10), json(10).length);
    intake(null, 1_000).take(good, IntakeTest::event);
    assertThat(good.isAccepted).isTrue();
    Record wrong = new Record(new byte[] {'x'}, 1);
    intake(null, 1_000).take(wrong, IntakeTest::event);
    assertThat(wrong.rejected.code()).isEqualTo(ErrorCode.EVENT_MALFORMED);
  }
}
