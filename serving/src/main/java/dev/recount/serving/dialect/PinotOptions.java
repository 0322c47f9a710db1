package dev.recount.serving.dialect;

import java.util.LinkedHashMap;
import java.util.Map;

/** Options as Pinot's clients write them: {@code timeoutMs=1000;trace=true}. */
public final class PinotOptions {
  private PinotOptions() {}

  /**
   * By name, as they were written, quotes around a value left out.
   *
   * @param text may be null
   */
  public static Map<String, String> read(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : text == null ? new String[0] : text.split("[;,]")) {
      String[] parts = option.split("=", 2);
      String name = parts[0].strip();
      if (!name.isEmpty()) {
        options.put(name, parts.length == 1 ? "" : unquoted(parts[1].strip()));
      }
    }
    return options;
  }

  private static String unquoted(String value) {
    boolean isQuoted = value.length() > 1 && value.startsWith("'") && value.endsWith("'");
    return isQuoted ? value.substring(1, value.length() - 1) : value;
  }
}
