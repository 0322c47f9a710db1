package dev.recount.batch.run;

import dev.recount.core.catalog.RunRequest;
import java.util.Collection;
import java.util.List;

/**
 * What a run is to do.
 *
 * @param views names; empty for all
 * @param mode of views that nothing else was asked for
 * @param isDue only what has been asked for and is due
 * @param isPatient whether it waits while another run is under way
 */
public record RunOrder(Collection<String> views, String mode, boolean isDue, boolean isPatient) {

  /** A full run by hand. */
  public static RunOrder full(Collection<String> views) {
    return new RunOrder(views, RunRequest.FULL, false, true);
  }

  /** All that is due. */
  public static RunOrder due() {
    return new RunOrder(List.of(), RunRequest.FULL, true, true);
  }
}
