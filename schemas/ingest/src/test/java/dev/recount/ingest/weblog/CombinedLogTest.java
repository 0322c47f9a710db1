package dev.recount.ingest.weblog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.TestingEvents;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class CombinedLogTest {
  private static final String FIREFOX =
      "Mozilla/5.0 (X11; Linux x86_64; rv:24.0) Gecko/20140205 Firefox/24.0";

  private final CombinedLog log =
      new CombinedLog(TestingEvents.pageView(), new Browsers(), LogLayout.UNSEEN);

  private static String line(String request, String referrer, String agent) {
    return "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \""
        + request
        + "\" 200 12 \""
        + referrer
        + "\" \""
        + agent
        + "\"";
  }

  private GenericRecord request(String request) {
    return log.read(line(request, "-", "-"));
  }

  private GenericRecord at(String time) {
    return log.read("h - - [" + time + "] \"-\" 200 1 \"-\" \"-\"");
  }

  @Test
  void everyField_isRead() {
    GenericRecord event = log.read(line("GET /a?b=c HTTP/1.1", "http://x/", FIREFOX));
    assertThat(event.get("event_time")).isEqualTo(1431857103000L);
    assertThat(event.get("event_id")).isNull();
    assertThat(event.get("ip_address")).isEqualTo("1.2.3.4");
    assertThat(event.get("session_id")).isEqualTo("1.2.3.4|" + FIREFOX);
    assertThat(event.get("page_url")).isEqualTo("/a?b=c");
    assertThat(event.get("referrer")).isEqualTo("http://x/");
    assertThat(event.get("browser")).isEqualTo("Firefox");
    assertThat(event.get("user_agent")).isEqualTo(FIREFOX);
    assertThat(event.get("method")).isEqualTo("GET");
    assertThat(event.get("status")).isEqualTo(200);
    assertThat(event.get("bytes")).isEqualTo(12L);
  }

  @Test
  void absent_isNull() {
    GenericRecord event =
        log.read("::1 - bob [17/May/2015:10:05:03 +0000] \"-\" - - \"\" \"-\" more");
    assertThat(event.get("ip_address")).isEqualTo("::1");
    assertThat(event.get("session_id")).isEqualTo("::1|-");
    assertThat(event.get("page_url")).isEqualTo("-");
    for (String field :
        new String[] {"method", "status", "bytes", "referrer", "user_agent", "browser"}) {
      assertThat(event.get(field)).as(field).isNull();
    }
  }

  @Test
  void request_thatIsNotHttp_isKeptWhole() {
    for (String raw :
        new String[] {"GET /", "\u0016\u0003", "quit", "", "G=T / HTTP/1.1", "GET HTTP/1.1"}) {
      assertThat(request(raw).get("method")).as(raw).isNull();
      assertThat(request(raw).get("page_url")).isEqualTo(raw);
    }
    assertThat(request("GET /a b HTTP/2.0").get("page_url")).isEqualTo("/a b");
  }

  @Test
  void escapes_areUndone() {
    assertThat(request("GET /\\\"x\\\\y\\xC3\\xa4\\t\\q\\xZ HTTP/1.1").get("page_url"))
        .isEqualTo("/\"x\\yä\t\\q\\xZ");
    assertThat(log.read(line("-", "a\\\"", "b\\\\")).get("referrer")).isEqualTo("a\"");
  }

  @Test
  void time_hasAnyOffset() {
    assertThat(at("17/May/2015:05:05:03 -0500").get("event_time")).isEqualTo(1431857103000L);
    assertThat(at("17/May/2015:15:35:03 +0530").get("event_time")).isEqualTo(1431857103000L);
    assertThat(at("29/Feb/2016:23:59:60 +0000").get("event_time")).isEqualTo(1456790400000L);
    assertThat(at("01/Jan/1970:00:00:00 +0000").get("event_time")).isEqualTo(0L);
    for (String time :
        new String[] {
          "29/Feb/2015:10:05:03 +0000",
          "17/Foo/2015:10:05:03 +0000",
          "17/May/2015:24:05:03 +0000",
          "17/May/2015:10:05:03 0000",
          "17-May/2015:10:05:03 +0000",
          "17/May/2015:10:05",
          "x"
        }) {
      assertWrong("h - - [" + time + "] \"-\" 200 1 \"-\" \"-\"", "a time such as");
    }
  }

  @Test
  void damagedLine_saysWhatWasExpectedWhere() {
    String line = line("GET / HTTP/1.1", "-", "agent");
    assertWrong(line.substring(0, line.length() - 1), "expected '\"' after the user agent");
    assertWrong(line.substring(0, 40), "in column");
    assertWrong(
        line.replace(" 200 ", " 2x0 "), "a space after the status in column 60, found 'x0 12");
    assertWrong(line.replace(" 200 ", " 2000 "), "a status of three digits");
    assertWrong(line.replace(" 12 ", " 99999999999999999999 "), "a number of bytes or '-'");
    assertWrong(line + "x", "the end of the line");
    for (int length = 0; length < line.length(); length++) {
      assertWrong(line.substring(0, length), "Cannot read the log line as combined: expected");
    }
  }

  @Test
  void event_withoutTheFields_isRefused() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () -> new CombinedLog(TestingEvents.everyType(), new Browsers(), LogLayout.UNSEEN))
        .withMessageContaining("has no field event_time, ip_address");
  }

  private void assertWrong(String line, String message) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> log.read(line))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED));
  }
}
