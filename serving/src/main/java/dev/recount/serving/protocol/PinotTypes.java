package dev.recount.serving.protocol;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.answer.Answer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;

/** Types and values as they are in Pinot's answers. */
final class PinotTypes {
  private static final int NANOS = 9;

  /** Java's form of a timestamp, always UTC: {@code 2015-05-17 10:05:00.0}. */
  private static final DateTimeFormatter MOMENT =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 1, NANOS, true)
          .toFormatter()
          .withZone(ZoneOffset.UTC);

  private PinotTypes() {}

  /** Pinot has no type of days: they are texts, such as 2015-05-17. */
  static String of(ColumnType type) {
    return switch (type) {
      case DATE -> ColumnType.STRING.name();
      default -> type.name();
    };
  }

  static List<List<Object>> rows(List<Answer.Column> columns, List<List<Object>> rows) {
    boolean hasMoments = columns.stream().anyMatch(c -> c.type() == ColumnType.TIMESTAMP);
    return hasMoments ? rows.stream().map(PinotTypes::row).toList() : rows;
  }

  private static List<Object> row(List<Object> row) {
    List<Object> values = new ArrayList<>(row.size());
    row.forEach(v -> values.add(v instanceof Instant moment ? MOMENT.format(moment) : v));
    return values;
  }
}
