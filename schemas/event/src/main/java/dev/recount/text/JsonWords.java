package dev.recount.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in plain words why a text is not JSON; a parser's own words are for programmers. */
public final class JsonWords {
  /** How a parser's message begins, and what is said in its place; $1 is what it found. */
  private record Kind(Pattern message, String words) {
    Kind(String regex, String words) {
      this(Pattern.compile("(?:" + regex + ").*", Pattern.DOTALL), words);
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "(?:Duplicate|Duplicated) [^']*'(.{1,40})(?:.*)'",
              "the name '$1' appears" + " twice"),
          new Kind(
              "Non-standard token '([^']{1,20})'",
              "$1 is not a JSON value; a float or double field takes it as text, such as \"NaN\""
                  + " or \"-Infinity\""),
          new Kind("Unexpected end-of-input|No content", "it ends too early"),
          new Kind(
              "Illegal unquoted character \\(\\(CTRL-CHAR, code (\\d+)\\)",
              "a text contains the control character $1; write it as an escape, such as \\\\n or"
                  + " \\\\u0000"),
          new Kind(
              "Illegal character \\(\\(CTRL-CHAR, code (\\d+)\\)",
              "the control character $1 is outside of a text"),
          new Kind("Trailing token", "something follows its end"),
          new Kind(
              "Invalid numeric value: Leading zeroes|.*[Ll]eading zero", "a number begins with 0"),
          new Kind(
              "Unrecognized token '([^']{1,40})",
              "'$1' is not a value; put texts and names in double quotes"),
          new Kind("Unrecognized character escape", "a backslash does not begin a known escape"),
          new Kind("Unexpected close marker '(.)'", "'$1' closes something that is not open"),
          new Kind(
              "(?:Unexpected|Invalid) character \\('(.)' .*in numeric value",
              "a number contains '$1'"),
          new Kind("Unexpected character \\('(.)'", "'$1' is not allowed here"));

  private JsonWords() {}

  public static String of(IOException e) {
    if (!(e instanceof JacksonException json)) {
      return e.getMessage();
    }
    String words = words(json);
    JsonLocation place = json.getLocation();
    if (place == null || place.getColumnNr() < 1) {
      return words;
    }
    String line = place.getLineNr() > 1 ? "line " + place.getLineNr() + ", " : "";
    return words + " (" + line + "column " + place.getColumnNr() + ")";
  }

  private static String words(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    if (e instanceof StreamConstraintsException) {
      return constraint(message);
    }
    for (Kind kind : KINDS) {
      Matcher matcher = kind.message().matcher(message);
      if (matcher.matches()) {
        return matcher.replaceFirst(kind.words());
      }
    }
    return "it is not valid JSON";
  }

  private static String constraint(String message) {
    Matcher most = Pattern.compile("maximum allowed \\((\\d+)").matcher(message);
    String limit = most.find() ? ", at most " + most.group(1) + " are allowed" : "";
    if (message.contains("nesting")) {
      return "it has too many levels of nesting" + limit;
    }
    return (message.startsWith("Number") ? "a number is too long" : "a text or name is too long")
        + limit;
  }
}
