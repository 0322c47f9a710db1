package dev.recount.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * The settings under {@code kafka.client}: Kafka's own, by Kafka's names, for every client. Only
 * what concerns the connection is taken; how records are read and written is not for users to set.
 */
final class KafkaClientSettings {
  private static final String PREFIX = "kafka.client.";
  private static final List<String> KINDS = List.of("security.", "sasl.", "ssl.", "client.dns.");

  /** What a name of Kafka's looks like; others are not paths, and are refused by their name. */
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]+(\\.[a-zA-Z0-9]+)*");

  private KafkaClientSettings() {}

  static boolean contains(String key) {
    return key.startsWith(PREFIX);
  }

  /** The same settings, with names that were given in quotes as if they were not. */
  static Config unquoted(Config file) {
    Config result = file;
    for (Map.Entry<String, ConfigValue> entry : file.entrySet()) {
      String key = entry.getKey();
      if (contains(key) && key.contains("\"") && NAME.matcher(name(key)).matches()) {
        result = result.withoutPath(key).withValue(name(key), entry.getValue());
      }
    }
    return result;
  }

  private static String name(String key) {
    return String.join(".", ConfigUtil.splitPath(key));
  }

  /** The key that an environment variable sets; Kafka's names hold dots and no other signs. */
  static Optional<String> keyOf(String variable) {
    String prefix = SettingNames.variableName(PREFIX);
    return Optional.of(variable)
        .filter(v -> v.startsWith(prefix))
        .map(v -> v.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '.'))
        .filter(name -> NAME.matcher(name).matches())
        .map(PREFIX::concat);
  }

  /** Reads them; a name that Kafka does not know is a problem, as no client would say so. */
  static Map<String, String> read(Config config, List<String> problems) {
    Map<String, String> settings = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : config.entrySet()) {
      if (contains(entry.getKey())) {
        settings.put(
            name(entry.getKey()).substring(PREFIX.length()), text(entry.getValue().unwrapped()));
      }
    }
    if (!settings.isEmpty()) {
      Set<String> known =
          AdminClientConfig.configNames().stream()
              .filter(name -> KINDS.stream().anyMatch(name::startsWith))
              .map(PREFIX::concat)
              .collect(Collectors.toCollection(TreeSet::new));
      settings.keySet().stream()
          .map(PREFIX::concat)
          .filter(key -> !known.contains(key))
          .forEach(key -> problems.add(SettingNames.unknown("key", key, "the settings", known)));
    }
    return Map.copyOf(settings);
  }

  private static String text(Object value) {
    return value instanceof Collection<?> several
        ? several.stream().map(String::valueOf).collect(Collectors.joining(","))
        : String.valueOf(value);
  }
}
