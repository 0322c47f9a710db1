package dev.recount.ingest.weblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs as web servers and what carries them write them: whose line it is is never guessed. */
class LogRecognitionTest {
  private static final EventSchema PAGE_VIEW = TestingEvents.pageView();
  private static final Browsers BROWSERS = new Browsers();

  /** Of a line after its client. */
  private static final String REST =
      " - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 512";

  private static final String AGENT = " \"-\" \"Mozilla/5.0 (X11; rv:120.0) Firefox/120.0\"";

  private static LogRecognition.Found recognised(TrustedProxies proxies, List<String> lines) {
    return LogRecognition.of(
        lines.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList(), proxies);
  }

  private static LogRecognition.Found recognised(List<String> lines) {
    return recognised(TrustedProxies.NONE, lines);
  }

  private static GenericRecord read(LogLayout layout, String line) {
    return new CombinedLog(PAGE_VIEW, BROWSERS, layout).read(line);
  }

  private static String client(LogLayout layout, String line) {
    return read(layout, line).get("ip_address").toString();
  }

  private static void assertRejected(LogLayout layout, String line, String... words) {
    assertThatExceptionOfType(RecountException.class)
        .as(line)
        .isThrownBy(() -> read(layout, line))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED))
        .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain("\0"));
  }

  /** {@code #} is the client. */
  private static List<String> fiveVisitors(String line) {
    return IntStream.rangeClosed(1, 5).mapToObj(i -> line.replace("#", "192.0.2." + i)).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "# ~ combined",
        "www.example.com:443 # ~ combined, vhost before",
        "www.example.com # ~ combined, vhost before",
        "10.0.0.7:80 # ~ combined, vhost before",
        "_ # ~ combined, vhost before",
        "[2001:db8::80]:443 # ~ combined, vhost before",
        "May 17 10:05:01 web1 nginx: # ~ combined, syslog or journal prefix",
        "May  7 10:05:01 web1 nginx[81]: # ~ combined, syslog or journal prefix",
        "<190>May 17 10:05:01 web1 nginx: # ~ combined, syslog or journal prefix",
        "May 17 10:05:01 nginx: # ~ combined, syslog or journal prefix",
        "2015-05-17T10:05:01.123456+02:00 web1 nginx: # ~ combined, syslog or journal prefix",
        "2015-05-17T10:05:03+0000 host nginx[1]: # ~ combined, syslog or journal prefix",
        "<134>1 2015-05-17T10:05:03.003Z web1 nginx 81 - - # ~ combined, RFC 5424 syslog prefix",
        "<134>1 2015-05-17T10:05:03Z web1 nginx - ID47 [a@1 b=\"c \\\"]d\"][e@1] # ~ combined, RFC 5424 syslog prefix",
        "<134>1 2015-05-17T10:05:03Z web1 nginx - - - \uFEFF# ~ combined, RFC 5424 syslog prefix",
        "web-1  | # ~ combined, compose prefix",
        "my_web_1      | # ~ combined, compose prefix",
        "web-1  | 2015-05-17T10:05:03.123456789Z # ~ combined, compose prefix",
        "2015-05-17T10:05:03.123456789Z stdout F # ~ combined, container prefix",
        "2015-05-17T10:05:03.123456789Z # ~ combined, time before each line",
        "#, 198.51.100.7, 127.0.0.1 ~ combined, lists of X-Forwarded-For",
        "#,198.51.100.7 ~ combined, lists of X-Forwarded-For",
        "www.example.com:443 #, 198.51.100.7 ~ combined, vhost before, lists of X-Forwarded-For",
        "May 17 10:05:01 web1 apache: www.example.com:443 # ~ combined, vhost before, syslog or journal prefix",
        "#:50123 ~ combined",
      })
  void fiveVisitors_stayFive(String before, String words) {
    for (boolean isCombined : List.of(true, false)) {
      List<String> lines = fiveVisitors(before + REST + (isCombined ? AGENT : ""));
      LogRecognition.Found found = recognised(lines);
      assertThat(found.words()).isEqualTo(isCombined ? words : words.replace("combined", "common"));
      List<GenericRecord> events = lines.stream().map(line -> read(found.layout(), line)).toList();
      assertThat(events)
          .extracting(event -> event.get("ip_address"))
          .containsExactly("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5");
      assertThat(events).extracting(event -> event.get("session_id")).doesNotHaveDuplicates();
      assertThat(events).extracting(event -> event.get("page_url")).containsOnly("/a");
      assertThat(events).extracting(event -> event.get("bytes")).containsOnly(512L);
      assertThat(events)
          .extracting(event -> event.get("browser"))
          .containsOnly(isCombined ? "Firefox" : null);
    }
  }

  @Test
  void colours_areNoPartOfALine() {
    List<String> lines = fiveVisitors("\u001B[36mweb-1  | \u001B[0m#" + REST + AGENT);
    LogRecognition.Found found = recognised(lines);
    assertThat(found.words()).isEqualTo("combined, compose prefix");
    assertThat(client(found.layout(), lines.get(4))).isEqualTo("192.0.2.5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        " www.example.com ~ combined, vhost after",
        " \"www.example.com:443\" ~ combined, vhost after",
        " \"198.51.100.7, 10.0.0.1\" ~ combined, X-Forwarded-For after",
        " \"-\" ~ combined, X-Forwarded-For after",
        " 0.005 \"x\" ~ combined, more after",
      })
  void whatFollowsTheAgent_isSaid(String after, String words) {
    List<String> lines = fiveVisitors("#" + REST + AGENT + " " + after);
    LogRecognition.Found found = recognised(lines);
    assertThat(found.words()).isEqualTo(words);
    assertThat(client(found.layout(), lines.get(3))).isEqualTo("192.0.2.4");
  }

  @Test
  void mostLinesDecide_theOthersAreReadOrRejected() {
    List<String> lines = new ArrayList<>(fiveVisitors("www.example.com #" + REST + AGENT));
    lines.add("192.0.2.9" + REST + AGENT);
    lines.add("noise");
    lines.add("");
    LogLayout vhost = recognised(lines).layout();
    assertThat(vhost.format()).isEqualTo("vhost_combined");
    assertThat(client(vhost, lines.get(5))).isEqualTo("192.0.2.9");
    assertThat(client(vhost, "10.0.0.7 192.0.2.9" + REST + AGENT)).isEqualTo("192.0.2.9");
    assertThat(client(vhost, "www.example.com dsl.example.net" + REST + AGENT))
        .isEqualTo("dsl.example.net");
    assertThat(client(vhost, "*:80 localhost" + REST + AGENT)).isEqualTo("localhost");
    assertRejected(
        vhost,
        "www.example.com" + REST + AGENT,
        "as combined, vhost before: expected the virtual host, the client's address or host name",
        "in column 1, found 'www.example.com - - [17");
    assertRejected(vhost, "www.example.com -" + REST + AGENT, "the virtual host");
    assertRejected(vhost, "192.0.2.1 www.example.com" + REST + AGENT, "the virtual host");

    LogLayout plain = recognised(fiveVisitors("#" + REST + AGENT)).layout();
    assertThat(client(plain, "dsl.example.net" + REST + AGENT)).isEqualTo("dsl.example.net");
    assertThat(client(plain, "www.example.com:80 192.0.2.9" + REST + AGENT)).isEqualTo("192.0.2.9");
    assertThat(client(plain, "May 17 10:05:01 web1 nginx: 192.0.2.9" + REST + AGENT))
        .isEqualTo("192.0.2.9");
    assertThat(client(plain, "192.0.2.9 www.example.com" + REST + AGENT)).isEqualTo("192.0.2.9");
    assertThat(client(plain, "2001:db8::9" + REST.replace("- -", "- J. R. Doe") + AGENT))
        .isEqualTo("2001:db8::9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "10.0.0.7 192.0.2.9",
        "198.51.100.7, 10.0.0.1 192.0.2.9",
        "unknown 192.0.2.9",
        "www.example.com -",
        "www.example.com dsl.example.net",
        "www.example.com - 192.0.2.9",
        "something 192.0.2.9 is",
        "www.example.com 192.0.2.1 192.0.2.9",
        "17. Mai 10:05:01 web1 nginx: 192.0.2.9",
        "17/May 10:05 192.0.2.9",
        "-",
        "unix:",
        "192.0.2",
        "192.0.2.256",
        "192.0.02.1",
        "192.0.2.1.",
        ".0.2.1",
        "2001:db8:::1",
        "2001:db8::1::",
        "www.example.com:443",
        "unknown, 192.0.2.9",
        ", 192.0.2.9",
        "192.0.2.9,",
        "192.0.2.9, 198.51.100.7,",
        "a!b",
        "%{X-Forwarded-For}i",
      })
  void whatIsNoClient_isRejected(String before) {
    LogLayout plain = new LogLayout("combined", TrustedProxies.NONE);
    for (String agent : List.of(AGENT, "")) {
      assertRejected(
          agent.isEmpty() ? new LogLayout("common", TrustedProxies.NONE) : plain,
          before + REST + agent,
          agent.isEmpty() ? "as common: expected" : "as combined: expected",
          "in column 1, found '");
    }
  }

  @Test
  void headerBeforeItsProxy_isNoVirtualHost() {
    List<String> lines = new ArrayList<>();
    for (String first : List.of("192.0.2.1", "192.0.2.2", "-", "-", "-", "unknown", "bad.host")) {
      lines.add(first + " 10.0.0.1" + REST + AGENT);
    }
    LogLayout layout = recognised(lines).layout();
    assertThat(layout.format()).isEqualTo("combined");
    assertRejected(layout, lines.get(0), "unless --log-format says otherwise");
    assertRejected(layout, lines.get(5), "unless --log-format says otherwise");
    // There the proxy's own is the only one that is known.
    assertThat(client(layout, lines.get(2))).isEqualTo("10.0.0.1");
    LogLayout said =
        new LogLayout(
            "%{X-Forwarded-For}i %h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\"",
            new TrustedProxies(List.of("10.0.0.0/8")));
    assertThat(client(said, lines.get(1))).isEqualTo("192.0.2.2");
    assertThat(client(said, lines.get(2))).isEqualTo("10.0.0.1");
  }

  @Test
  void fileOfNothing_isReadAsCombined() {
    for (List<String> lines : List.of(List.<String>of(), List.of("x", "\0\0", "{\"a\": 1}"))) {
      LogRecognition.Found found = recognised(lines);
      assertThat(found.words())
          .isEqualTo("no line looks like a web server's log; read as combined");
      assertThat(found.layout().format()).isEqualTo("combined");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] in s/a 1",
        "192.0.2.1 - - [2015-05-17T10:05:03+00:00] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"",
        "192.0.2.1 - - [17/Mai/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"",
        "2024-05-01T10:00:00Z heroku[router]: at=info method=GET path=\"/\" fwd=\"192.0.2.1\"",
      })
  void aLogOfAnotherKind_isRefusedBeforeItsLinesAre(String line) {
    assertThat(recognised(Collections.nCopies(4, line)).problem()).isEmpty();
    List<String> many = Collections.nCopies(5, line);
    assertThat(recognised(many).problem().orElseThrow())
        .contains("no line at its beginning", line.substring(0, 40), "--log-format");
    List<String> some = new ArrayList<>(many);
    some.add("192.0.2.9" + REST + AGENT);
    assertThat(recognised(some).problem()).as("one of them is").isEmpty();
  }

  @Test
  void nulsOfALogThatWasCut_areNoPartOfALine() {
    String line = "192.0.2.9" + REST + AGENT;
    LogLayout layout = recognised(List.of("\0".repeat(5_000) + line, line)).layout();
    assertThat(client(layout, "\0".repeat(5_000) + line)).isEqualTo("192.0.2.9");
    assertRejected(layout, "\0".repeat(5_000), "expected text without NULs");
    assertRejected(layout, line.replace("/a", "/\0\0"), "text without NULs", "in column 50");
    assertRejected(layout, line + "\0", "text without NULs");
  }

  @Test
  void commonLine_inACombinedLog_isACutOne() {
    LogLayout combined = recognised(fiveVisitors("#" + REST + AGENT)).layout();
    assertRejected(combined, "192.0.2.1" + REST, "a space before the referrer");
    LogLayout common = recognised(fiveVisitors("#" + REST)).layout();
    assertThat(read(common, "192.0.2.1" + REST + AGENT).get("browser")).isEqualTo("Firefox");
    assertThat(read(common, "192.0.2.1" + REST + " www.example.com").get("browser")).isNull();
    assertThat(read(common, "192.0.2.1" + REST + " \"www.example.com\"").get("referrer")).isNull();
  }

  @Test
  void trustedProxies_sayWhoTheClientIs() {
    TrustedProxies proxies =
        new TrustedProxies(List.of("10.0.0.0/8", "198.51.100.7", "2001:db8::/32"));
    LogLayout layout = recognised(proxies, fiveVisitors("#, 198.51.100.7" + REST + AGENT)).layout();
    for (String list :
        List.of(
            "192.0.2.1",
            "203.0.113.66, 192.0.2.1",
            "unknown, 192.0.2.1, 198.51.100.7, 10.1.2.3",
            "192.0.2.1:4711, [2001:db8::5]:80",
            "192.0.2.1, 2001:DB8:1::5, ::ffff:10.0.0.1")) {
      assertThat(client(layout, list + REST + AGENT)).isEqualTo("192.0.2.1");
    }
    assertThat(client(layout, "10.0.0.1, 10.0.0.2" + REST + AGENT)).isEqualTo("10.0.0.1");
    assertRejected(
        layout, "192.0.2.1, unknown, 10.0.0.2" + REST + AGENT, "X-Forwarded-For's addresses");
    // The header is after the agent in the format that nginx comes with.
    String main = "10.0.0.1" + REST + AGENT;
    assertThat(client(layout, main + " \"192.0.2.1\"")).isEqualTo("192.0.2.1");
    assertThat(client(layout, main + " \"203.0.113.66, 192.0.2.1, 10.0.0.5\""))
        .isEqualTo("192.0.2.1");
    assertThat(client(layout, main + " \"-\"")).isEqualTo("10.0.0.1");
    assertRejected(layout, main + " \"x!\"", "X-Forwarded-For's addresses");
    assertThat(client(layout, "192.0.2.1" + REST + AGENT + " \"203.0.113.66\""))
        .isEqualTo("192.0.2.1");

    assertThat(Json.read(Json.write(layout), LogLayout.class)).isEqualTo(layout);
    for (String wrong : List.of("10.0.0.0/33", "10.0.0/8", "proxy", "::1/129", "10.0.0.0/-1", "")) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> new TrustedProxies(List.of(wrong)))
          .withMessageContaining("Cannot trust the proxy '" + wrong + "'");
    }
  }

  @Test
  void bots_areToldByTheirAgents() {
    LogLayout layout = new LogLayout("combined", TrustedProxies.NONE);
    String line = "192.0.2.1" + REST + " \"-\" ";
    String google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    assertThat(read(layout, line + "\"" + google + "\"").get("is_bot")).isEqualTo(true);
    assertThat(read(layout, line + "\"-\"").get("is_bot")).isEqualTo(false);
    assertThat(read(layout, "192.0.2.1" + REST + AGENT).get("is_bot")).isEqualTo(false);
  }

  /** Each takes some milliseconds; what is quadratic or deep in such a line ends the test. */
  @Test
  @Timeout(300)
  void lineOfMebibytes_isRejectedSoon() {
    int count = 500_000;
    TrustedProxies proxies = new TrustedProxies(List.of("192.0.2.1"));
    for (LogLayout layout :
        List.of(
            new LogLayout("combined", proxies),
            new LogLayout("%{X-Forwarded-For}i %l %u %t \"%r\" %>s %b", proxies))) {
      for (String part :
          List.of("a, ", "a,", ", ", "192.0.2.1,", "a ", " [", "x", ":", "[", "\"", "\\")) {
        String text = part.repeat(count / part.length());
        assertRejected(layout, text, "expected");
        assertRejected(layout, text + REST + AGENT, "expected");
        assertRejected(layout, "<1>1 2015 a b c d [" + text, "expected");
        assertRejected(
            layout, "<1>1 2015 a b c d [a " + "b=\"" + part + "\" ".repeat(count / 10), "expected");
        assertRejected(layout, "May 17 10:05:01 a b[" + text, "expected");
      }
      assertRejected(
          layout, "192.0.2.1" + REST + AGENT + " \"" + "a,".repeat(count) + "\"", "expected");
    }
    recognised(List.of("a, ".repeat(count / 50) + REST));
  }
}
