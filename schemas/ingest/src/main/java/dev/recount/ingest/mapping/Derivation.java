package dev.recount.ingest.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.recount.error.ErrorCode;
import dev.recount.ingest.value.FieldException;
import dev.recount.ingest.value.Mismatch;
import dev.recount.ingest.weblog.Addresses;
import dev.recount.ingest.weblog.Browsers;
import dev.recount.ingest.weblog.Requests;
import dev.recount.ingest.weblog.TrustedProxies;
import dev.recount.ingest.weblog.Visits;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a mapping can make of values of a web server's log, as is made of a combined one. What is
 * empty or {@code -} is none, as logs have it.
 */
public enum Derivation {
  /** The text itself, or none. */
  TEXT(1, 1) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) {
      return text(values.get(0));
    }
  },
  /**
   * Of an address, perhaps with a port, a host's name, or a list of X-Forwarded-For: the client.
   */
  IP_ADDRESS(1, 1) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) throws FieldException {
      return text(client(values.get(0)));
    }
  },
  /** Of the client's address and user agent: the visit. */
  SESSION_ID(2, 2) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) throws FieldException {
      String client = client(values.get(0));
      return text(client == null ? null : Visits.id(client, values.get(1)));
    }
  },
  /** Of a user agent: the browser's family. */
  BROWSER(1, 1) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) {
      return text(browsers.agent(values.get(0)).family());
    }
  },
  /** Of a user agent: whether it is a crawler or the like. */
  IS_BOT(1, 1) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) {
      return BooleanNode.valueOf(browsers.agent(values.get(0)).isBot());
    }
  },
  /** Of a request's first line: the method. */
  METHOD(1, 1) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) {
      return text(values.get(0) == null ? null : Requests.method(values.get(0)));
    }
  },
  /** Of a request's first line: what is asked for; of a path and its query: both together. */
  URL(1, 2) {
    @Override
    JsonNode of(List<String> values, Browsers browsers) {
      String path = values.get(0);
      String query = values.size() > 1 ? values.get(1) : null;
      return text(path == null ? null : Requests.url(Requests.url(path), query));
    }
  };

  private final int fewest;
  private final int most;

  Derivation(int fewest, int most) {
    this.fewest = fewest;
    this.most = most;
  }

  /**
   * @throws IllegalArgumentException if there is none of the name, or it takes another number of
   *     sources
   */
  static Derivation named(String name, int sources) {
    Derivation derivation =
        Arrays.stream(values())
            .filter(known -> known.key().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "there is no derivation '"
                            + name
                            + "'; there are "
                            + Arrays.stream(values())
                                .map(Derivation::key)
                                .collect(Collectors.joining(", "))));
    if (sources < derivation.fewest || sources > derivation.most) {
      throw new IllegalArgumentException(
          "derive = "
              + name
              + " needs "
              + (derivation == SESSION_ID
                  ? "two sources: from = [address, user agent]"
                  : derivation == URL ? "one source or two: from = [path, query]" : "one source"));
    }
    return derivation;
  }

  private String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param values of the sources; null if there is none
   * @return missing if there is none
   */
  abstract JsonNode of(List<String> values, Browsers browsers) throws FieldException;

  /** Null for what stands for nothing in a log. */
  static String unlessAbsent(String text) {
    return text == null || text.isEmpty() || text.equals("-") ? null : text;
  }

  private static JsonNode text(String text) {
    return text == null ? MissingNode.getInstance() : new TextNode(text);
  }

  private static String client(String text) throws FieldException {
    if (text == null) {
      return null;
    }
    List<String> hops = TrustedProxies.hops(text);
    String client = TrustedProxies.NONE.client(hops);
    if (!Addresses.isAddress(client) && !(hops.size() == 1 && Addresses.isName(client))) {
      throw new FieldException(
          ErrorCode.EVENT_FIELD_TYPE,
          "",
          "is "
              + Mismatch.shown(new TextNode(text))
              + ", wanted an address, a host's name, or a list of addresses");
    }
    return client;
  }
}
