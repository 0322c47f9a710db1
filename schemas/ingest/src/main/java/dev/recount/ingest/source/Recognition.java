package dev.recount.ingest.source;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.recount.core.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Tells how a text holds JSON, by how it begins. */
public final class Recognition {
  /** How a text holds JSON. */
  public enum Form {
    /** An object a line, as far as anybody can tell. */
    LINES,
    /** Objects over several lines, or several on one; arrays of objects. */
    VALUES,
    /** No JSON object, in all that can be seen. */
    NONE
  }

  private final byte[] text;
  private final boolean isWhole;
  private final int start;
  private final int lineEnd;

  private Recognition(byte[] text, boolean isWhole) {
    this.text = text;
    this.isWhole = isWhole;
    this.start = firstNotBlank(text, 0, text.length);
    this.lineEnd = RecordEnds.lineFeed(text, start, text.length);
  }

  /**
   * @param text how it begins
   * @param isWhole whether that is all
   */
  public static Form json(byte[] text, boolean isWhole) {
    return new Recognition(text, isWhole).form();
  }

  /**
   * Why a text of arrays holds no events, if it holds none.
   *
   * @param text how it begins
   */
  public static Optional<String> arrayProblem(byte[] text) {
    int start = firstNotBlank(text, 0, text.length);
    int inside = firstNotBlank(text, start + 1, text.length);
    boolean isArray = start < text.length && text[start] == '[';
    return isArray && inside < text.length && text[inside] != '{' && text[inside] != ']'
        ? Optional.of("its JSON arrays hold values that are not objects; an event is an object")
        : Optional.empty();
  }

  /** The whole lines of a beginning, without their ends; all of a text that ends with it. */
  public static List<byte[]> lines(byte[] text, boolean isWhole) {
    List<byte[]> lines = new ArrayList<>();
    int from = 0;
    int end = RecordEnds.lineFeed(text, 0, text.length);
    while (end < text.length || isWhole && from < end) {
      lines.add(Arrays.copyOfRange(text, from, end));
      from = Math.min(text.length, end + 1);
      end = RecordEnds.lineFeed(text, from, text.length);
    }
    return lines;
  }

  private Form form() {
    if (start == text.length) {
      return Form.LINES;
    }
    if (text[start] == '[') {
      return array();
    }
    if (isOfSequence()) {
      return Form.VALUES;
    }
    if (text[start] != '{') {
      return isObjectSeen() ? Form.LINES : Form.NONE;
    }
    int end;
    try {
      end = firstValue();
    } catch (JsonEOFException e) {
      return isOverSeveralLines() ? Form.VALUES : Form.LINES;
    } catch (JsonParseException e) {
      return isInLaterLine(start + (int) e.getLocation().getByteOffset())
          ? Form.VALUES
          : Form.LINES;
    } catch (IOException e) {
      // Right, but more than the parser takes: a number of thousands of digits.
      return isOverSeveralLinesByItsBrackets() ? Form.VALUES : Form.LINES;
    }
    return end > lineEnd || isFollowedByAnother(end) ? Form.VALUES : Form.LINES;
  }

  private boolean isOfSequence() {
    int at = 0;
    while (at < start && text[at] != JsonSplitter.RECORD_SEPARATOR) {
      at++;
    }
    return at < start;
  }

  /** Whether another value follows on the line; anything else is wrong with the line alone. */
  private boolean isFollowedByAnother(int end) {
    int at = firstNotBlank(text, end, lineEnd);
    return at < lineEnd && (text[at] == '{' || text[at] == '[' || text[at] == ',');
  }

  private Form array() {
    int inside = firstNotBlank(text, start + 1, text.length);
    if (inside == text.length || text[inside] == '{' || text[inside] == ']') {
      return Form.VALUES;
    }
    try {
      firstValue();
      return Form.VALUES;
    } catch (JsonEOFException e) {
      return Form.VALUES;
    } catch (IOException e) {
      // Perhaps a line of a log, such as '[error] ...', among others.
      return isObjectSeen() ? Form.LINES : Form.NONE;
    }
  }

  /** Where it ends. */
  private int firstValue() throws IOException {
    try (JsonParser parser = Json.MAPPER.createParser(text, start, text.length - start)) {
      parser.nextToken();
      parser.skipChildren();
      return start + (int) parser.currentLocation().getByteOffset();
    }
  }

  /** Whether a place is in a line that begins no object, after the first. */
  private boolean isInLaterLine(int place) {
    int at = Math.min(place, text.length) - 1;
    while (at >= start && text[at] != '\n') {
      at--;
    }
    return at >= lineEnd && at + 1 < text.length && text[at + 1] != '{';
  }

  /** Whether what ends inside of a value does so on another line, whose own is not an object. */
  private boolean isOverSeveralLines() {
    if (lineEnd == text.length) {
      return false;
    }
    int second = firstNotBlank(text, lineEnd, text.length);
    return second < text.length && !(text[second] == '{' && isWhole);
  }

  private boolean isOverSeveralLinesByItsBrackets() {
    JsonSplitter splitter = new JsonSplitter();
    splitter.next(text, text.length);
    return splitter.to() > lineEnd;
  }

  private boolean isObjectSeen() {
    int at = start;
    while (at < text.length) {
      if (text[at] == '{') {
        return true;
      }
      at = firstNotBlank(text, RecordEnds.lineFeed(text, at, text.length), text.length);
    }
    return lineEnd == text.length && !isWhole;
  }

  private static int firstNotBlank(byte[] text, int from, int to) {
    int at = from;
    while (at < to && text[at] <= ' ' && text[at] >= 0) {
      at++;
    }
    return at;
  }
}
