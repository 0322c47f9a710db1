package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.ZstdOutputStream;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.command.IngestCommand;
import dev.recount.ingest.source.Binary;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.OpenSource;
import dev.recount.ingest.source.Packing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file is, is told by its beginning, and then it is read whole or refused whole. */
class SourceFormsTest {
  /** Two records, with characters of every length. */
  private static final String LINES = "{\"a\":\"ä€😀\"}\n{\"b\":2}\n";

  private static final String[] RECORDS = {"1 {\"a\":\"ä€😀\"}", "2 {\"b\":2}"};

  @TempDir private Path folder;

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("file"), content);
  }

  private List<String> records(byte[] content, String... options) throws IOException {
    return Reading.read(LineSource.of(file(content).toString()), new Reading(), options).records;
  }

  private List<String> records(String content, String... options) throws IOException {
    return records(content.getBytes(StandardCharsets.UTF_8), options);
  }

  private void assertRefused(byte[] content, String reason, String... options) throws IOException {
    LineSource source = LineSource.of(file(content).toString());
    Reading reading = new Reading();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Reading.read(source, reading, options))
        .withMessageContaining(reason)
        .withMessageStartingWith("Cannot read ")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
    assertThat(reading.records).isEmpty();
  }

  private void assertRefused(String content, String reason, String... options) throws IOException {
    assertRefused(content.getBytes(StandardCharsets.UTF_8), reason, options);
  }

  private static byte[] pack(Packing packing, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (packing) {
          case GZIP -> new GZIPOutputStream(bytes);
          case BZIP2 -> new BZip2CompressorOutputStream(bytes, 1);
          case XZ -> new XZCompressorOutputStream(bytes, 0);
          case ZSTD -> new ZstdOutputStream(bytes);
        }) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(bytes::writeBytes);
    return bytes.toByteArray();
  }

  private static String manyLines(int count) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("{\"n\":").append(random.nextLong()).append("}\n");
    }
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void everyPacking_isRead_whateverTheName(Packing packing) throws IOException {
    assertThat(records(pack(packing, utf8(LINES)))).containsExactly(RECORDS);
    assertThat(records(pack(packing, utf8("\uFEFF" + LINES)))).containsExactly(RECORDS);
    byte[] utf16 = ("\uFEFF" + LINES).getBytes(StandardCharsets.UTF_16LE);
    assertThat(records(pack(packing, utf16))).containsExactly(RECORDS);
    assertThat(records(pack(packing, pack(Packing.GZIP, utf8(LINES)))))
        .as("packed twice")
        .containsExactly(RECORDS);
    byte[] two =
        join(pack(packing, utf8("{\"a\":\"ä€😀\"}\n")), pack(packing, utf8("{\"b\":2}\n")));
    assertThat(records(two)).as("one after another").containsExactly(RECORDS);
    assertThat(records(pack(packing, new byte[0]))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void everyPacking_isReadFromStandardInput(Packing packing) throws IOException {
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(pack(packing, utf8(LINES))));
      assertThat(Reading.read(LineSource.of("-"), new Reading()).records).containsExactly(RECORDS);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void anObjectOverSeveralLines_isWaitedFor_whereAPipeHasItsBracketOnly() throws IOException {
    InputStream before = System.in;
    try {
      for (String start : List.of("{\n", "{", " {\r\n")) {
        System.setIn(
            new SequenceInputStream(
                new ByteArrayInputStream(utf8(start)),
                new ByteArrayInputStream(utf8("\"a\":\n1}\n{\"b\":2}\n"))));
        assertThat(Reading.read(LineSource.of("-"), new Reading()).records)
            .containsExactly("1 " + start.stripLeading() + "\"a\":\n1}", "2 {\"b\":2}");
      }
    } finally {
      System.setIn(before);
    }
  }

  @ParameterizedTest
  @EnumSource(Packing.class)
  void aCutPacking_givesTheLinesBefore_andSaysSo(Packing packing) throws IOException {
    byte[] whole = pack(packing, utf8(manyLines(50_000)));
    Path file = file(Arrays.copyOf(whole, whole.length / 2));
    Reading reading = new Reading();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Reading.read(LineSource.of(file.toString()), reading))
        .withMessageContaining("its " + packing.label() + " data is cut off or damaged")
        .withMessageContaining("the " + reading.records.size() + " whole lines before were read");
    assertThat(reading.records.size()).isBetween(1, 49_000);
  }

  @Test
  void whatFollowsAGzip_isTold() throws IOException {
    byte[] good = pack(Packing.GZIP, utf8(LINES));
    assertThat(records(join(good, new byte[5_000]))).as("zeros").containsExactly(RECORDS);
    byte[] second = pack(Packing.GZIP, utf8(manyLines(1_000)));
    second[second.length / 2] ^= 0x55;
    for (byte[] rest :
        List.of(
            utf8("more\n"),
            utf8("x"),
            join(new byte[9], utf8("x")),
            second,
            Arrays.copyOf(good, 5))) {
      Path file = file(join(good, rest));
      Reading reading = new Reading();
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> Reading.read(LineSource.of(file.toString()), reading))
          .withMessageContaining("its gzip data is cut off or damaged")
          .withMessageContaining("whole lines before were read");
      assertThat(reading.records).startsWith(RECORDS);
    }
  }

  @Test
  void aZipOfOneFile_isRead_andOthersAreRefused() throws IOException {
    assertThat(records(zip("folder/", "folder/a.ndjson", "__MACOSX/folder/._a.ndjson")))
        .containsExactly(RECORDS);
    assertRefused(zip("a.ndjson", "b.ndjson"), "it is a zip archive of 2 files");
    assertRefused(zip(), "it is a zip archive of 0 files");
    byte[] whole = zip("a.ndjson");
    assertRefused(Arrays.copyOf(whole, whole.length / 2), "its zip data is cut off or damaged");
    assertRefused(zip("[Content_Types].xml", "xl/workbook.xml"), "it is an Excel workbook");
  }

  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.endsWith("/") ? new byte[0] : utf8(LINES));
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void whatIsNoText_isRefusedByName() throws IOException {
    for (Binary binary : Binary.values()) {
      byte[] content = join(binary.magic(), new byte[100]);
      for (String format : List.of("ndjson", "csv", "combined")) {
        assertRefused(content, "it is " + binary.what(), "--format", format);
        assertRefused(pack(Packing.GZIP, content), "it is " + binary.what(), "--format", format);
      }
    }
  }

  @Test
  void aTarArchive_isRefusedByName() throws IOException {
    byte[] tar = new byte[1024];
    System.arraycopy(utf8("ustar"), 0, tar, 257, 5);
    tar[0] = 'a';
    assertRefused(pack(Packing.GZIP, tar), "it is a tar archive; unpack it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
  void utf16_isRead_withAndWithoutItsMark(String charset) throws IOException {
    String text = LINES + manyLines(20_000);
    List<String> expected = records(text);
    assertThat(expected).hasSize(20_002).startsWith(RECORDS);
    assertThat(records(("\uFEFF" + text).getBytes(charset))).isEqualTo(expected);
    assertThat(records(text.getBytes(charset))).isEqualTo(expected);
    byte[] csv = "\uFEFFa\tb\r\nx\ty\r\n".getBytes(charset);
    assertThat(records(csv, "--format", "csv")).containsExactly("2 x\ty");
  }

  @Test
  void halfOfAPairOfUtf16_isWrongInItsRecordOnly() throws IOException {
    byte[] content = "\uFEFF{\"a\":\"x\"}\n{\"b\":2}\n".getBytes(StandardCharsets.UTF_16LE);
    content[2 * 7] = 0;
    content[2 * 7 + 1] = (byte) 0xD8;
    assertThat(records(content)).hasSize(2).endsWith("2 {\"b\":2}");
    byte[] payload = Files.readAllBytes(file(content));
    try (OpenSource text = LineSource.of(folder.resolve("file").toString()).open()) {
      assertThat(text.readAllBytes()).containsSequence(0xED, 0xA0, 0x80);
    }
    Path cut = file(Arrays.copyOf(payload, payload.length - 1));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Reading.read(LineSource.of(cut.toString()), new Reading()))
        .withMessageContaining("its UTF-16 ends inside of a character; the 1 whole lines before");
    assertRefused("{}".getBytes(Charset.forName("X-UTF-32BE-BOM")), "UTF-32");
  }

  /** RFC 7464: before each text stands a record separator. */
  @Test
  void aSequenceOfJsonTexts_isRead() throws IOException {
    String sequence = "\u001E{\"a\":1}\n\u001E{\"b\":\n2}\n";
    assertThat(records(sequence)).containsExactly("1 {\"a\":1}", "2 {\"b\":\n2}");
    assertThat(JsonBody.split(sequence.getBytes(StandardCharsets.UTF_8))).hasSize(2);
    assertThat(records("\u001E\n {\"a\":1}\n\u001E{\"b\":2}\n"))
        .containsExactly("1 {\"a\":1}", "2 {\"b\":2}");
  }

  /** A torn text ends where the next one begins. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":\"x\n",
        "{\"a\":\"x",
        "{\"a\":\"x\\",
        "{\"a\":1\n",
        "{\"a\":[{",
        "}\n",
        "\"x",
        "tru"
      })
  void aTornTextOfASequence_takesNoneOfTheOthersWithIt(String torn) throws IOException {
    String sequence = "\u001E" + torn + "\u001E{\"b\":2}\n\u001E" + torn + "\u001E{\"c\":3}\n";
    assertThat(records(sequence)).hasSize(4).contains("2 {\"b\":2}", "4 {\"c\":3}");
  }

  @Test
  void jsonThatIsNotOneALine_isRead() throws IOException {
    String[] pretty = {"1 {\n  \"a\": 1\n}", "2 {\n  \"b\": [\n    {}\n  ]\n}"};
    assertThat(records("{\n  \"a\": 1\n}\n{\n  \"b\": [\n    {}\n  ]\n}\n"))
        .containsExactly(pretty);
    assertThat(records("{\r\n\"a\": 1}{\"b\": \"}{\"}\r\n"))
        .containsExactly("1 {\r\n\"a\": 1}", "2 {\"b\": \"}{\"}");
    assertThat(records("{\"a\":1}{\"b\":2} {\"c\":3}"))
        .containsExactly("1 {\"a\":1}", "2 {\"b\":2}", "3 {\"c\":3}");
    assertThat(records("{\"a\":1},\n{\"b\":2},\n")).containsExactly("1 {\"a\":1}", "2 {\"b\":2}");
    assertThat(records("[\n{\"a\":1},\n{\"b\":2}\n]\n"))
        .containsExactly("1 {\"a\":1}", "2 {\"b\":2}");
    assertThat(records("[{\"a\":\"]\\\"\"}, {\"b\":[[2]]}]"))
        .containsExactly("1 {\"a\":\"]\\\"\"}", "2 {\"b\":[[2]]}");
    assertThat(records("[{\"a\":1}]\n[{\"b\":2}]\n{\"c\":3}")).as("arrays, one a line").hasSize(3);
    assertThat(records("[{\"a\":1},\n7,\n{\"b\":\n tru}]"))
        .containsExactly("1 {\"a\":1}", "2 7", "3 {\"b\":\n tru}");
    assertThat(records("\u001E{\"a\":1}\n\u001E{\"b\":2}\n")).as("RFC 7464").hasSize(2);
    assertThat(records("[]")).isEmpty();
    assertThat(records("{\n\"a\": " + "1".repeat(2_000) + "\n}\n{\n\"b\": 2\n}\n")).hasSize(2);
    assertThat(records("{\n\"a\": NaN\n}\n{\n\"b\": 2\n}\n")).hasSize(2);
    assertThat(records("{\"a\":1}\r{\"b\":2}\r")).containsExactly("1 {\"a\":1}", "2 {\"b\":2}");
  }

  @Test
  void linesStayLines_whateverIsWrongWithOne() throws IOException {
    assertThat(records("{\"a\": 1\n{\"b\":2}\n")).containsExactly("1 {\"a\": 1", "2 {\"b\":2}");
    assertThat(records("{\"a\": 1,\n{\"b\":2}\n")).containsExactly("1 {\"a\": 1,", "2 {\"b\":2}");
    assertThat(records("{\"a\": \"x\n{\"b\":2}\n")).containsExactly("1 {\"a\": \"x", "2 {\"b\":2}");
    assertThat(records("{\"a\":\n{\"b\":2}\n")).containsExactly("1 {\"a\":", "2 {\"b\":2}");
    assertThat(records("{\"a\":1}} x\n{\"b\":2}\n"))
        .containsExactly("1 {\"a\":1}} x", "2 {\"b\":2}");
    assertThat(records("ut\"}\n{\"b\":2}\n")).containsExactly("1 ut\"}", "2 {\"b\":2}");
    assertThat(records("[error] no\n{\"b\":2}\n")).containsExactly("1 [error] no", "2 {\"b\":2}");
    assertThat(records("{\"a\":1}\n[{\"b\":2}]\n")).containsExactly("1 {\"a\":1}", "2 [{\"b\":2}]");
    assertThat(records("\n\n{\"a\":1}\n\uFEFF{\"b\":2}"))
        .containsExactly("3 {\"a\":1}", "4 {\"b\":2}");
  }

  @Test
  void whatHoldsNoJsonObject_isRefusedBeforeAnythingIsSent() throws IOException {
    assertRefused("at,test\n1,2\n", "it is not JSON: no line at its beginning is an object");
    assertRefused("<html>\n</html>", "it is not JSON");
    assertRefused(
        "192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1\n", "it is not JSON");
    assertRefused("[1,\n2]", "its JSON arrays hold values that are not objects");
    assertRefused("[\"a\",\"b\"]\n[1,2]\n", "its JSON arrays hold values that are not objects");
    assertRefused("{\"a\": 1}\n", "it is JSON; read it with --format ndjson", "--format", "csv");
  }

  @Test
  void manyAndLargeValues_crossChunks() throws IOException {
    Random random = new Random(1);
    List<String> expected = new ArrayList<>();
    StringBuilder array = new StringBuilder("[\n");
    for (int number = 1; number <= 3_000; number++) {
      String text = "x{]\\\"".repeat(number == 1_500 ? 100_000 : random.nextInt(300));
      String value = "{\"a\":\n[\"" + text + "\"]}";
      expected.add(number + " " + value);
      array.append(number == 1 ? "" : ",\n ").append(value);
    }
    array.append("]\n");
    assertThat(records(array.toString())).isEqualTo(expected);
    assertThat(records(pack(Packing.GZIP, utf8(array.toString())))).isEqualTo(expected);
  }

  @Test
  void aValueThatIsTooLarge_costsItselfOnly() throws IOException {
    String large = "{\"a\":\"" + "x".repeat(3 * 1024 * 1024) + "\"}";
    assertThat(records("[{\"b\":1},\n" + large + ",\n{\"c\":2}]"))
        .containsExactly("1 {\"b\":1}", "2 of " + large.length(), "3 {\"c\":2}");
    assertThat(records("{\"b\":1}\n" + large + "\n{\"c\":2}\n"))
        .containsExactly("1 {\"b\":1}", "2 of " + large.length(), "3 {\"c\":2}");
    assertThat(records("{\"b\":1}\n" + large))
        .containsExactly("1 {\"b\":1}", "2 of " + large.length());
    assertThat(records("a,b\n1,2\n3," + "x".repeat(2_000_000) + "\n5,6\n", "--format", "csv"))
        .containsExactly("2 1,2", "3 of 2000002", "4 5,6");
    String quoted =
        (",\"" + "y".repeat(1_000) + "\n").repeat(1) + ("y".repeat(1_000) + "\n").repeat(99) + "\"";
    assertThat(records("a,b\n1" + quoted.repeat(20) + "\n5,6\n", "--format", "csv"))
        .endsWith("2003 5,6");
  }

  @Test
  void jsonThatIsCutOffOrBroken_isTold() throws IOException {
    for (String[] one :
        List.of(
            new String[] {"[{\"a\":1},\n{\"b\":", "it ends inside of record 2", "2 {\"b\":"},
            new String[] {
              "[{\"a\":1},\n{\"b\":2}", "it ends before its JSON array does", "2 {\"b\":2}"
            },
            new String[] {
              "[{\"a\":1}\n{\"b\":2}]",
              "'{' is where a comma should be; the 1 records",
              "1 {\"a\":1}"
            },
            new String[] {
              "[{\"a\":1},\n{\"b\":\"x\n},{\"c\":2}]", "a line ends inside of a text", "1 {\"a\":1}"
            })) {
      Path file = file(utf8(one[0]));
      Reading reading = new Reading();
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> Reading.read(LineSource.of(file.toString()), reading))
          .withMessageContaining(one[1]);
      assertThat(reading.records).endsWith(one[2]);
    }
    assertThat(records("{\n  \"a\": 1\n}\n{\n  \"b\": \"cut\n{\n  \"c\": 3\n}\n"))
        .as("what was cut off inside of a text is of its record only")
        .containsExactly("1 {\n  \"a\": 1\n}", "2 {\n  \"b\": \"cut\n", "3 {\n  \"c\": 3\n}");
    assertThat(records("{\n\"a\":1}\n}}\n{\n\"b\":2}\n"))
        .as("brackets too many are a record of their own")
        .containsExactly("1 {\n\"a\":1}", "2 }}\n", "3 {\n\"b\":2}");
    assertThat(records("{\n\"a\":1}\n{\n\"b\": \"cut\n")).endsWith("2 {\n\"b\": \"cut\n");
  }

  @Test
  void zerosBeforeALine_areNoneOfIt() throws IOException {
    byte[] zeros = new byte[3 * 1024 * 1024];
    assertThat(records(join(zeros, utf8(LINES)))).containsExactly(RECORDS);
    assertThat(records(join(utf8("{\"a\":\"ä€😀\"}\n"), zeros, utf8("{\"b\":2}\n"), zeros)))
        .containsExactly(RECORDS);
    assertThat(records(join(zeros, utf8("a,b\n"), zeros, utf8("\"x\ny\",2\n")), "--format", "csv"))
        .containsExactly("2 \"x\ny\",2");
  }

  @Test
  void anInterruptedFile_goesOnAtALine() throws IOException {
    String csv = "a,b\n1,\"x\ny\"\n2,\"x\"\n3,z\n";
    Path file = file(pack(Packing.GZIP, utf8(csv)));
    LineSource source = LineSource.of(file.toString());
    List<String> all = Reading.read(source, new Reading(), "--format", "csv").records;
    assertThat(all).containsExactly("2 1,\"x\ny\"", "4 2,\"x\"", "5 3,z");
    assertThat(source.standing().isDone()).isTrue();
    assertThat(source.standing().firstNotIn()).isEqualTo(6);
    assertThat(Reading.read(source.from(4), new Reading(), "--format", "csv").records)
        .containsExactly("4 2,\"x\"", "5 3,z");
    file(utf8("[{\"a\":1},{\"b\":2},\n{\"c\":3}]"));
    assertThat(Reading.read(source.from(3), new Reading()).records).containsExactly("3 {\"c\":3}");
    assertThat(Reading.read(source.from(9), new Reading()).records).isEmpty();
  }

  @Test
  void whereToGoOn_isNotBeforeADamagedFile_whoseNextWasBegun() throws IOException {
    LineSource damaged = LineSource.of(file(utf8(LINES)).toString());
    damaged.standing().given(2);
    LineSource next =
        LineSource.of(Files.write(folder.resolve("it's next"), utf8(LINES)).toString());
    assertThat(IngestCommand.goOn(List.of(damaged, next)))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .endsWith("2 " + damaged.name() + " '" + folder + "/it'\\''s next'"));
    next.standing().given(3);
    assertThat(IngestCommand.goOn(List.of(damaged, next)))
        .hasValue(
            "All of %s before line 3 is in; go on with: --from-line 3 '%s/it'\\''s next'"
                .formatted(next.name(), folder));
    damaged.standing().missing(1);
    assertThat(IngestCommand.goOn(List.of(damaged, next)))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("and perhaps some of what follows")
                    .endsWith("1 " + damaged.name() + " '" + folder + "/it'\\''s next'"));
  }

  @Test
  void whereToGoOn_isBeforeWhatIsMissing() throws IOException {
    LineSource first = LineSource.of(file(utf8(LINES + LINES)).toString());
    LineSource second = LineSource.of(file(utf8(LINES)).toString());
    Reading.read(first, new Reading());
    assertThat(IngestCommand.goOn(List.of(first, second)))
        .hasValueSatisfying(text -> assertThat(text).endsWith(": --from-line 1 " + second.name()));
    Reading.read(second, new Reading());
    assertThat(IngestCommand.goOn(List.of(first, second))).isEmpty();
    first.standing().missing(4);
    first.standing().missing(3);
    assertThat(IngestCommand.goOn(List.of(first, second)))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains("before line 3 is in, and perhaps some of what follows")
                    .endsWith(": --from-line 3 " + first.name()));
  }

  private static Path fault(String name) {
    return Path.of("src", "test", "resources", "faults", name);
  }

  /** The events of a file, by their texts. */
  private static List<String> texts(String name, String... options) {
    return FileRecords.read(EventSchema.read(fault("probe.avsc")), fault(name), options).stream()
        .map(
            read ->
                read.reason() == null
                    ? String.valueOf(read.event().get("txt"))
                    : read.reason().getMessage())
        .toList();
  }

  @Test
  void theFilesThatWentWrong_areRead() {
    assertThat(texts("pretty.ndjson")).containsExactly("v", "v", "v");
    assertThat(texts("json_array_lines.ndjson")).containsExactly("v", "v", "v");
    assertThat(texts("xz.avro")).isNotEmpty();
  }
}
