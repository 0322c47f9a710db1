package dev.recount.batch.audit;

import dev.recount.batch.cut.KafkaLog;
import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.pinot.PinotController;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** How far Pinot has ingested the delta topics: what is published is not served at once. */
public final class ServedDeltas {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  private final RecountConfig config;
  private final PinotController controller;

  public ServedDeltas(RecountConfig config) {
    this.config = config;
    this.controller = new PinotController(config, PATIENCE);
  }

  /**
   * Waits until Pinot serves every delta that the tables' topics hold now.
   *
   * @return whether it did before the deadline
   */
  public boolean await(Collection<String> tables, Deadline deadline) {
    Map<String, Map<Integer, Long>> ends = new HashMap<>();
    try (KafkaLog log = new KafkaLog(KafkaClients.of(config))) {
      tables.forEach(table -> ends.put(table, log.ends(Topics.deltas(table))));
    }
    return deadline.await(
        POLL, () -> ends.entrySet().stream().allMatch(e -> serves(e.getKey(), e.getValue())));
  }

  private boolean serves(String table, Map<Integer, Long> ends) {
    Map<Integer, Long> consumed = controller.consumed(table);
    return ends.entrySet().stream()
        .allMatch(end -> end.getValue() <= consumed.getOrDefault(end.getKey(), -1L));
  }
}
