package dev.recount.core.config;

import dev.recount.core.Nearest;
import java.util.Locale;
import java.util.Set;

/** What settings are called, and what is said of a name that none has. */
final class SettingNames {
  /** Of all environment variables of Recount. */
  static final String PREFIX = "RECOUNT_";

  private SettingNames() {}

  /** The environment variable that sets a key. */
  static String variableName(String key) {
    return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  static String unknown(String what, String found, String where, Set<String> known) {
    String nearest = Nearest.ofAll(found, known).orElseThrow();
    return "unknown %s '%s' in %s, the nearest known is '%s'"
        .formatted(what, found, where, nearest);
  }
}
