package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Views that fail, with a real catalog and a checkpoint as Spark writes it; no Kafka. */
class AdmissionTest {
  private static final Duration GRAIN = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 3;
  private static final ViewFailure REFUSED = new ViewFailure("too large", false);
  private static final ViewFailure NO_ANSWER = new ViewFailure("no answer", true);

  @TempDir private Path folder;
  private final ViewPlan failing = plan("failing");
  private final ViewPlan other = plan("other");
  private Catalog catalog;
  private Checkpoint checkpoint;
  private Admission admission;
  private long nowMs = 1_000_000;
  private boolean topicIsGone;

  /** The arrival of each record, by its position. */
  private final List<Long> log = new ArrayList<>();

  private static ViewPlan plan(String view) {
    return new ViewPlan(view, 1, "e", "sql", Map.of(), List.of(), List.of());
  }

  @BeforeEach
  void open() throws IOException {
    catalog =
        Catalog.open(
            RecountConfig.load(
                folder,
                Optional.empty(),
                Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + folder.getFileName())));
    checkpoint = new Checkpoint(folder.resolve("checkpoint"), "e", "events.e");
    write("sources/0/0", 0);
    catalog.views().add(failing, 0);
    catalog.views().add(other, 0);
    startProcess();
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  /** What a process has in its memory is gone. */
  private void startProcess() {
    admission =
        new Admission(
            catalog.views(),
            new Admission.Broker(
                () -> log.stream().mapToLong(Long::longValue).max(), plan -> !topicIsGone),
            checkpoint,
            GRAIN,
            new FailingViews(ATTEMPTS, Duration.ofMinutes(1), () -> nowMs),
            new TestClock());
  }

  private final class TestClock extends Clock {
    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(nowMs);
    }

