package dev.recount.ingest.init;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.FieldSource;
import dev.recount.ingest.value.TimeForm;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * A way in which times may be written, and all values that were seen so far are. Not thread-safe.
 */
final class TimeGuess {
  private static final Schema MILLIS =
      LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));

  /** Years 1990 to 2100: a number outside of that is rather something else. */
  private static final BigDecimal EARLIEST = BigDecimal.valueOf(631_152_000);

  private static final BigDecimal LATEST = BigDecimal.valueOf(4_102_444_800L);

  /** ISO-8601, as a mapping without {@code time} reads it. */
  private static final String ISO = null;

  /** Patterns, the likelier first where two fit; those without a zone are read in the given one. */
  private static final List<String> PATTERNS =
      List.of(
          "yyyy-MM-dd'T'HH:mm:ss[.SSS]xx",
          "yyyy-MM-dd HH:mm:ss[.SSS] z",
          "yyyy/MM/dd HH:mm:ss",
          "yyyy/MM/dd HH:mm",
          "yyyy/MM/dd",
          "M/d/yyyy H:mm:ss",
          "M/d/yyyy H:mm",
          "M/d/yyyy h:mm:ss a",
          "M/d/yyyy h:mm a",
          "M/d/yyyy",
          "d/M/yyyy H:mm:ss",
          "d/M/yyyy H:mm",
          "d/M/yyyy",
          "d.M.yyyy H:mm:ss",
          "d.M.yyyy H:mm",
          "d.M.yyyy",
          "d-M-yyyy H:mm",
          "dd/MMM/yyyy:HH:mm:ss xx",
          "EEE, d MMM yyyy HH:mm:ss z",
          "EEE MMM d HH:mm:ss z yyyy",
          "EEE MMM d HH:mm:ss xx yyyy",
          "yyyyMMddHHmmss",
          "yyyyMMdd");

  private final String form;
  private final boolean isEpoch;
  private final boolean isZoned;
  private final TimeForm reader;
  private Instant first;
  private Instant last;
  private boolean isDaysOnly = true;

  private TimeGuess(String form, boolean isEpoch, boolean isZoned, String zone) {
    this.form = form;
    this.isEpoch = isEpoch;
    this.isZoned = isZoned;
    this.reader =
        TimeForm.of(
                new FieldSource(
                    List.of("value"), null, null, null, form, isZoned ? null : zone, null),
                MILLIS)
            .orElseThrow();
  }

  /**
   * All ways that are tried.
   *
   * @param zone of times that name none
   */
  static List<TimeGuess> all(String zone) {
    List<TimeGuess> all = new java.util.ArrayList<>();
    all.add(new TimeGuess(ISO, false, true, zone));
    all.add(new TimeGuess(ISO, false, false, zone));
    for (String pattern : PATTERNS) {
      all.add(new TimeGuess(pattern, false, pattern.matches(".*(x|z).*"), zone));
    }
    for (String epoch : List.of("epoch-seconds", "epoch-millis", "epoch-micros")) {
      all.add(new TimeGuess(epoch, true, true, zone));
    }
    return all;
  }

  /** Takes a value into account; false if it is not written so. */
  boolean accepts(JsonNode value) {
    Optional<Instant> found = read(value);
    found.ifPresent(this::see);
    return found.isPresent();
  }

  private Optional<Instant> read(JsonNode value) {
    String text = value.asText().strip();
    boolean isNumber = text.matches("-?[0-9]{1,19}(\\.[0-9]{1,9})?");
    if (isEpoch) {
      return isNumber && isPlausible(new BigDecimal(text)) ? instant(value) : Optional.empty();
    }
    boolean isDigits = text.matches("[0-9]{8}|[0-9]{14}");
    boolean isPattern = form != null && form.matches("[yMdHms]+");
    if (isPattern ? !isDigits : isNumber || !text.matches("(?s).*[0-9].*[^0-9].*[0-9].*")) {
      return Optional.empty();
    }
    return instant(value);
  }

  private boolean isPlausible(BigDecimal number) {
    int digits = form.endsWith("seconds") ? 0 : form.endsWith("millis") ? 3 : 6;
    BigDecimal seconds = number.scaleByPowerOfTen(-digits);
    return seconds.compareTo(EARLIEST) >= 0 && seconds.compareTo(LATEST) < 0;
  }

  private Optional<Instant> instant(JsonNode value) {
    try {
      return Optional.of(Instant.parse(reader.value(value).asText()));
    } catch (FieldException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private void see(Instant time) {
    first = first == null || time.isBefore(first) ? time : first;
    last = last == null || time.isAfter(last) ? time : last;
    isDaysOnly &= time.toEpochMilli() % 86_400_000 == 0;
  }

  /** The earliest that was seen. */
  Instant first() {
    return first;
  }

  /** The latest that was seen. */
  Instant last() {
    return last;
  }

  /** Whether all are midnights, as days are. */
  boolean isDaysOnly() {
    return isDaysOnly;
  }

  /** What a mapping says in {@code time}; empty for ISO-8601. */
  Optional<String> form() {
    return Optional.ofNullable(form);
  }

  /** Whether the values themselves say their zone. */
  boolean isZoned() {
    return isZoned;
  }

  boolean isEpoch() {
    return isEpoch;
  }

  /** Whether the same text would be another day if day and month were swapped. */
  boolean isAmbiguous(List<TimeGuess> others) {
    return form != null
        && form.startsWith("M/d")
        && others.stream().anyMatch(o -> o.form != null && o.form.startsWith("d/M"));
  }

  /** How people call it. */
  String words() {
    return form == null ? (isZoned ? "ISO-8601" : "ISO-8601 without a zone") : "'" + form + "'";
  }
}
