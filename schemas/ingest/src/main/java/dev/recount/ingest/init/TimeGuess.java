package dev.recount.ingest.init;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.FieldSource;
import dev.recount.ingest.value.TimeForm;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
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

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}(\\.[0-9]{1,9})?");
  private static final Pattern DAY_IN_DIGITS = Pattern.compile("[0-9]{8}|[0-9]{14}");

  /** Anything that is a time, and no number, has digits on both sides of something else. */
  private static final Pattern DIGITS_APART = Pattern.compile("(?s).*[0-9].*[^0-9].*[0-9].*");

  /**
   * A way of writing times.
   *
   * @param text as a mapping says it; null for ISO-8601
   * @param isEpoch whether it is a number since 1970
   * @param isZoned whether the times say their zone
   * @param isDigits whether it is written in digits alone
   */
  record Form(String text, boolean isEpoch, boolean isZoned, boolean isDigits, TimeForm reader) {
    private static Form of(String text, boolean isEpoch, boolean isZoned, String zone) {
      FieldSource source =
          new FieldSource(List.of("value"), null, null, null, text, isZoned ? null : zone, null);
      boolean isDigits = text != null && text.matches("[yMdHms]+");
      return new Form(text, isEpoch, isZoned, isDigits, TimeForm.of(source, MILLIS).orElseThrow());
    }

    /**
     * All that are tried.
     *
     * @param zone of times that name none
     */
    static List<Form> all(String zone) {
      List<Form> all = new ArrayList<>();
      all.add(of(ISO, false, true, zone));
      all.add(of(ISO, false, false, zone));
      for (String pattern : PATTERNS) {
        all.add(of(pattern, false, pattern.matches(".*(x|z).*"), zone));
      }
      for (String epoch : List.of("epoch-seconds", "epoch-millis", "epoch-micros")) {
        all.add(of(epoch, true, true, zone));
      }
      return List.copyOf(all);
    }
  }

  private final Form form;
  private Instant first;
  private Instant last;
  private boolean isDaysOnly = true;

  TimeGuess(Form form) {
    this.form = form;
  }

  /** Takes a value into account; false if it is not written so. */
  boolean accepts(JsonNode value) {
    Optional<Instant> found = read(value);
    found.ifPresent(this::see);
    return found.isPresent();
  }

  private Optional<Instant> read(JsonNode value) {
    String text = value.asText().strip();
    boolean isNumber = NUMBER.matcher(text).matches();
    if (form.isEpoch()) {
      return isNumber && isPlausible(new BigDecimal(text)) ? instant(value) : Optional.empty();
    }
    boolean isPossible =
        form.isDigits()
            ? DAY_IN_DIGITS.matcher(text).matches()
            : !isNumber && DIGITS_APART.matcher(text).matches();
    return isPossible ? instant(value) : Optional.empty();
  }

  private boolean isPlausible(BigDecimal number) {
    int digits = form.text().endsWith("seconds") ? 0 : form.text().endsWith("millis") ? 3 : 6;
    BigDecimal seconds = number.scaleByPowerOfTen(-digits);
    return seconds.compareTo(EARLIEST) >= 0 && seconds.compareTo(LATEST) < 0;
  }

  private Optional<Instant> instant(JsonNode value) {
    try {
      return Optional.of(Instant.parse(form.reader().value(value).asText()));
    } catch (FieldException | DateTimeException e) {
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
    return Optional.ofNullable(form.text());
  }

  /** Whether the values themselves say their zone. */
  boolean isZoned() {
    return form.isZoned();
  }

  boolean isEpoch() {
    return form.isEpoch();
  }

  /** Whether the same text would be another day if day and month were swapped. */
  boolean isAmbiguous(List<TimeGuess> others) {
    return form().filter(f -> f.startsWith("M/d")).isPresent()
        && others.stream().flatMap(o -> o.form().stream()).anyMatch(f -> f.startsWith("d/M"));
  }

  /** How people call it. */
  String words() {
    return form()
        .map(text -> "'" + text + "'")
        .orElse(form.isZoned() ? "ISO-8601" : "ISO-8601 without a zone");
  }
}
