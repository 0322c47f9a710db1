package dev.recount.contract.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.contract.config.DiskSpace;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.TestingEvents;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.MockProducer;
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
        .withMessageContaining("it cannot be read: java.lang.ArithmeticException: Overflow");
  }
}
