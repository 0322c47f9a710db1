package dev.recount.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import dev.recount.core.view.Cron;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Gives settings their types; what is wrong is noted, and its default is used instead. */
final class TypedSettings {
  private final Config config;
  private final Config defaults;
  private final List<String> problems;

  TypedSettings(Config config, Config defaults, List<String> problems) {
    this.config = config;
    this.defaults = defaults;
    this.problems = problems;
  }

  int inRange(String key, int least, int most) {
    return checked(
        key,
        c -> c.getInt(key),
        v -> v >= least && v <= most,
        "must be between " + least + " and " + most);
  }

  /** A size such as 64MiB. */
  long bytes(String key, long most) {
    return checked(
        key,
        c -> c.getBytes(key),
        v -> v >= 1 && v <= most,
        "must be between 1 and " + most + " bytes");
  }

  Duration positive(String key) {
    return checked(
        key, c -> c.getDuration(key), d -> !d.isZero() && !d.isNegative(), "must be longer than 0");
  }

  Duration notNegative(String key) {
    return checked(key, c -> c.getDuration(key), d -> !d.isNegative(), "must not be negative");
  }

  boolean flag(String key) {
    return checked(key, c -> c.getBoolean(key), v -> true, "");
  }

  /** Separated by commas; blank ones are left out. */
  List<String> words(String key) {
    return Stream.of(text(key).orElse("").split(","))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /** Notes what is wrong with settings that do not fit each other. */
  void problem(String problem) {
    problems.add(problem);
  }

  /** Empty if it is blank. */
  Optional<String> text(String key) {
    return Optional.of(checked(key, c -> c.getString(key), v -> true, ""))
        .filter(v -> !v.isBlank());
  }

  String oneOf(String key, List<String> values) {
    return checked(
        key, c -> c.getString(key), values::contains, "must be " + String.join(" or ", values));
  }

  /** A Quartz cron in UTC; empty if it is blank. */
  Optional<Cron> cron(String key) {
    return text(key)
        .flatMap(
            value -> {
              try {
                return Optional.of(Cron.of(value, ZoneId.of("UTC")));
              } catch (IllegalArgumentException e) {
                problems.add(key + ": " + e.getMessage());
                return Optional.empty();
              }
            });
  }

  /** A URL without a trailing slash. */
  Optional<String> url(String key) {
    return uri(key).map(u -> u.toString().replaceAll("/+$", ""));
  }

  Optional<URI> uri(String key) {
    return text(key)
        .flatMap(
            value -> {
              try {
                URI uri = new URI(value);
                if (uri.getScheme() != null) {
                  return Optional.of(uri);
                }
              } catch (URISyntaxException e) {
                problems.add(key + " is not a URI: " + e.getMessage());
                return Optional.empty();
              }
              problems.add(
                  key + " must begin with a scheme such as file://, found '" + value + "'");
              return Optional.empty();
            });
  }

  private <T> T checked(
      String key, Function<Config, T> read, Predicate<T> isRight, String requirement) {
    try {
      T value = read.apply(config);
      if (isRight.test(value)) {
        return value;
      }
      problems.add(key + " " + requirement + ", found " + config.getValue(key).unwrapped());
    } catch (ConfigException e) {
      problems.add(e.getMessage());
    }
    return read.apply(defaults);
  }
}
