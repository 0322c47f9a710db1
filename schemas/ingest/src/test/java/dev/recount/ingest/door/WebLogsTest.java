package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of web servers' logs, from their first bytes to events. */
class WebLogsTest {
  private static final EventSchema PAGE_VIEW = TestingEvents.pageView();
  private static final String LINE =
      "192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"Firefox/9.0\"\n";

  /** Of all events of the real logs, as they were when one format was known. */
  private static final String AS_EVER = "eac645bc25a17f91d5c26bc4eba9b611";

  private static final List<String> FIELDS =
      List.of(
          "event_time",
          "ip_address",
          "session_id",
          "page_url",
          "referrer",
          "user_agent",
          "method",
          "status",
          "bytes");

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("access.log"), text);
  }

  private static List<FileRecords.Read> combined(Path file, String... options) {
    String[] all = java.util.Arrays.copyOf(options, options.length + 2);
    all[options.length] = "--format";
    all[options.length + 1] = "combined";
    return FileRecords.read(PAGE_VIEW, file, all);
  }

  private List<Object> values(String field, String text, String... options) throws IOException {
    return FileRecords.read(PAGE_VIEW, file(text), options).stream()
        .map(read -> read.event() == null ? "rejected" : read.event().get(field))
        .toList();
  }

  private static Map<Object, Long> counts(List<FileRecords.Read> records, String field) {
    return records.stream()
        .filter(read -> read.event() != null)
        .collect(Collectors.groupingBy(r -> r.event().get(field), Collectors.counting()));
  }

  @Test
  void realLogs_haveTheirKnownAnswers() throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("MD5");
    List<FileRecords.Read> records =
        combined(SharedData.file("access-logs/semicomplete-2015-05.log.gz"));
    assertThat(records)
        .hasSize(10_000)
        .filteredOn(read -> read.event() == null)
        .extracting(FileRecords.Read::line)
        .containsExactly(8899L);
    assertThat(counts(records, "ip_address")).hasSize(1_753).containsEntry("66.249.73.135", 482L);
    // One of 9,126 is in the line that is cut.
    assertThat(counts(records, "status"))
        .containsEntry(200, 9_125L)
        .containsEntry(304, 445L)
        .containsEntry(404, 213L);
    List<FileRecords.Read> first = records;
    records = combined(SharedData.file("access-logs/sparkdeveloper-2016.log.gz"));
    assertThat(counts(records, "ip_address")).hasSize(8_799);
    assertThat(counts(records, "status"))
        .containsEntry(200, 170_130L)
        .containsEntry(404, 21_611L)
        .containsEntry(301, 4_968L);
    add(records, digest);
    add(first, digest);
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(AS_EVER);
  }

  private static void add(List<FileRecords.Read> records, MessageDigest digest) {
    for (FileRecords.Read read : records) {
      String line =
          read.event() == null
              ? "REJ"
              : FIELDS.stream()
                  .map(field -> read.event().get(field) + "|")
                  .collect(Collectors.joining());
      digest.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void faults_areMended() {
    for (String name : List.of("vhost_combined", "syslog_prefix", "xff_list")) {
      List<FileRecords.Read> records = combined(SharedData.file("faults/" + name + ".log"));
      assertThat(counts(records, "ip_address"))
          .as(name)
          .isEqualTo(
              IntStream.rangeClosed(1, 5)
                  .boxed()
                  .collect(Collectors.toMap(i -> "192.0.2." + i, i -> 1L)));
      assertThat(counts(records, "session_id")).hasSize(5);
    }
    assertThat(counts(combined(SharedData.file("faults/copytruncate_nul.log")), "ip_address"))
        .isEqualTo(Map.of("192.0.2.9", 2L));
  }

  @Test
  void letterOfAFile_keepsHowItIsRead() throws IOException {
    Path vhost = file(("www.example.com " + LINE).repeat(3) + "cut\n");
    assertThat(combined(vhost))
        .extracting(read -> read.layout().log().format())
        .containsOnly("vhost_combined");
    assertThat(combined(vhost).get(3).reason())
        .hasMessageContaining("as combined, vhost before: expected a host");
    Path common = file("192.0.2.1 [17/May/2015:10:05:03 +0000] /a\n");
    assertThat(combined(common).get(0).event()).isNull();
    assertThat(combined(common, "--log-format", "%h %t %U").get(0).event().get("page_url"))
        .isEqualTo("/a");
    assertThat(
            combined(
                    file("10.0.0.1, 10.0.0.2" + LINE.substring(9)),
                    "--trusted-proxies",
                    "10.0.0.2,::1")
                .get(0)
                .event()
                .get("ip_address"))
        .isEqualTo("10.0.0.1");
  }

  @Test
  void recognition_looksAtMoreThanTheFirstLine_butNotAtACutOne() throws IOException {
    String vhost = "www.example.com " + LINE;
    String text = "garbage\n" + LINE + vhost.repeat(2_000) + LINE.substring(0, 80);
    List<FileRecords.Read> records = combined(file(text));
    assertThat(records).hasSize(2_003);
    assertThat(records).filteredOn(read -> read.event() == null).hasSize(2);
    // A file of one line without its end is a whole one.
    assertThat(combined(file(vhost.strip())).get(0).layout().log().format())
        .isEqualTo("vhost_combined");
    assertThat(combined(file(""))).isEmpty();
  }

  @Test
  void whatIsNoSuchLog_isRefusedBeforeAnythingIsSent() throws IOException {
    for (String text : List.of("{\"a\": 1}\n", "#Version: 1.0\n#Fields: date time\n")) {
      Path file = file(text);
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> combined(file))
          .withMessageContaining("access.log': it")
          .withMessageContaining("and a mapping")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
    }
  }

  @Test
  void columnsOfW3c_mayChangeWithinAFile() throws IOException {
    Path map =
        Files.writeString(
            folder.resolve("w3c.conf"),
            "event_time { from = [date, time], zone = UTC }, ip_address = c-ip, page_url = cs-uri-stem");
    String[] options = {"--format", "w3c", "--map", map.toString()};
    String fields = "#Fields: date time c-ip cs-uri-stem\r\n";
    String text =
        fields
            + "2015-05-17 10:05:03 192.0.2.1 /a\r\n#Date: x\r\n#\r\n"
            + "#Fields: cs-uri-stem c-ip time date\n/b 192.0.2.2 10:05:04 2015-05-17\n/cut 192.0.2.3\n";
    assertThat(values("ip_address", text, options))
        .containsExactly("192.0.2.1", "192.0.2.2", "rejected");
    List<FileRecords.Read> records = FileRecords.read(PAGE_VIEW, file(text), options);
    assertThat(records).extracting(FileRecords.Read::line).containsExactly(2L, 6L, 7L);
    assertThat(records.get(2).reason())
        .hasMessageContaining("the line has 2 values, but there" + " are 4");
    String row = "2015-05-17 10:05:03 192.0.2.1 /a\n";
    assertThat(values("page_url", (fields + row).repeat(500), options))
        .hasSize(500)
        .containsOnly("/a");
    assertThat(
            values(
                "page_url",
                fields + row,
                "--format",
                "w3c",
                "--map",
                map.toString(),
                "--columns",
                "date,time,c-ip,cs-uri-stem"))
        .containsExactly("/a");
    assertRefused(row, "no line '#Fields: ...' names its columns before line 1", options);
    assertRefused("#Fields: date time\n", "there is no column 'c-ip'", options);
    assertRefused(
        fields + row + "#Fields: date time\n" + row,
        "access.log' from line 3 on, which names its columns: Cannot map to 'page_view': field 'ip_address': there is"
            + " no column 'c-ip'",
        options);
    assertThat(values("page_url", "\r\n\n" + fields + row, options)).containsExactly("/a");
  }

  private void assertRefused(String text, String words, String... options) throws IOException {
    Path file = file(text);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(PAGE_VIEW, file, options))
        .withMessageContaining(words);
  }

  @Test
  void options_areForWhatTheyAreFor() throws IOException {
    assertRefused(LINE, "--log-format is for --format combined", "--log-format", "common");
    assertRefused(LINE, "--trusted-proxies is for --format combined", "--trusted-proxies", "::1");
    assertRefused(
        LINE, "Cannot use the log format 'x'", "--format", "combined", "--log-format", "x");
    assertRefused(
        LINE, "Cannot trust the proxy 'x'", "--format", "combined", "--trusted-proxies", "x");
  }
}
