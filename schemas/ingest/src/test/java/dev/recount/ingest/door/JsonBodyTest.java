package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;

class JsonBodyTest {
  private static final String ARRAY = "[{\"a\": \"ä€😀\"},\n{\"b\": {\"c\": [2]}}]\n";
  private static final String[] ELEMENTS = {"{\"a\": \"ä€😀\"}", "{\"b\": {\"c\": [2]}}"};

  @Test
  void body_isObjectsOneALineOrNot_orAnArray() {
    assertThat(split("{\"a\":\n1}")).containsExactly("{\"a\":\n1}");
    assertThat(split("{\n\"a\":\n1}\n{\n\"b\":2}")).containsExactly("{\n\"a\":\n1}", "{\n\"b\":2}");
    assertThat(split("{\"a\":1}{\"b\":\"}{\"}")).containsExactly("{\"a\":1}", "{\"b\":\"}{\"}");
    assertThat(split(" [ {\"a\":1} , {},{\"b\":{\"c\":[2]}}] "))
        .containsExactly("{\"a\":1}", "{}", "{\"b\":{\"c\":[2]}}");
    assertThat(split("{\"a\":1}\n\n broken\r\n{\"b\":2}"))
        .containsExactly("{\"a\":1}", " broken\r", "{\"b\":2}");
    assertThat(split("broken\n{\"b\":2}")).containsExactly("broken", "{\"b\":2}");
    assertThat(split("{\"cut\n{\"b\":2}\n")).containsExactly("{\"cut", "{\"b\":2}");
    assertThat(split("{\"a\":1}\n[{\"b\":2}]\n{\"c\":3}\n"))
        .as("an array among lines is a wrong line, which is answered for and kept")
        .containsExactly("{\"a\":1}", "[{\"b\":2}]", "{\"c\":3}");
  }

  @Test
  void whatHoldsNoObjects_isRefusedAsAWhole() {
    List<String> bodies =
        List.of(
            "",
            " \n",
            "[]",
            "[{\"a\":1},",
            "[{\"a\":1}",
            "[{\"a\":1}{}]",
            "[{\"a\":1},]",
            "[{\"a\":1}] }",
            "[1,1,1]",
            "[[1],[2]]",
            "[\"a\"]",
            "[{\"a\":1},7]",
            "1\n1\n",
            "at,test\n1,2\n",
            "\"text\"",
            "<html>",
            "PAR1 and more");
    for (String body : bodies) {
      assertThatExceptionOfType(RecountException.class)
          .as(body)
          .isThrownBy(() -> split(body))
          .withMessageStartingWith("Cannot read the events: ")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED));
    }
  }

  @Test
  void everyEncodingAndGzip_areRead() throws IOException {
    for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      assertThat(split(("\uFEFF" + ARRAY).getBytes(charset))).containsExactly(ELEMENTS);
      assertThat(split(ARRAY.getBytes(charset))).containsExactly(ELEMENTS);
      assertThat(split(gzip(("\uFEFF" + ARRAY).getBytes(charset)))).containsExactly(ELEMENTS);
    }
    byte[] utf8 = ("\uFEFF" + ARRAY).getBytes(StandardCharsets.UTF_8);
    assertThat(split(utf8)).containsExactly(ELEMENTS);
    assertThat(split(gzip(utf8))).containsExactly(ELEMENTS);
  }

  @Test
  void aDamagedBody_orAnotherPacking_isRefused() throws IOException {
    byte[] packed = gzip(ARRAY.getBytes(StandardCharsets.UTF_8));
    byte[] cut = java.util.Arrays.copyOf(packed, packed.length - 9);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> JsonBody.split(cut))
        .withMessageContaining("its gzip data is cut off or damaged");
    byte[] longer = java.util.Arrays.copyOf(packed, packed.length + 9);
    longer[packed.length] = 'x';
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> JsonBody.split(longer))
        .withMessageContaining("bytes that are not gzip follow its end");
    ByteArrayOutputStream xz = new ByteArrayOutputStream();
    try (OutputStream out = new XZCompressorOutputStream(xz)) {
      out.write(ARRAY.getBytes(StandardCharsets.UTF_8));
    }
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> JsonBody.split(xz.toByteArray()))
        .withMessageContaining("compressed with xz");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> JsonBody.split(ARRAY.getBytes(Charset.forName("X-UTF-32LE-BOM"))))
        .withMessageContaining("UTF-32");
  }

  @Test
  void aBomb_orTooManyRecords_areRefused() throws IOException {
    byte[] bomb = gzip(new byte[JsonBody.MOST_BYTES + 1]);
    assertThat(bomb.length).isLessThan(100_000);
    for (byte[] body :
        List.of(bomb, "{}\n".repeat(JsonBody.MOST_RECORDS + 1).getBytes(StandardCharsets.UTF_8))) {
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> JsonBody.split(body))
          .withMessageContaining("send them in pieces")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_TOO_LARGE));
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static List<String> split(String body) {
    return split(body.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> split(byte[] body) {
    return JsonBody.split(body).stream().map(b -> new String(b, StandardCharsets.UTF_8)).toList();
  }
}
