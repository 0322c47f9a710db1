package dev.recount.infra.demo;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A made-up web server log in combined format, with the counts that answers must give. */
final class AccessLog {
  private static final String CUT_LINE =
      "203.0.113.7 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 12 \"-\" \"cut";

  private final StringBuilder text = new StringBuilder();
  private final Map<String, Long> byStatus = new TreeMap<>();
  private final int lines;

  /** Every {@code lines} are well formed; one more is not. */
  AccessLog(long seed, int lines) {
    this.lines = lines;
    Random random = new Random(seed);
    for (int i = 0; i < lines; i++) {
      if (i == lines / 2) {
        text.append(CUT_LINE).append('\n');
      }
      text.append(line(random)).append('\n');
    }
  }

  private String line(Random random) {
    int status = random.nextInt(10) == 0 ? 404 : random.nextInt(10) == 1 ? 304 : 200;
    byStatus.merge(String.valueOf(status), 1L, Long::sum);
    return String.format(
        "203.0.%d.%d - - [%02d/May/2015:%02d:%02d:%02d +0200] \"%s /page/%d?q=\\\"x\\\" HTTP/1.1\""
            + " %d %s \"%s\" \"%s\"",
        random.nextInt(4),
        random.nextInt(200),
        17 + random.nextInt(3),
        random.nextInt(24),
        random.nextInt(60),
        random.nextInt(60),
        random.nextInt(9) == 0 ? "POST" : "GET",
        random.nextInt(60),
        status,
        status == 304 ? "-" : String.valueOf(random.nextInt(100_000)),
        random.nextBoolean() ? "-" : "http://example.com/",
        random.nextInt(12) == 0 ? "-" : "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Firefox/115.0");
  }

  int lines() {
    return lines;
  }

  String text() {
    return text.toString();
  }

  Map<String, Long> byStatus() {
    return byStatus;
  }

  /** The counts of this log and others together. */
  Map<String, Long> byStatusWith(AccessLog... others) {
    Map<String, Long> sum = byStatus;
    for (AccessLog other : others) {
      sum = other.byStatusWith(sum);
    }
    return sum;
  }

  /** The counts of this log and what was counted before. */
  Map<String, Long> byStatusWith(Map<String, Long> before) {
    Map<String, Long> sum = new TreeMap<>(before);
    byStatus.forEach((status, count) -> sum.merge(status, count, Long::sum));
    return sum;
  }
}
