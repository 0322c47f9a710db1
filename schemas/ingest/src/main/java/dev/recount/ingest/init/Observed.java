package dev.recount.ingest.init;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.ingest.value.JsonNumbers;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What was seen of the values at one place of the records. Not thread-safe. */
final class Observed {
  /** Beyond so many different values, a place is no dimension of a first view. */
  static final int MOST_VALUES = 1_000;

  /** Until so many values it is known whether two are equal. */
  private static final int MOST_COMPARED = 200_000;

  /** A number whose text is not that of the number, such as 007 or +49, is a text. */
  private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]{0,18}");

  private static final Pattern DECIMAL =
      Pattern.compile("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?");
  private static final Pattern TIME_OF_DAY =
      Pattern.compile("([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?");
  private static final Pattern UUID =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

  private final List<TimeGuess> times;
  private final Set<String> values = new HashSet<>();
  private Set<Long> compared = new HashSet<>();
  private long count;
  private long booleans;
  private long wholes;
  private long numbers;
  private long structures;
  private long uuids;
  private long texts;
  private long timesOfDay;
  private boolean isBytes;
  private boolean isUnique = true;

  /**
   * @param forms in which times may be written
   */
  Observed(List<TimeGuess.Form> forms) {
    times = new ArrayList<>(forms.stream().map(TimeGuess::new).toList());
  }

  /** Takes a value into account, which is neither null nor missing. */
  void see(JsonNode value) {
    count++;
    texts += value.isTextual() ? 1 : 0;
    String text = value.isValueNode() ? value.asText() : value.toString();
    if (value.isContainerNode()) {
      structures++;
    } else if (value.isBoolean()
        || text.equalsIgnoreCase("true")
        || text.equalsIgnoreCase("false")) {
      booleans++;
    } else if (WHOLE.matcher(text).matches() && isLong(text)) {
      wholes++;
      numbers++;
    } else if (value.isNumber() || DECIMAL.matcher(text).matches()) {
      numbers++;
    } else if (UUID.matcher(text).matches()) {
      uuids++;
    } else if (TIME_OF_DAY.matcher(text).matches()) {
      timesOfDay++;
    }
    times.removeIf(guess -> !guess.accepts(value));
    if (values.size() <= MOST_VALUES) {
      values.add(text);
    }
    if (compared != null) {
      isUnique = compared.add(hash(text));
      compared = isUnique && compared.size() < MOST_COMPARED ? compared : null;
    }
  }

  /** FNV-1a of 64 bits: two different texts practically never have the same. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private static boolean isLong(String text) {
    try {
      BigDecimal number = JsonNumbers.decimal(text);
      return number.equals(BigDecimal.valueOf(number.longValue()));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  void seeBytes() {
    count++;
    isBytes = true;
  }

  /** How many records have a value there. */
  long count() {
    return count;
  }

  /** How many of the values are objects or arrays. */
  long structures() {
    return structures;
  }

  /** How many are texts in the file. */
  long texts() {
    return texts;
  }

  boolean isBytes() {
    return isBytes;
  }

  boolean isBoolean() {
    return count > 0 && booleans == count;
  }

  boolean isWhole() {
    return count > 0 && wholes == count;
  }

  boolean isNumber() {
    return count > 0 && numbers == count;
  }

  boolean isUuid() {
    return count > 0 && uuids == count;
  }

  boolean isTimeOfDay() {
    return count > 0 && timesOfDay == count;
  }

  /** Whether no two values are equal, as far as that was looked at. */
  boolean isUnique() {
    return isUnique && count > 1;
  }

  /** How many different values there are; more than {@link #MOST_VALUES} are not counted. */
  int differentValues() {
    return values.size();
  }

  /** How all values are written if they are times; the likeliest first. */
  List<TimeGuess> times() {
    return count == 0 ? List.of() : new ArrayList<>(times);
  }

  Optional<TimeGuess> time() {
    return times().stream().findFirst();
  }
}
