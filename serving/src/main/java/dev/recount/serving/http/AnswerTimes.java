package dev.recount.serving.http;

import dev.recount.core.view.ColumnType;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * How the moments of an answer are written.
 *
 * @param type of the columns of moments
 */
record AnswerTimes(ColumnType type, Function<Instant, Object> form) {
  /** The parameter that names one. */
  static final String PARAMETER = "time_format";

  private static final int MOST_PATTERN = 100;

  /**
   * @param named {@code iso}, {@code ms}, {@code s}, or a pattern of Java's DateTimeFormatter; null
   *     for the first
   * @param zone by whose clocks; null for UTC
   * @throws RecountException REQUEST_INVALID
   */
  static AnswerTimes of(String named, ZoneId zone) {
    ZoneId clocks = zone == null ? ZoneOffset.UTC : zone;
    return switch (named == null ? "iso" : named) {
      case "iso" ->
          zone == null
              ? new AnswerTimes(ColumnType.TIMESTAMP, moment -> moment)
              : new AnswerTimes(
                  ColumnType.TIMESTAMP,
                  moment -> DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(moment.atZone(clocks)));
      case "ms" -> new AnswerTimes(ColumnType.LONG, Instant::toEpochMilli);
      case "s" -> new AnswerTimes(ColumnType.LONG, Instant::getEpochSecond);
      default -> {
        DateTimeFormatter pattern = pattern(named);
        yield new AnswerTimes(ColumnType.STRING, moment -> pattern.format(moment.atZone(clocks)));
      }
    };
  }

  private static DateTimeFormatter pattern(String text) {
    try {
      if (!text.isBlank() && text.length() <= MOST_PATTERN) {
        DateTimeFormatter pattern = DateTimeFormatter.ofPattern(text, Locale.ROOT);
        pattern.format(Instant.EPOCH.atZone(ZoneOffset.UTC));
        return pattern;
      }
    } catch (IllegalArgumentException | java.time.DateTimeException e) {
      throw unreadable(text, e);
    }
    throw unreadable(text, null);
  }

  private static RecountException unreadable(String text, Exception cause) {
    return new RecountException(
        ErrorCode.REQUEST_INVALID,
        "Cannot read the parameter '"
            + PARAMETER
            + "' = '"
            + text
            + "': it is iso, ms, s, or a pattern such as yyyy-MM-dd HH:mm",
        Map.of("parameter", PARAMETER),
        cause);
  }

  /** The answer with its moments so; its rows are made as they are read. */
  Answer in(Answer answer) {
    boolean[] isMoment = new boolean[answer.columns().size()];
    List<Answer.Column> columns = new ArrayList<>();
    for (int i = 0; i < isMoment.length; i++) {
      Answer.Column column = answer.columns().get(i);
      isMoment[i] = column.type() == ColumnType.TIMESTAMP;
      columns.add(isMoment[i] ? column.of(type) : column);
    }
    if (answer.columns().stream().noneMatch(c -> c.type() == ColumnType.TIMESTAMP)) {
      return answer;
    }
    return new Answer(columns, rows(answer.rows(), isMoment), answer.provenance());
  }

  private List<List<Object>> rows(List<List<Object>> rows, boolean[] isMoment) {
    return new AbstractList<>() {
      @Override
      public List<Object> get(int index) {
        List<Object> row = new ArrayList<>(rows.get(index));
        for (int i = 0; i < isMoment.length; i++) {
          if (isMoment[i] && row.get(i) instanceof Instant moment) {
            row.set(i, form.apply(moment));
          }
        }
        return row;
      }

      @Override
      public int size() {
        return rows.size();
      }
    };
  }
}
