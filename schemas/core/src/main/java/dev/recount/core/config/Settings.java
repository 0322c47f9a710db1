package dev.recount.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Collects settings from their sources and refuses unknown keys. */
final class Settings {
  /** Variables with the prefix that are not settings. */
  private static final Set<String> NOT_SETTINGS =
      Set.of(
          "RECOUNT_HOME",
          "RECOUNT_ROOT",
          "RECOUNT_SKIP_BUILD",
          "RECOUNT_JAVA_OPTIONS",
          "RECOUNT_CLASS_DATA");

  private Settings() {}

  /** The defaults, as shipped. */
  static Config defaults() {
    return ConfigFactory.parseResources(
        Settings.class.getClassLoader(), "dev/recount/core/config/reference.conf");
  }

  /** What is wrong is added to the problems, and left out of the result. */
  static Config read(
      Home home,
      Optional<Integer> portBase,
      Map<String, String> environment,
      List<String> problems) {
    Config defaults = defaults();
    Set<String> known = new TreeSet<>();
    defaults.entrySet().forEach(e -> known.add(e.getKey()));

    Config file = parseFile(home, problems);
    file.entrySet().stream()
        .map(Map.Entry::getKey)
        .filter(key -> !known.contains(key) && !KafkaClientSettings.contains(key))
        .forEach(
            key ->
                problems.add(
                    SettingNames.unknown("key", key, home.configFile().toString(), known)));
    Config merged = file.withFallback(defaults);
    Optional<String> running = runningPortBase(home);
    if (running.isPresent()) {
      merged = merged.withValue("port-base", ConfigValueFactory.fromAnyRef(running.get()));
    }
    for (Map.Entry<String, String> variable : environment.entrySet()) {
      if (!variable.getKey().startsWith(SettingNames.PREFIX)
          || NOT_SETTINGS.contains(variable.getKey())) {
        continue;
      }
      Optional<String> key =
          known.stream()
              .filter(k -> SettingNames.variableName(k).equals(variable.getKey()))
              .findFirst()
              .or(() -> KafkaClientSettings.keyOf(variable.getKey()));
      if (key.isEmpty()) {
        Set<String> names = new TreeSet<>(known.stream().map(SettingNames::variableName).toList());
        problems.add(SettingNames.unknown("variable", variable.getKey(), "the environment", names));
      } else {
        merged = merged.withValue(key.get(), ConfigValueFactory.fromAnyRef(variable.getValue()));
      }
    }
    if (portBase.isPresent()) {
      merged = merged.withValue("port-base", ConfigValueFactory.fromAnyRef(portBase.get()));
    }
    return merged;
  }

  private static Config parseFile(Home home, List<String> problems) {
    if (!Files.exists(home.configFile())) {
      return ConfigFactory.empty();
    }
    try {
      return KafkaClientSettings.unquoted(
          ConfigFactory.parseFile(home.configFile().toFile()).resolve());
    } catch (ConfigException e) {
      problems.add(e.getMessage());
      return ConfigFactory.empty();
    }
  }

  private static Optional<String> runningPortBase(Home home) {
    try {
      return Files.exists(home.portBaseFile())
          ? Optional.of(Files.readString(home.portBaseFile()).strip()).filter(b -> !b.isEmpty())
          : Optional.empty();
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID, e, "Cannot read '%s': %s", home.portBaseFile(), e.getMessage());
    }
  }
}
