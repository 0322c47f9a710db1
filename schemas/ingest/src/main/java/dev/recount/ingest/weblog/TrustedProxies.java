package dev.recount.ingest.weblog;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies that are believed about where a request came from, and so which of a request's
 * addresses is the client. Without any, the client is the first, which anybody may make up.
 */
public final class TrustedProxies {
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  /** Each proxy adds one of at most 50 characters. */
  private static final int LONGEST_HEADER = 8_192;

  private record Network(byte[] base, int bits) {
    boolean holds(byte[] address) {
      if (address.length != base.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> bit % 8;
        if ((address[bit / 8] & mask) != (base[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<String> said;
  private final List<Network> networks = new ArrayList<>();

  /**
   * @param networks addresses, or networks such as 10.0.0.0/8
   * @throws RecountException USAGE naming what is none
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public TrustedProxies(List<String> networks) {
    said = List.copyOf(networks);
    said.forEach(text -> this.networks.add(network(text.strip())));
  }

  private static Network network(String text) {
    int slash = text.indexOf('/');
    byte[] base = Addresses.bytes(slash < 0 ? text : text.substring(0, slash));
    int bits = base == null || slash < 0 ? 0 : number(text.substring(slash + 1));
    if (base == null || bits < 0 || bits > base.length * 8) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot trust the proxy '%s': it is neither an address nor a network; write it "
              + "like 10.0.0.0/8 or 2001:db8::1",
          text);
    }
    return new Network(base, slash < 0 ? base.length * 8 : bits);
  }

  private static int number(String text) {
    return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
  }

  boolean isEmpty() {
    return networks.isEmpty();
  }

  boolean trusts(String address) {
    byte[] bytes = isEmpty() ? null : Addresses.bytes(address);
    return bytes != null && networks.stream().anyMatch(network -> network.holds(bytes));
  }

  /**
   * The client: the last that is not a trusted proxy, or if none is trusted at all, the first.
   *
   * @param hops from the client on, as each proxy added the one that asked it
   */
  public String client(List<String> hops) {
    int at = hops.size() - 1;
    while (at > 0 && (isEmpty() || trusts(hops.get(at)))) {
      at--;
    }
    return hops.get(at);
  }

  /** The hops of an X-Forwarded-For header; of one that is too long, all in one. */
  public static List<String> hops(String header) {
    List<String> hops = new ArrayList<>();
    if (header.length() > LONGEST_HEADER) {
      hops.add(header);
      return hops;
    }
    for (String hop : header.split(",", -1)) {
      hops.add(Addresses.withoutPort(hop.strip()));
    }
    return hops;
  }

  @JsonValue
  List<String> said() {
    return said;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TrustedProxies proxies && proxies.said.equals(said);
  }

  @Override
  public int hashCode() {
    return said.hashCode();
  }
}
