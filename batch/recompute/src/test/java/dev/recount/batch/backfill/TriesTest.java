package dev.recount.batch.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A piece that fails is tried again alone, as often as there is hope. */
class TriesTest {
  private final List<Throwable> failures = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private RecountException ended;
  private int done;

  private void run(RuntimeException... failing) {
    int[] tried = new int[1];
    new Tries(this::requireWanted, failures::add, pauses::add)
        .run(
            () -> {
              if (tried[0] < failing.length) {
                throw failing[tried[0]++];
              }
              done++;
            });
  }

  private void requireWanted() {
    if (ended != null) {
      throw ended;
    }
  }

  private static IllegalStateException broken(String what) {
    return new IllegalStateException(what);
  }

  @Test
  void pieceThatFails_isTriedAgain_withGrowingPauses() {
    IllegalStateException first = broken("first");
    IllegalStateException second = broken("second");
    run(first, second);
    assertThat(done).isEqualTo(1);
    assertThat(failures).containsExactly(first, second);
    assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void pieceThatAlwaysFails_endsWithItsLastFailure() {
    assertThatThrownBy(() -> run(broken("1"), broken("2"), broken("3"), broken("4"), broken("5")))
        .hasMessage("4");
    assertThat(done).isZero();
    assertThat(pauses).hasSize(3);
  }

  @Test
  void fullDisk_isNotTriedAgain() {
    assertThatThrownBy(
            () -> run(new UncheckedIOException(new IOException("No space left on device"))))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(pauses).isEmpty();
  }

  @Test
  void errorOfTheJvm_isNotTriedAgain() {
    OutOfMemoryError error = new OutOfMemoryError("Java heap space");
    Tries tries = new Tries(this::requireWanted, failures::add, pauses::add);
    assertThatThrownBy(
            () ->
                tries.run(
                    () -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(pauses).isEmpty();
  }

  @Test
  void backfillThatIsEnded_triesNothingAgain() {
    ended = new RecountException(ErrorCode.BATCH_CANCELLED, "Cannot finish the run: not needed");
    assertThatThrownBy(() -> run(broken("cancelled"))).isSameAs(ended);
    assertThat(pauses).isEmpty();
  }
}
