package dev.recount.core.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which runs of the history are wanted; a null wants any.
 *
 * @param view only those over it
 * @param status only those that are shown with it
 * @param before only those that began before this run did, which need not be there any more
 */
public record RunFilter(String view, String status, String before) {
  /** Every run. */
  public static final RunFilter ALL = new RunFilter(null, null, null);

  public RunFilter ofView(String name) {
    return new RunFilter(name, status, before);
  }

  public RunFilter withStatus(String shown) {
    return new RunFilter(view, shown, before);
  }

  public RunFilter before(String run) {
    return new RunFilter(view, status, run);
  }

  /** What follows FROM batch_run. */
  String condition() {
    List<String> conditions = new ArrayList<>();
    if (view != null) {
      conditions.add("v.view_name = :view");
    }
    if (before != null) {
      // Names sort by time.
      conditions.add("batch_run.run_id < :before");
    }
    if (status != null) {
      conditions.add(
          """
          CASE WHEN status = 'RUNNING' AND CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - noted))
          * 1000 AS BIGINT) > :silence THEN 'FAILED' ELSE status END = :status""");
    }
    return (view == null ? "" : "JOIN batch_run_view v ON v.run_id = batch_run.run_id ")
        + (conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions));
  }

  /** Of its condition, by name. */
  Map<String, Object> values() {
    Map<String, Object> values = new HashMap<>();
    values.put("view", view);
    values.put("before", before);
    values.put("status", status);
    values.put("silence", HeldLease.SILENCE.toMillis());
    return values;
  }
}
