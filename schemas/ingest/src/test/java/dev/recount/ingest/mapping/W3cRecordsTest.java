package dev.recount.ingest.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class W3cRecordsTest {
  private static String read(String line, String... columns) {
    return new W3cRecords("page_view", List.of(columns)).read(line).toString();
  }

  private static void assertMalformed(String line, String words, String... columns) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> read(line, columns))
        .withMessageContaining(words)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED));
  }

  @Test
  void values_standBetweenBlanks() {
    assertThat(read("1 - x  y", "a", "b", "c", "d"))
        .isEqualTo("{\"a\":\"1\",\"c\":\"x\",\"d\":\"y\"}");
    assertThat(read("\"a b\" \"\" \"-\" \"x \\\"y\\\" \\x41\"", "a", "b", "c", "d"))
        .isEqualTo("{\"a\":\"a b\",\"d\":\"x \\\"y\\\" A\"}");
    assertThat(read("\"say \"\"hi\"\" now\" 2", "a", "b"))
        .isEqualTo("{\"a\":\"say \\\"hi\\\" now\",\"b\":\"2\"}");
    // A quote that is not closed has opened nothing.
    assertThat(read("\"x y", "a", "b")).isEqualTo("{\"a\":\"\\\"x\",\"b\":\"y\"}");
    assertThat(read("x\"y z\"", "a", "b")).isEqualTo("{\"a\":\"x\\\"y\",\"b\":\"z\\\"\"}");
    assertMalformed("1 2", "the line has 2 values, but there are 3 columns: a b c", "a", "b", "c");
    assertMalformed("1 2 3", "the line has 3 values, but there are 2 columns", "a", "b");
    assertThat(read("1 2 3 4", "a", "", "*")).isEqualTo("{\"a\":\"1\"}");
    assertMalformed("1", "the line has 1 values, but there are 2 columns", "a", "b", "*");
  }

  @Test
  @Timeout(300)
  void lineOfMebibytes_isRejectedSoon() {
    for (String part : List.of("\"a ", "\" ", "\"\" ", "\\\" ", "a ", "-\t", "%20\t")) {
      assertMalformed(part.repeat(200_000), "values, but there are 2 columns", "cs(a)", "b");
    }
  }

  @Test
  void headers_areDecoded_asTheServerEncodedThem() {
    String agent = "cs(User-Agent)";
    assertThat(read("a+b+(c;+d) x+y", agent, "cs-uri-stem"))
        .isEqualTo("{\"cs(User-Agent)\":\"a b (c; d)\",\"cs-uri-stem\":\"x+y\"}");
    assertThat(read("a%20b+c%\tx%20y\t", agent, "cs-uri-stem", "c"))
        .isEqualTo("{\"cs(User-Agent)\":\"a b+c%\",\"cs-uri-stem\":\"x%20y\"}");
    assertThat(read("a%2520b\\%22%C3%A4\t-", agent, "x"))
        .isEqualTo("{\"cs(User-Agent)\":\"a b\\\\\\\"ä\"}");
    // The header's own %20, encoded once.
    assertThat(read("http://x/a%2520b\t-", "cs(Referer)", "x"))
        .isEqualTo("{\"cs(Referer)\":\"http://x/a%20b\"}");
  }

  @Test
  void fieldsLine_namesTheColumns() {
    assertThat(W3cRecords.columns(bytes("#Fields: date time\tcs(Host) "), "f"))
        .contains(List.of("date", "time", "cs(Host)"));
    assertThat(W3cRecords.columns(bytes("#Date: 2015-05-17"), "f")).isEmpty();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> W3cRecords.columns(bytes("#Fields: a b a"), "f"))
        .withMessageContaining("Cannot read the columns of 'f': two have the same name");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
