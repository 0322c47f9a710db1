package dev.recount.cases;

import dev.recount.core.cases.CaseSource;
import dev.recount.core.cases.ViewCase;
import dev.recount.error.RecountException;
import java.util.List;

/**
 * What became of a case.
 *
 * @param splits in how many ways its events were divided between the layers
 * @param problem why it could not be run; null if it was
 * @param findings the answers that were not as expected; each only once
 */
public record CaseResult(
    CaseSource source,
    ViewCase viewCase,
    int splits,
    RecountException problem,
    List<Finding> findings) {

  /**
   * An answer that was not as expected.
   *
   * @param where in which ways the events had been divided
   * @param isEverywhere whether it was so in all
   */
  public record Finding(List<String> where, boolean isEverywhere, Difference difference) {}

  /** Whether every answer was as expected. */
  public boolean passed() {
    return problem == null && findings.isEmpty();
  }
}