    @Override
    public ZoneOffset getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }
  }

  private void write(String file, long position) {
    Path path = checkpoint.folder().resolve(file);
    try {
      Files.createDirectories(path.getParent());
      Files.writeString(path, "v1\n{\"events.e\":{\"0\":" + position + "}}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A micro-batch of one more record. */
  private void newChunk(long chunk) {
    nowMs += 1_000;
    log.add(nowMs);
    write("offsets/" + chunk, log.size());
  }

  private List<ViewPlan> admit(long chunk) {
    List<Definition.Version> versions = new ArrayList<>();
    for (ViewVersion v : catalog.views().all()) {
      ViewPlan plan = v.viewName().equals("failing") ? failing : other;
      versions.add(
          new Definition.Version(
              plan,
              v.speedFirstChunk(),
              v.speedSinceMs(),
              v.speedFailure() != null,
              EndlessViews.isReason(v.speedFailure()) ? v.speedFailedMs() : null));
    }
    return admission.admit(new Definition(null, versions, Map.of()), chunk);
  }

  /** Runs a micro-batch in which one view fails. */
  private void run(long chunk, ViewFailure failure) {
    List<ViewPlan> plans = admit(chunk);
    boolean fails = failure != null && plans.contains(failing);
    admission.settle(
        plans, fails ? Map.of(failing, failure) : Map.of(), Set.of(Topics.deltas(other.table())));
  }

  private ViewVersion version() {
    return catalog.views().find("failing", 1).orElseThrow();
  }

  private void assertRepeated(long chunk, ViewFailure failure, ErrorCode code) {
    assertThatThrownBy(() -> run(chunk, failure))
        .isInstanceOfSatisfying(RecountException.class, e -> assertThat(e.code()).isEqualTo(code));
    assertThat(version().speedFailure()).isNull();
  }

  @Test
  void viewThatKeepsFailing_isSetAside_tried_andBeginsAnew() {
    newChunk(0);
    run(0, null);
    assertThat(version().speedSinceMs()).isZero();

    newChunk(1);
    assertRepeated(1, REFUSED, ErrorCode.VIEW_FAILED);
    assertRepeated(1, REFUSED, ErrorCode.VIEW_FAILED);
    run(1, REFUSED);
    assertThat(version().speedFailure()).isEqualTo("too large");
    assertThat(version().speedSinceMs()).isNull();
    long failedMs = version().speedFailedMs();

    newChunk(2);
    assertThat(admit(2)).containsExactly(other);
    nowMs += 5_000;
    assertThat(admit(2)).containsExactly(failing, other);
    run(2, REFUSED); // one failure is enough
    assertThat(version().speedFailedMs()).isEqualTo(failedMs);

    nowMs += 10_000;
    newChunk(3);
    run(3, null);
    assertThat(version().speedFailure()).isNull();
    assertThat(version().speedFirstChunk()).isEqualTo(3);
    assertThat(version().speedSinceMs()).isEqualTo(Cut.closeOfBucket(log.get(3), GRAIN));
  }

  /** It costs a process each time. */
  @Test
  void viewThatDidNotComeToAnEnd_isTriedAfterEachStartOnlyOnceItsAgeHasDoubled() {
    newChunk(0);
    run(0, null);
    long firstMs = nowMs;
    String reason = EndlessViews.reason(Duration.ofMinutes(1));
    long[] pauses = new long[4];
    for (int end = 0; end < pauses.length; end++) {
      catalog.views().setAside("failing", 1, reason, nowMs);
      startProcess();
      long startedMs = nowMs;
      while (!admit(1).contains(failing)) {
        nowMs += 5_000;
      }
      pauses[end] = nowMs - startedMs;
    }
    assertThat(version().speedFailedMs()).isEqualTo(firstMs);
    assertThat(pauses).containsExactly(60_000, 60_000, 120_000, 240_000);
    run(1, null);
    assertThat(version().speedFailure()).as("it works").isNull();
    startProcess();
    assertThat(admit(2)).contains(failing);
  }

  @Test
  void troubleOfTheBroker_setsNothingAside_unlessItIsOfOneTopic() {
    newChunk(0);
    for (int i = 0; i < 2 * ATTEMPTS; i++) {
      List<ViewPlan> plans = admit(0);
      assertThatThrownBy(() -> admission.settle(plans, Map.of(failing, NO_ANSWER), Set.of()))
          .hasMessageContaining("no answer")
          .hasMessageContaining("is the stack up?");
    }
    assertRepeated(0, NO_ANSWER, ErrorCode.VIEW_FAILED);
    assertRepeated(0, NO_ANSWER, ErrorCode.VIEW_FAILED);
    run(0, NO_ANSWER);
    assertThat(version().speedFailure()).isEqualTo("no answer");
  }

  @Test
  void viewWhoseTopicIsGone_isSetAside_andNotTriedBeforeItIsBack() {
    newChunk(0);
    topicIsGone = true;
    for (int i = 0; i < ATTEMPTS; i++) {
      List<ViewPlan> plans = admit(0);
      try {
        admission.settle(plans, Map.of(failing, NO_ANSWER), Set.of());
      } catch (RecountException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.VIEW_FAILED);
      }
    }
    assertThat(version().speedFailure()).isNotNull();
    nowMs += 60_000;
    assertThat(admit(1)).containsExactly(other);
    topicIsGone = false;
    nowMs += 60_000;
    assertThat(admit(1)).containsExactly(failing, other);
  }

  @Test
  void viewThatIsTried_neverKeepsTheOthers() {
    newChunk(0);
    for (int i = 1; i < ATTEMPTS; i++) {
      assertRepeated(0, REFUSED, ErrorCode.VIEW_FAILED);
    }
    run(0, REFUSED);
    nowMs += 60_000;
    List<ViewPlan> plans = admit(1);
    assertThat(plans).contains(failing);
    admission.settle(plans, Map.of(failing, NO_ANSWER), Set.of());
    assertThat(admit(1)).containsExactly(other);
  }

  @Test
  void catalogAway_nothingIsSetAside_andTheMicroBatchIsRepeated() {
    newChunk(0);
    for (int i = 1; i < ATTEMPTS; i++) {
      assertRepeated(0, REFUSED, ErrorCode.VIEW_FAILED);
    }
    List<ViewPlan> plans = admit(0);
    catalog.close();
    assertThatThrownBy(() -> admission.settle(plans, Map.of(failing, REFUSED), Set.of()))
        .isInstanceOf(RecountException.class);
  }

  /**
   * Whatever fails and is killed between any two steps: where the catalog says that the view is
   * whole since a bucket, its table has each record that came since then and is committed.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void killedAnywhere_whatIsSaidToBeWholeIsWhole(long seed) {
    Life life = new Life(new Random(seed));
    for (int step = 0; step < 400; step++) {
      life.step(step > 370);
      life.requireWhole();
    }
    assertThat(life.checked).isPositive();
    assertThat(life.notWhole).isPositive();
    assertThat(version().speedFailure()).as("it works in the end").isNull();
    assertThat(version().speedSinceMs()).isNotNull();
  }

  /** Micro-batches of an event, one of whose views works and fails in turns. */
  private final class Life {
    private final Random random;

    /** The positions whose deltas the view's table has. */
    private final Set<Long> table = new TreeSet<>();

    private final Map<Long, Long> ends = new HashMap<>(Map.of(-1L, 0L));
    private long committed = -1;
    private boolean isBroken;
    private int checked;
    private int notWhole;

    Life(Random random) {
      this.random = random;
    }

    void step(boolean isMended) {
      isBroken = !isMended && (random.nextInt(20) == 0) != isBroken;
      nowMs += random.nextInt(isMended ? 20_000 : 4_000);
      for (int i = random.nextInt(4); i > 0; i--) {
        log.add(nowMs);
      }
      long chunk = committed + 1;
      if (!ends.containsKey(chunk)) {
        if (log.size() == ends.get(committed)) {
          return;
        }
        ends.put(chunk, (long) log.size());
        write("offsets/" + chunk, log.size());
      }
      try {
        attempt(chunk, random.nextInt(40));
      } catch (RecountException e) {
        assertThat(e.code()).isIn(ErrorCode.VIEW_FAILED, ErrorCode.KAFKA_UNAVAILABLE);
      }
    }

    /**
     * @param kill after which step the process is killed
     */
    private void attempt(long chunk, int kill) {
      List<ViewPlan> plans = admit(chunk);
      if (kill == 0) {
        startProcess();
        return;
      }
      Map<ViewPlan, ViewFailure> failures = plans.contains(failing) ? writeDeltas(chunk) : Map.of();
      if (kill == 1) {
        startProcess();
        return;
      }
      boolean isOtherSilent = random.nextInt(8) == 0;
      admission.settle(
          plans, failures, isOtherSilent ? Set.of() : Set.of(Topics.deltas(other.table())));
      if (kill == 2) {
        startProcess();
        return;
      }
      committed = chunk;
    }

    private Map<ViewPlan, ViewFailure> writeDeltas(long chunk) {
      boolean fails = isBroken && random.nextInt(10) > 0;
      for (long p = ends.get(chunk - 1); p < ends.get(chunk); p++) {
        if (!fails || random.nextBoolean()) {
          table.add(p);
        }
      }
      return fails ? Map.of(failing, random.nextInt(4) == 0 ? NO_ANSWER : REFUSED) : Map.of();
    }

    void requireWhole() {
      Long sinceMs = version().speedSinceMs();
      if (sinceMs == null) {
        notWhole++;
        return;
      }
      for (long p = 0; p < ends.get(committed); p++) {
        if (log.get((int) p) >= sinceMs) {
          assertThat(table).as("committed until %s", ends.get(committed)).contains(p);
          checked++;
        }
      }
    }
  }
}
