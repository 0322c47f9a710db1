package dev.recount.ingest.weblog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import ua_parser.DeviceParser;
import ua_parser.Parser;
import ua_parser.UserAgent;
import ua_parser.UserAgentParser;

/**
 * Tells from a User-Agent header what sent it, by the user-agent library's own data. Thread-safe;
 * remembers what it was asked.
 */
public final class Browsers {
  /**
   * What a User-Agent header says.
   *
   * @param family of the browser, such as Firefox; "Other" if it is not known
   * @param isBot whether it is a crawler or the like
   */
  public record Agent(String family, boolean isBot) {}

  private static final String DATA = "/ua_parser/regexes.yaml";
  private static final String BOT = "Spider";
  private static final int MOST_REMEMBERED = 100_000;
  private static final int MOST_REMEMBERED_CHARACTERS = 500;

  /** More of a header tells nothing, but takes the library's expressions long. */
  private static final int MOST_CHARACTERS = 2_000;

  /** An expression of the library's data, and when to try it. */
  private record Family(RequiredWords words, UserAgentParser parser) {}

  private record Device(RequiredWords words, DeviceParser parser) {}

  private final List<Family> families;
  private final List<Device> devices;
  private final List<RequiredWords> bots;
  private final Map<String, Agent> agents = new ConcurrentHashMap<>();

  public Browsers() {
    Map<String, List<Map<String, String>>> data = data();
    families =
        data.get("user_agent_parsers").stream()
            .map(one -> new Family(words(one), UserAgentParser.fromList(List.of(one))))
            .toList();
    devices =
        data.get("device_parsers").stream()
            .map(one -> new Device(words(one), DeviceParser.fromList(List.of(one))))
            .toList();
    bots =
        data.get("device_parsers").stream()
            .filter(one -> BOT.equals(one.get("device_replacement")))
            .map(Browsers::words)
            .toList();
  }

  private static RequiredWords words(Map<String, String> expression) {
    return RequiredWords.of(expression.get("regex"));
  }

  private static Map<String, List<Map<String, String>>> data() {
    try (InputStream in = Parser.class.getResourceAsStream(DATA)) {
      return new Yaml(new SafeConstructor(Parser.getDefaultLoaderOptions())).load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a User-Agent header says; of none, that it is not a bot. */
  public Agent agent(String userAgent) {
    if (userAgent == null) {
      return new Agent(null, false);
    }
    String text =
        userAgent.length() > MOST_CHARACTERS ? userAgent.substring(0, MOST_CHARACTERS) : userAgent;
    Agent known = agents.get(text);
    if (known != null) {
      return known;
    }
    if (agents.size() >= MOST_REMEMBERED) {
      agents.clear();
    }
    String small = text.toLowerCase(Locale.ROOT);
    Agent agent = new Agent(family(text, small), isBot(text, small));
    if (text.length() <= MOST_REMEMBERED_CHARACTERS) {
      agents.put(text, agent);
    }
    return agent;
  }

  /** The first expression that fits decides, as in the library. */
  private String family(String text, String small) {
    for (Family family : families) {
      if (family.words().mayFit(small)) {
        UserAgent found = family.parser().parse(text);
        if (found != UserAgent.OTHER) {
          return found.family;
        }
      }
    }
    return UserAgent.OTHER.family;
  }

  /** Most texts hold no word of a bot, and need not be tried with the hundreds of devices. */
  private boolean isBot(String text, String small) {
    return bots.stream().anyMatch(bot -> bot.mayFit(small)) && device(text, small).equals(BOT);
  }

  private String device(String text, String small) {
    for (Device device : devices) {
      if (device.words().mayFit(small)) {
        ua_parser.Device found = device.parser().parse(text);
        if (found != ua_parser.Device.OTHER) {
          return found.family;
        }
      }
    }
    return ua_parser.Device.OTHER.family;
  }
}
