package dev.recount.serving.pinot;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Which layers an answer is made of. */
public enum Mode {
  /** Batch up to its cut, speed from there on. */
  MERGED,
  /** Only what the newest batch run covers. */
  BATCH,
  /** Only what arrived since the cut; everything if there is no batch run. */
  SPEED,
  /**
   * All deltas that Pinot still holds, those of what batch covers by now too: what the speed layer
   * had served. For audits.
   */
  DELTAS;

  /** The name in requests and answers. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The mode of a request; merged if it names none.
   *
   * @throws RecountException MODE_UNKNOWN
   */
  public static Mode of(String label) {
    if (label == null || label.isBlank()) {
      return MERGED;
    }
    List<String> known = Arrays.stream(values()).map(Mode::label).toList();
    int index = known.indexOf(label.strip().toLowerCase(Locale.ROOT));
    if (index < 0) {
      throw RecountException.of(
          ErrorCode.MODE_UNKNOWN,
          "Cannot answer in mode '%s': the modes are %s",
          label,
          String.join(", ", known));
    }
    return values()[index];
  }
}
