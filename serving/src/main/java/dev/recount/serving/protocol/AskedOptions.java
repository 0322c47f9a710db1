package dev.recount.serving.protocol;

import dev.recount.serving.gateway.OptionWords;
import dev.recount.serving.gateway.Options;
import dev.recount.serving.pinot.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The options of a query that change nothing but how long it may take, or what it is answered from.
 * None is passed on to Pinot, where some make answers inexact.
 *
 * @param warnings of those that are not taken
 */
record AskedOptions(Mode mode, Options options, List<String> warnings) {
  /** Those that clients send by themselves, and that change no answer of ours. */
  private static final Set<String> MEANT_FOR_PINOT =
      Set.of(
          "groupbymode",
          "responseformat",
          "preservetype",
          "trace",
          "debugoptions",
          "enablenullhandling",
          "usemultistageengine",
          "clientqueryid",
          "database");

  /**
   * @throws dev.recount.error.RecountException MODE_UNKNOWN, REQUEST_INVALID
   */
  static AskedOptions of(Map<String, String> said) {
    String mode = null;
    Map<String, String> ours = new HashMap<>();
    List<String> warnings = new ArrayList<>();
    for (Map.Entry<String, String> option : said.entrySet()) {
      String value = option.getValue().strip();
      switch (option.getKey().toLowerCase(Locale.ROOT)) {
        case "mode" -> mode = value;
        case "timeoutms" -> ours.put("timeout_ms", value);
        default -> {
          if (OptionWords.NAMES.contains(option.getKey().toLowerCase(Locale.ROOT))) {
            ours.put(option.getKey().toLowerCase(Locale.ROOT), value);
          } else if (!MEANT_FOR_PINOT.contains(option.getKey().toLowerCase(Locale.ROOT))) {
            warnings.add(
                "the option '" + option.getKey() + "' was ignored: it can make answers inexact");
          }
        }
      }
    }
    return new AskedOptions(Mode.of(mode), OptionWords.read(ours), warnings);
  }
}
