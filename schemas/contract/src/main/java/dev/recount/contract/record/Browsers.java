package dev.recount.contract.record;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import ua_parser.Parser;

/** Tells a browser's family from a User-Agent header. Thread-safe; remembers what it was asked. */
public final class Browsers {
  private static final int MOST_REMEMBERED = 100_000;

  private final Parser parser = new Parser();
  private final Map<String, String> families = new ConcurrentHashMap<>();

  /** The family, such as Firefox; "Other" where it is not known. */
  public String family(String userAgent) {
    String known = families.get(userAgent);
    if (known != null) {
      return known;
    }
    if (families.size() >= MOST_REMEMBERED) {
      families.clear();
    }
    String family = parser.parseUserAgent(userAgent).family;
    families.put(userAgent, family);
    return family;
  }
}
