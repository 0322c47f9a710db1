package dev.recount.serving.answer;

import dev.recount.serving.pinot.Unsettled;
import java.util.List;

/** The stored rows of a view that a query reads, wherever they are. */
public interface StoredRows {
  /** Whether there is nothing to be asked. */
  boolean isNothing();

  /** What a question names behind FROM. */
  String table();

  /** A condition on arrival that questions must have; empty for none. */
  String arrival();

  /**
   * Asks in Pinot's words.
   *
   * @return the cells as text; null if the answer has no rows because none can fulfil the condition
   * @throws Unsettled if something is missing right now
   */
  List<List<String>> ask(String sql) throws Unsettled;
}
