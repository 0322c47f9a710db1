package dev.recount.ingest.weblog;

import dev.recount.error.RecountException;
import dev.recount.text.Utf8Text;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells by a log's first lines how it is written; most of them decide. */
public final class LogRecognition {
  /**
   * What was found.
   *
   * @param words says it to people, such as {@code combined, vhost before}
   * @param problem why it is something else, if that is known
   */
  public record Found(LogLayout layout, String words, Optional<String> problem) {}

  private enum After {
    NOTHING(""),
    VHOST(", vhost after"),
    FORWARDED(", X-Forwarded-For after"),
    MORE(", more after");

    private final String words;

    After(String words) {
      this.words = words;
    }
  }

  /** So many lines, none of which is of a web server's log, are a log of another kind. */
  private static final int STRANGE_LINES = 5;

  private static final int SHOWN = 100;

  private final TrustedProxies proxies;
  private final Map<LogHead.Form, Integer> forms = new EnumMap<>(LogHead.Form.class);
  private final Map<LogPrefix, Integer> prefixes = new EnumMap<>(LogPrefix.class);
  private final Map<After, Integer> afters = new EnumMap<>(After.class);
  private final AccessLine access = new AccessLine();
  private int lines;
  private int combined;
  private int lists;

  private LogRecognition(TrustedProxies proxies) {
    this.proxies = proxies;
  }

  /** Whether most of these lines, of whatever kind they are, are of a web server's log. */
  public static boolean isLog(List<byte[]> lines) {
    LogRecognition recognition = new LogRecognition(TrustedProxies.NONE);
    List<String> texts =
        lines.stream().map(Utf8Text::readOrLatin1).filter(line -> !line.isBlank()).toList();
    texts.forEach(line -> recognition.add(start(line)));
    return recognition.lines > 0 && recognition.lines * 2 >= texts.size();
  }

  /** Looks at lines, which may be of any kind. */
  public static Found of(List<byte[]> lines, TrustedProxies proxies) {
    LogRecognition recognition = new LogRecognition(proxies);
    List<String> texts =
        lines.stream().map(Utf8Text::readOrLatin1).map(LogRecognition::start).toList();
    texts.forEach(recognition::add);
    return recognition.found(texts);
  }

  /** Without the NULs of a log that was cut. */
  private static String start(String line) {
    return line.substring(CombinedLog.afterNuls(line));
  }

  /** What a log is that is none of these. */
  private static Optional<String> problem(List<String> lines) {
    if (lines.stream().anyMatch(line -> line.startsWith("#Fields:"))) {
      return Optional.of("its '#Fields' names columns; read it with --format w3c and a mapping");
    }
    return lines.stream()
            .filter(line -> !line.isBlank())
            .limit(1)
            .anyMatch(line -> line.startsWith("{"))
        ? Optional.of("it is JSON; read it with --format ndjson and a mapping")
        : Optional.empty();
  }

  /** Each line of such a log would become a dead letter, and none could be put back. */
  private static Optional<String> strange(List<String> lines) {
    List<String> some = lines.stream().filter(line -> !line.isBlank()).toList();
    if (some.size() < STRANGE_LINES) {
      return Optional.empty();
    }
    String first = some.get(0);
    return Optional.of(
        "no line at its beginning looks like a web server's log, such as '"
            + (first.length() > SHOWN ? first.substring(0, SHOWN) + "..." : first)
            + "'; say with --log-format how the server writes it");
  }

  private void add(String text) {
    Optional<LogPrefix> prefix = LogPrefix.of(text, 0);
    int start = prefix.map(found -> found.end(text, 0)).orElse(0);
    int time = LogCursor.timeIn(text, start);
    if (time <= start) {
      return;
    }
    String head = text.substring(start, time);
    // So that what follows is read, whatever is before the time.
    String plain = "h" + text.substring(time);
    boolean isCombined = isReadBy(plain, true);
    if (!isCombined && !isReadBy(plain, false)) {
      return;
    }
    lines++;
    combined += isCombined ? 1 : 0;
    lists += head.indexOf(',') >= 0 ? 1 : 0;
    prefix.ifPresent(found -> prefixes.merge(found, 1, Integer::sum));
    forms.merge(new LogHead(head).form(), 1, Integer::sum);
  }

  private boolean isReadBy(String line, boolean isCombined) {
    LogCursor cursor = new LogCursor("");
    cursor.start(line, 0);
    access.clear();
    try {
      KnownLog.of(isCombined, false, TrustedProxies.NONE).read(line, cursor, access);
    } catch (RecountException e) {
      return false;
    }
    if (isCombined == (access.agent != null)) {
      afters.merge(after(cursor.rest().strip()), 1, Integer::sum);
    }
    return true;
  }

  private static After after(String rest) {
    String word = rest.replace("\"", "").strip();
    String name = word.replaceFirst(":\\d+$", "");
    if (word.isEmpty()) {
      return After.NOTHING;
    }
    if (Addresses.isName(name) && name.indexOf('.') > 0) {
      return After.VHOST;
    }
    boolean isForwarded =
        rest.equals("\"-\"") || TrustedProxies.hops(word).stream().allMatch(Addresses::isAddress);
    return isForwarded ? After.FORWARDED : After.MORE;
  }

  private Found found(List<String> texts) {
    Optional<String> problem = problem(texts);
    boolean isCombined = combined * 2 >= lines;
    // Two addresses may also be a client's and a proxy's.
    boolean isVhost =
        count(LogHead.Form.VHOST) > count(LogHead.Form.PLAIN) + count(LogHead.Form.EITHER);
    KnownLog log = KnownLog.of(isCombined, isVhost, proxies);
    List<String> words = new ArrayList<>();
    words.add(log.words() + most(afters).map(after -> after.words).orElse(""));
    most(prefixes).map(LogPrefix::words).ifPresent(words::add);
    if (lists * 2 > lines) {
      words.add("lists of X-Forwarded-For");
    }
    return new Found(
        new LogLayout(log.format(), proxies),
        lines == 0
            ? "no line looks like a web server's log; read as " + log.words()
            : String.join(", ", words),
        lines == 0 ? problem.or(() -> strange(texts)) : Optional.empty());
  }

  private int count(LogHead.Form form) {
    return forms.getOrDefault(form, 0);
  }

  /** What more than half of the lines have. */
  private <T> Optional<T> most(Map<T, Integer> counts) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() * 2 > lines)
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
