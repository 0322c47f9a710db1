package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.event.Topics;
import dev.recount.infra.clients.pinot.RealtimeSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Deltas on a stack that no run needs any more. */
final class RunDeltas {
  private static final Instant NOON = Instant.parse("2024-05-01T12:00:00Z");

  private final BatchStack stack;

  RunDeltas(BatchStack stack) {
    this.stack = stack;
  }

  /**
   * Three runs after their segment is complete, deltas are gone: their keys from Pinot, and they
   * from the log. A run that is killed meanwhile leaves the rest to the next one.
   */
  void requireThatPassedDeltasGo() throws Exception {
    long expected = stack.merged() + 20;
    stack.send(20, NOON);
    stack.awaitMerged(expected);
    Set<String> complete = consuming();
    stack.controller().completeConsuming(BatchStack.TABLE);
    stack.run("traffic");
    stack.run("traffic");
    assertThat(realtime()).as("a kept run needs them").containsAll(complete);
    long before = droppedUntil();

    Process run = stack.batchRun("full").start();
    Deadline.after(Duration.ofMinutes(3))
        .require(
            "deltas that may be gone",
            Duration.ofMillis(1),
            () -> !run.isAlive() || droppedUntil() > before);
    run.destroyForcibly().waitFor();
    assertThat(droppedUntil()).isGreaterThan(before);
    assertThat(stack.merged()).isEqualTo(expected);

    stack.run("traffic");
    Deadline.after(Duration.ofMinutes(1))
        .require(
            "the segments to be gone",
            Duration.ofMillis(100),
            () -> realtime().stream().noneMatch(complete::contains));
    Deadline.after(Duration.ofMinutes(1))
        .require(
            "the servers to say so",
            Duration.ofMillis(100),
            () ->
                stack.controller().reportedStates(BatchStack.TABLE, "REALTIME").keySet().stream()
                    .noneMatch(complete::contains));
    assertThat(stack.merged()).isEqualTo(expected);
    assertThat(firstDeltas()).as("in the log").allMatch(offset -> offset > 0);

    stack.sendOldDelta(NOON, droppedUntil());
    stack.send(1, NOON);
    stack.awaitMerged(expected + 1);
  }

  private long droppedUntil() {
    return stack.catalog().audits().progress(BatchStack.TABLE).droppedUntilMs();
  }

  private Set<String> realtime() {
    return stack.controller().realtimeSegments(BatchStack.TABLE).values().stream()
        .flatMap(List::stream)
        .map(RealtimeSegment::name)
        .collect(Collectors.toSet());
  }

  private Set<String> consuming() {
    return stack.controller().reportedStates(BatchStack.TABLE, "REALTIME").entrySet().stream()
        .filter(segment -> segment.getValue().contains("CONSUMING"))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Where the partitions of the delta topic begin. */
  private List<Long> firstDeltas() throws Exception {
    String topic = Topics.deltas(BatchStack.TABLE);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.config().kafkaBootstrap()))) {
      Map<TopicPartition, OffsetSpec> first =
          Map.of(
              new TopicPartition(topic, 0), OffsetSpec.earliest(),
              new TopicPartition(topic, 1), OffsetSpec.earliest());
      return admin.listOffsets(first).all().get().values().stream()
          .map(ListOffsetsResult.ListOffsetsResultInfo::offset)
          .toList();
    }
  }
}
