package dev.recount.speed;

import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.state.StateJoin;
import dev.recount.planner.state.StateTable;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * A view as a worker runs it.
 *
 * @param topic its deltas go to
 * @param distinct null where it counts every record
 * @param lookup how it finds the states that it joins; null where it joins none
 */
record ViewTarget(
    ViewProgram program, String topic, int dimensions, DistinctField distinct, Lookup lookup) {

  /**
   * Where the states of a view are.
   *
   * @param keepsUnmatched whether an event that finds none is kept
   */
  record Lookup(StateJoin join, StateTable table, boolean keepsUnmatched) {}

  /** What views are distinct by, each field once, in order. */
  static List<DistinctField> distinctFields(List<ViewTarget> targets) {
    return targets.stream()
        .map(ViewTarget::distinct)
        .filter(Objects::nonNull)
        .distinct()
        .sorted(Comparator.comparing(DistinctField::name))
        .toList();
  }
}
