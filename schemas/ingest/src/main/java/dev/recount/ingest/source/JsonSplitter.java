package dev.recount.ingest.source;

/**
 * Finds the values of a text of JSON that is not one a line: one object after another, over as many
 * lines as they like, or arrays, whose elements are the values. Looks only at brackets, quotes and
 * commas; whether a value is right is its reader's business. Continues where a buffer ended.
 */
public final class JsonSplitter {
  /** What the bytes turned out to be. */
  public enum Found {
    /** A value, which is to be taken. */
    VALUE,
    /** Nothing yet: more bytes are wanted, or the text is over. */
    MORE,
    /** The text is broken, and where the next value begins is unknown. */
    BROKEN
  }

  /** Stands before each text of a sequence by RFC 7464, whatever the text before it lacks. */
  static final byte RECORD_SEPARATOR = 0x1E;

  private boolean isInArray;
  private boolean isCommaDue;
  private boolean isValueDue;

  /** Where a value began that has not ended; -1 between values. */
  private int from = -1;

  private int at;
  private int depth;
  private boolean isText;
  private boolean isEscaped;

  /** Whether the value was cut off, and all that follows up to the next one is of it. */
  private boolean isLost;

  private boolean isLineStart;
  private String problem;

  /** Where the value begins. */
  public int from() {
    return from;
  }

  /** Where the value ends, or how far the bytes were looked at. */
  public int to() {
    return at;
  }

  /** Whether a value has begun that has not ended. */
  public boolean isInValue() {
    return from >= 0;
  }

  /** Whether the end of the text ends that value: a number, a word, or what is lost anyhow. */
  boolean isEndedByTheEnd() {
    return isInValue() && (isLost || depth == 0 && !isText);
  }

  public boolean isInArray() {
    return isInArray;
  }

  /** Why the text is broken. */
  public String problem() {
    return problem;
  }

  /** The first bytes are gone. */
  void drop(int count) {
    at -= count;
    from = from < 0 ? from : Math.max(0, from - count);
  }

  /** The value that was found is done with. */
  public void take() {
    from = -1;
    isLost = false;
    isCommaDue = isInArray;
  }

  /** Looks on, up to the end of the bytes. */
  public Found next(byte[] bytes, int length) {
    Found found = Found.MORE;
    while (at < length && found == Found.MORE) {
      if (from < 0) {
        found = between(bytes[at]);
      } else if (bytes[at] == RECORD_SEPARATOR && !isInArray) {
        isEscaped = false;
        found = Found.VALUE;
      } else if (isLost) {
        found = lost(bytes[at]);
      } else {
        found = isText ? inText(bytes[at]) : inValue(bytes[at]);
      }
    }
    return found;
  }

  private Found between(byte next) {
    if (isBlank(next)) {
      at++;
    } else if (next == ',' && !isValueDue && (isCommaDue || !isInArray)) {
      isCommaDue = false;
      isValueDue = isInArray;
      at++;
    } else if (next == ']' && isInArray && !isValueDue) {
      isInArray = false;
      isCommaDue = false;
      at++;
    } else if (next == '[' && !isInArray) {
      isInArray = true;
      at++;
    } else if (!isInArray && (next == ']' || next == '}')) {
      from = at++;
      isLost = true;
      isLineStart = false;
    } else if (isCommaDue || next == ',' || next == ']' || next == '}') {
      problem = "'" + (char) (next & 0xff) + "' is where " + due() + " should be";
      return Found.BROKEN;
    } else {
      begin(next);
    }
    return Found.MORE;
  }

  private String due() {
    return isCommaDue ? "a comma" : "a value";
  }

  private void begin(byte first) {
    from = at++;
    isValueDue = false;
    isText = first == '"';
    depth = first == '{' || first == '[' ? 1 : 0;
  }

  private Found inText(byte next) {
    if (next == '\n') {
      if (isInArray) {
        problem = "a line ends inside of a text";
        return Found.BROKEN;
      }
      isLost = true;
      isLineStart = false;
      isText = false;
      isEscaped = false;
      return Found.MORE;
    }
    at++;
    if (isEscaped) {
      isEscaped = false;
    } else if (next == '\\') {
      isEscaped = true;
    } else if (next == '"') {
      isText = false;
      return depth == 0 ? Found.VALUE : Found.MORE;
    }
    return Found.MORE;
  }

  /** Objects that are written over several lines begin at the start of one, and only they do. */
  private Found lost(byte next) {
    if (next == '{' && isLineStart) {
      isLineStart = false;
      return Found.VALUE;
    }
    isLineStart = next == '\n';
    at++;
    return Found.MORE;
  }

  private Found inValue(byte next) {
    if (depth == 0) {
      if (isBlank(next) || next == ',' || next == ']' || next == '}' || next == '{') {
        return Found.VALUE;
      }
      at++;
      return Found.MORE;
    }
    at++;
    if (next == '"') {
      isText = true;
    } else if (next == '{' || next == '[') {
      depth++;
    } else if (next == '}' || next == ']') {
      depth--;
      return depth == 0 ? Found.VALUE : Found.MORE;
    }
    return Found.MORE;
  }

  /** Also what separates texts of JSON by RFC 7464, and the zeros of an emptied file. */
  private static boolean isBlank(byte next) {
    return next == ' '
        || next == '\n'
        || next == '\r'
        || next == '\t'
        || next == RECORD_SEPARATOR
        || next == 0;
  }
}
