package dev.recount.ingest.weblog;

import java.util.ArrayList;
import java.util.List;

/**
 * What is before the time in a common or combined log: {@code host ident user}, perhaps with the
 * virtual host before. Some users have blanks in their names, some names of hosts are those of
 * clients; so what cannot be told from another is not taken for it.
 */
final class LogHead {
  /** Which of the words is the client. */
  enum Form {
    /** The first. */
    PLAIN,
    /** The second; the first is the virtual host. */
    VHOST,
    /** The second; what is in place of the first is nothing. */
    SECOND,
    /** The first or the second: only other lines of the file may tell. */
    EITHER,
    /** None that is known. */
    UNKNOWN
  }

  private enum Kind {
    ADDRESS,
    ADDRESS_AND_PORT,
    /** What a proxy sent: several addresses. */
    LIST,
    DOTTED_NAME,
    NAME,
    OTHER;

    boolean isClient() {
      return this != OTHER && !isName();
    }

    boolean isName() {
      return this == NAME || this == DOTTED_NAME;
    }

    static Kind of(String word) {
      if (Addresses.isAddress(word)) {
        return ADDRESS;
      }
      if (word.indexOf(',') >= 0) {
        return TrustedProxies.hops(word).stream().anyMatch(Addresses::isAddress) ? LIST : OTHER;
      }
      if (Addresses.isAddress(Addresses.withoutPort(word))) {
        return ADDRESS_AND_PORT;
      }
      if (!Addresses.isName(word)) {
        return OTHER;
      }
      return word.indexOf('.') < 0 ? NAME : DOTTED_NAME;
    }
  }

  /** Nothing that is there is longer, and to take it apart would take long. */
  private static final int LONGEST = 4_096;

  private final List<String> words = new ArrayList<>();
  private final Kind first;
  private final Kind second;

  LogHead(String text) {
    boolean isListOpen = false;
    for (String word : text.length() > LONGEST ? new String[] {text} : text.strip().split(" +")) {
      if (isListOpen || word.startsWith(",") && !words.isEmpty()) {
        words.set(words.size() - 1, words.get(words.size() - 1) + word);
      } else {
        words.add(word);
      }
      isListOpen = word.endsWith(",");
    }
    first = Kind.of(words.get(0));
    second = words.size() > 1 ? Kind.of(words.get(1)) : Kind.OTHER;
  }

  Form form() {
    if (second.isClient()) {
      return words.size() >= 4 && !hasClient(2) && isUser(3) ? beforeAddress() : Form.UNKNOWN;
    }
    if (words.size() >= 4 && second == Kind.DOTTED_NAME && first != Kind.ADDRESS) {
      return first == Kind.LIST ? Form.PLAIN : first.isName() ? Form.EITHER : Form.VHOST;
    }
    boolean isAddressAndName = first.isClient() && second == Kind.DOTTED_NAME;
    return first != Kind.OTHER && isUser(isAddressAndName ? 3 : 2) ? Form.PLAIN : Form.UNKNOWN;
  }

  /** Before an address. A list, and what proxies write for none, is not a virtual host. */
  private Form beforeAddress() {
    if (first == Kind.LIST || words.get(0).equalsIgnoreCase("unknown")) {
      return Form.UNKNOWN;
    }
    if (words.get(0).equals("-")) {
      return Form.SECOND;
    }
    return first == Kind.ADDRESS ? Form.EITHER : Form.VHOST;
  }

  /**
   * Whether a user is all that may be from there on: no address, no ident, and no more than a word
   * unless there is no ident before.
   */
  private boolean isUser(int from) {
    boolean isOneWord = words.size() <= from + 1;
    boolean isAfterIdent =
        isOneWord || words.get(from - 1).equals("-") && !words.get(from).equals("-");
    return isAfterIdent && !hasClient(from);
  }

  private boolean hasClient(int from) {
    return words.stream().skip(from).anyMatch(word -> Kind.of(word).isClient());
  }

  /**
   * The word that is the client.
   *
   * @param isVhost whether the file's other lines have the virtual host before
   * @return null if this line cannot be read so for sure
   */
  String client(boolean isVhost) {
    return switch (form()) {
      case VHOST, SECOND -> words.get(1);
      case EITHER -> isVhost ? words.get(1) : null;
      case PLAIN -> isVhost && !isPlainAmongVhosts() ? null : words.get(0);
      default ->
          isVhost && words.size() == 4 && first == Kind.OTHER && second.isName()
              ? words.get(1)
              : null;
    };
  }

  private boolean isPlainAmongVhosts() {
    return first.isClient() && (words.size() < 4 || words.get(1).equals("-"));
  }
}
