package dev.recount.cases;

import dev.recount.speed.SpeedInMemory.Division;
import java.util.ArrayList;
import java.util.List;

/**
 * How the events of a case are divided between the layers.
 *
 * @param cut so many are counted by batch
 * @param events in all
 */
record Split(int cut, int events, boolean isOneMicroBatch) {
  /** Every one that there is: each cut, and what follows it in one micro-batch or in several. */
  static List<Split> all(int events) {
    List<Split> all = new ArrayList<>();
    for (int cut = 0; cut <= events; cut++) {
      all.add(new Split(cut, events, true));
      if (events - cut > 1) {
        all.add(new Split(cut, events, false));
      }
    }
    return all;
  }

  Division division() {
    return new Division(cut, isOneMicroBatch);
  }

  /** In a user's words. */
  String text() {
    int rest = events - cut;
    if (rest == 0) {
      return "batch counts all " + events;
    }
    String how = rest == 1 ? "" : isOneMicroBatch ? ", together" : ", one by one";
    return cut == 0
        ? "speed counts all " + events + how
        : "batch counts the first " + cut + ", speed the last " + rest + how;
  }
}
