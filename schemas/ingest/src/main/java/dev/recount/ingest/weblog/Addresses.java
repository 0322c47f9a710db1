package dev.recount.ingest.weblog;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Tells addresses and names of hosts by their text alone; asks no name server. */
public final class Addresses {
  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_PORT = 5;

  private Addresses() {}

  /** IPv4 as four decimal numbers without leading zeros, or IPv6, perhaps with its zone. */
  public static boolean isAddress(String text) {
    return isIpv4(text) || text.indexOf(':') >= 0 && bytes(text) != null;
  }

  /** Of letters, digits, '-', '_' and dots; what ends with a number is none. */
  public static boolean isName(String text) {
    boolean isNumber = true;
    char last = '.';
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '.') {
        if (last == '.') {
          return false;
        }
        isNumber = true;
      } else if (Character.isLetterOrDigit(c) || c == '_' || c == '-' && last != '.') {
        isNumber &= c >= '0' && c <= '9';
      } else {
        return false;
      }
      last = c;
    }
    return !isNumber && text.length() <= LONGEST_NAME;
  }

  /** An address that is with its port or in brackets, without them; else the same text. */
  static String withoutPort(String text) {
    int close = text.indexOf(']');
    if (text.startsWith("[") && close > 0) {
      String rest = text.substring(close + 1);
      return rest.isEmpty() || isPort(rest) ? text.substring(1, close) : text;
    }
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || !isPort(text.substring(colon))) {
      return text;
    }
    String address = text.substring(0, colon);
    boolean isAlone = isIpv4(address) || isBeforePort(address, text.length() - colon - 1);
    return isAlone ? address : text;
  }

  /** Without brackets, what follows an IPv6 address may be a part of it, unless it is too long. */
  private static boolean isBeforePort(String address, int digits) {
    boolean isComplete = !address.contains("::");
    return (isComplete || digits == LONGEST_PORT) && isAddress(address);
  }

  private static boolean isPort(String text) {
    return text.length() > 1
        && text.length() <= 1 + LONGEST_PORT
        && text.charAt(0) == ':'
        && text.chars().skip(1).allMatch(c -> c >= '0' && c <= '9');
  }

  /** The bytes of an address, those of an IPv4 address in IPv6 being four; null if it is none. */
  static byte[] bytes(String text) {
    String address = text;
    if (!isIpv4(text)) {
      int zone = text.indexOf('%');
      address = zone > 0 && zone < text.length() - 1 ? text.substring(0, zone) : text;
      // Anything else would be asked of a name server.
      if (address.indexOf(':') < 0
          || !address.chars().allMatch(c -> c == ':' || c == '.' || Character.digit(c, 16) >= 0)
          || address.charAt(0) == '.') {
        return null;
      }
    }
    try {
      return InetAddress.getByName(address).getAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private static boolean isIpv4(String text) {
    int dots = 0;
    int value = -1;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '.' && value >= 0) {
        dots++;
        value = -1;
      } else if (c >= '0' && c <= '9' && value != 0) {
        value = Math.max(0, value) * 10 + (c - '0');
      } else {
        return false;
      }
      if (value > 255 || dots > 3) {
        return false;
      }
    }
    return dots == 3 && value >= 0;
  }
}
