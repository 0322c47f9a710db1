package dev.recount.planner.pass;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.OrderedDouble;
import dev.recount.core.view.StoredText;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/** How values of dimensions are in rows, said once more than in the code of the layers. */
public final class StoredKeys {
  private StoredKeys() {}

  /** The columns of a value that Spark gave. */
  public static List<Object> of(Dimension dimension, Object value) {
    if (value == null) {
      return dimension.storedNull();
    }
    return switch (dimension.type()) {
      case STRING -> List.of(StoredText.of((String) value));
      case BOOLEAN -> List.of(value.toString());
      case DATE ->
          List.of(
              (value instanceof LocalDate day ? day : ((java.sql.Date) value).toLocalDate())
                  .toEpochDay());
      case TIMESTAMP ->
          List.of(
              value instanceof Instant moment
                  ? moment.toEpochMilli()
                  : ((java.sql.Timestamp) value).getTime());
      case DOUBLE -> {
        double number = ((Number) value).doubleValue();
        yield List.of(OrderedDouble.of(number), number == 0 ? 0.0d : number);
      }
      default ->
          dimension.hasNullFlag()
              ? List.of(((Number) value).longValue(), 0)
              : List.of(((Number) value).longValue());
    };
  }
}
