package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two speed processes on a real H2 catalog. */
class SpeedTurnTest {
  private static final RecountException LOST =
      new RecountException(ErrorCode.SPEED_CHECKPOINT_LOST, "it holds none");

  @TempDir private Path home;
  private Catalog catalog;

  @BeforeEach
  void open() {
    catalog =
        Catalog.open(
            RecountConfig.load(
                home,
                Optional.empty(),
                Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + UUID.randomUUID())));
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  /** The first holds its turn as long as the lease is renewed, as each second in the process. */
  @Test
  void secondProcess_beginsNoGenerationBesideTheFirst_andAtOnceWhenThatWasStopped() {
    SpeedTurn first = new SpeedTurn(catalog.leases());
    SpeedTurn second = new SpeedTurn(catalog.leases());
    first.require("page_view", LOST);
    assertThatThrownBy(
            () -> {
              assertThat(first.keep()).isTrue();
              second.require("page_view", LOST);
            })
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("process " + ProcessHandle.current().pid() + " on host ")
        .hasMessageEndingWith("it holds none");
    first.giveBack();
    assertThatCode(() -> second.require("page_view", LOST)).doesNotThrowAnyException();
    assertThat(first.keep()).isFalse();
    second.giveBack();
    assertThat(first.keep()).as("it has ended").isFalse();
  }

  @Test
  void killedProcess_isFollowedOnceItIsSilentForLong() {
    new SpeedTurn(catalog.leases()).require("page_view", LOST);
    SpeedTurn second = new SpeedTurn(catalog.leases());
    await().atMost(HeldLease.SILENCE.plus(Duration.ofMinutes(1))).until(second::keep);
  }

  /** Then it goes on without a word from the catalog, for nobody else can have begun anything. */
  @Test
  void turn_isSureForAsLongAsOthersAreKeptAway_andNoLonger() {
    SpeedTurn first = new SpeedTurn(catalog.leases());
    SpeedTurn second = new SpeedTurn(catalog.leases());
    assertThat(first.isSure()).as("before it asked").isFalse();
    first.keep();
    assertThat(first.isSure()).isTrue();
    assertThat(second.keep()).isFalse();
    assertThat(second.isSure()).isFalse();
    await()
        .atMost(HeldLease.SILENCE.plus(Duration.ofMinutes(1)))
        .until(
            () -> {
              boolean isTaken = second.keep();
              assertThat(isTaken && first.isSure()).as("both at once").isFalse();
              return isTaken;
            });
    assertThat(first.isSure()).isFalse();
    second.giveBack();
    assertThat(second.isSure()).isFalse();
  }
}
