package dev.recount.serving.answer;

import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.StoredText;
import dev.recount.serving.expression.Values;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.scalar.Cells;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * The least or largest strings of groups. Pinot has no such aggregate: it is asked for all values
 * that are stored, and how often each is.
 */
final class TextExtremes {
  private final Map<List<String>, String> extremes = new HashMap<>();
  private final Map<List<String>, BigInteger> rows = new HashMap<>();

  /**
   * @param answer to {@link PinotQuery#texts}
   * @param keys how many of its columns are keys
   */
  TextExtremes(MeasureAggregate aggregate, List<List<String>> answer, int keys) {
    BinaryOperator<String> better =
        aggregate.measure().kind() == MeasureKind.MIN
            ? BinaryOperator.minBy(Values.TEXT_ORDER)
            : BinaryOperator.maxBy(Values.TEXT_ORDER);
    for (List<String> row : answer) {
      List<String> group = row.subList(0, keys);
      rows.merge(group, Cells.whole(row.get(keys + 1)), BigInteger::add);
      if (!row.get(keys).equals(StoredText.NULL)) {
        extremes.merge(group, StoredText.text(row.get(keys)), better);
      }
    }
  }

  /**
   * The extreme of a group; null if it has none.
   *
   * @param expected how many stored rows the group had when the rest of the answer was read
   * @throws Unsettled if it had another number of rows here
   */
  String of(List<String> group, String expected) throws Unsettled {
    if (!rows.getOrDefault(group, BigInteger.ZERO).equals(Cells.whole(expected))) {
      throw new Unsettled(
          "events kept arriving between the two questions that MIN or MAX of strings takes (add AND"
              + " _arrived < ... to WHERE)");
    }
    return extremes.get(group);
  }
}
