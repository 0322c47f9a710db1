package dev.recount.ingest.weblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log formats as people have them in the settings of Apache and nginx. */
class FormatStringTest {
  private static final EventSchema PAGE_VIEW = TestingEvents.pageView();
  private static final Browsers BROWSERS = new Browsers();
  private static final String COMMON = "%h %l %u %t \"%r\" %>s %b";
  private static final String COMBINED = COMMON + " \"%{Referer}i\" \"%{User-Agent}i\"";

  private static GenericRecord read(LogLayout layout, String line) {
    return new CombinedLog(PAGE_VIEW, BROWSERS, layout).read(line);
  }

  private static GenericRecord read(String format, String line) {
    return read(new LogLayout(format, TrustedProxies.NONE), line);
  }

  private static void assertRejected(String format, String line, String words) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> read(format, line))
        .withMessageContaining("Cannot read the log line as '" + format + "': expected " + words)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        COMBINED,
        "%h %l %u %t \\\"%r\\\" %>s %O \\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"",
        "%a %l %u [%{%d/%b/%Y:%H:%M:%S %z}t] \"%m %U%q %H\" %s %B \"%{referer}i\" \"%{user-agent}i\"",
        "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\""
            + " \"$http_user_agent\"",
        "${remote_addr} - $remote_user [$time_local] \"$request_method $request_uri $server_protocol\" $status"
            + " $bytes_sent \"$http_referer\" \"$http_user_agent\"",
        "$remote_addr - - [$time_local] \"$request_method $uri?$args $server_protocol\" $status $bytes_sent"
            + " \"$http_referer\" \"$http_user_agent\"",
        "%{c}a %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%!200,304{User-agent}i\"",
      })
  void everyField_isRead(String format) {
    String line =
        "192.0.2.1 - - [17/May/2015:12:05:03 +0200] \"GET /a?b=c HTTP/1.1\" 200 512 \"http://x/\\\"\" \"Firefox/9.0\"";
    GenericRecord event = read(format, line);
    assertThat(event.get("event_time")).isEqualTo(1431857103000L);
    assertThat(event.get("ip_address")).isEqualTo("192.0.2.1");
    assertThat(event.get("session_id")).isEqualTo("192.0.2.1|Firefox/9.0");
    assertThat(event.get("page_url")).isEqualTo("/a?b=c");
    assertThat(event.get("method")).isEqualTo("GET");
    assertThat(event.get("status")).isEqualTo(200);
    assertThat(event.get("bytes")).isEqualTo(512L);
    assertThat(event.get("referrer")).isEqualTo("http://x/\"");
    assertThat(event.get("browser")).isEqualTo("Firefox");
    for (int length = 0; length < line.length(); length++) {
      assertRejected(format, line.substring(0, length), "");
    }
    assertRejected(format, line + "x", "the end of the line");
    assertRejected(
        format, line.replace("192.0.2.1", "www.example.com:80"), "the client's address or name");
    assertRejected(format, line.replace(" 200 ", " 2x0 "), "a status");
  }

  @Test
  void times_areReadAsTheFormatWritesThem() {
    List<String> formats =
        List.of(
            "$remote_addr $time_iso8601 $request_uri",
            "$remote_addr $msec $request_uri",
            "%h %{sec}t %U",
            "%h %{msec}t %U",
            "%h %{begin:usec}t %U",
            "%h %{%FT%T%z}t %U",
            "%h %{%Y-%m-%d'%H %M %S%z}t %U");
    List<String> times =
        List.of(
            "2015-05-17T12:05:03+02:00",
            "1431857103.250",
            "1431857103",
            "1431857103250",
            "1431857103250999",
            "2015-05-17T12:05:03+0200",
            "2015-05-17'12 05 03+0200");
    for (int i = 0; i < formats.size(); i++) {
      GenericRecord event = read(formats.get(i), "192.0.2.1 " + times.get(i) + " /a");
      assertThat((Long) event.get("event_time") / 1000).isEqualTo(1431857103);
      assertRejected(formats.get(i), "192.0.2.1 yesterday /a", "");
      assertRejected(formats.get(i), "192.0.2.1 - /a", "");
    }
    for (String none : List.of("9".repeat(30), "9".repeat(17), "1e99", "-1", "1.", "1e999999999")) {
      assertRejected(formats.get(1), "192.0.2.1 " + none + " /a", "seconds since 1970");
    }
  }

  @Test
  void client_isToldByTheForwardedHeader_whereThatIsAllOrItsProxyIsTrusted() {
    String only = "%{X-Forwarded-For}i %l %u %t \"%r\" %>s %b";
    String rest = " - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1";
    assertThat(read(only, "192.0.2.1, 10.0.0.5, 10.0.0.6" + rest).get("ip_address"))
        .isEqualTo("192.0.2.1");
    assertRejected(only, "-" + rest, "the client's address or name");
    assertRejected(only, "unknown!, 10.0.0.5" + rest, "the client's address or name");

    String both = "$remote_addr - - [$time_local] \"$request\" $status 1 \"$http_x_forwarded_for\"";
    TrustedProxies proxies = new TrustedProxies(List.of("10.0.0.0/8"));
    String line = "%s" + rest + " \"%s\"";
    assertThat(read(both, String.format(line, "10.0.0.5", "192.0.2.1")).get("ip_address"))
        .isEqualTo("10.0.0.5");
    LogLayout trusting = new LogLayout(both, proxies);
    assertThat(
            read(trusting, String.format(line, "10.0.0.5", "203.0.113.6, 192.0.2.1"))
                .get("ip_address"))
        .isEqualTo("192.0.2.1");
    assertThat(read(trusting, String.format(line, "192.0.2.7", "203.0.113.6")).get("ip_address"))
        .isEqualTo("192.0.2.7");
    assertThat(read(trusting, String.format(line, "10.0.0.5", "-")).get("ip_address"))
        .isEqualTo("10.0.0.5");
  }

  @Test
  void whatStandsBetween_isMinded() {
    String format = "%v:%p|%{Host}i|%h|%u|%t|%r|%>s|%D";
    GenericRecord event =
        read(
            format, "x:80|y|192.0.2.1|John Smith|[17/May/2015:10:05:03 +0000]|GET /a HTTP/1.0|-|9");
    assertThat(event.get("ip_address")).isEqualTo("192.0.2.1");
    assertThat(event.get("page_url")).isEqualTo("/a");
    assertThat(event.get("status")).isNull();
    String json = "{\"c\":\"$remote_addr\",\"t\":$msec,\"r\":\"$request\"}";
    assertThat(
            read(json, "{\"c\":\"::1\",\"t\":1.5,\"r\":\"GET /\\x22 HTTP/1.0\"}").get("page_url"))
        .isEqualTo("/\"");
    assertThat(read("%h\\t%t\\t%r", "::1\t[17/May/2015:10:05:03 +0000]\t-").get("page_url"))
        .isEqualTo("-");
    // What is before the lines in transport is skipped here too.
    assertThat(
            read(COMMON, "web-1  | 192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"-\" 408 0")
                .get("status"))
        .isEqualTo(408);
  }

  @Test
  void format_thatTellsTooLittle_isRefused() {
    List<String> formats =
        List.of("%h %t", "%r %t", "%h %r", "combine", "", "%h%u %t %r", "%h %{%Q}t %r", "$status");
    List<String> reasons =
        List.of(
            "does not include the request; it needs %r or $request",
            "does not include the client; it needs %h or $remote_addr",
            "does not include the time; it needs %t or $time_local",
            "the names are common, combined, vhost_common, vhost_combined",
            "the names are common",
            "nothing is between the client's address and something",
            "its time '%Q' is not known",
            "does not include the client");
    for (int i = 0; i < formats.size(); i++) {
      LogLayout layout = new LogLayout(formats.get(i), TrustedProxies.NONE);
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(layout::checked)
          .withMessageContaining("Cannot use the log format '" + formats.get(i) + "': ")
          .withMessageContaining(reasons.get(i))
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
    }
  }

  @Test
  void layout_isTheSameAfterADeadLetterKeptIt() {
    RecordLayout layout =
        RecordLayout.of(RecordFormat.COMBINED)
            .withLog(new LogLayout(COMBINED, new TrustedProxies(List.of("10.0.0.0/8"))));
    assertThat(Json.read(Json.write(layout), RecordLayout.class)).isEqualTo(layout);
    // Of before there were other formats.
    RecordLayout old = Json.read("{\"format\": \"COMBINED\"}", RecordLayout.class);
    String line = "192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"-\" 408 - \"-\" \"-\"";
    assertThat(
            RecordReaders.of(old, PAGE_VIEW, BROWSERS)
                .apply(line.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .get("status"))
        .isEqualTo(408);
  }
}
