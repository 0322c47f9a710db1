package dev.recount.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.RecountException;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineReaderTest {
  private static final RecordLayout NDJSON = RecordLayout.of(RecordFormat.NDJSON);
  private static final RecordLayout CSV = RecordLayout.of(RecordFormat.CSV);

  private static final int LONGEST_VALUE = 1024 * 1024;
  private static final RecordLimits LIMITS = new RecordLimits(8 * LONGEST_VALUE, LONGEST_VALUE);

  @TempDir private Path folder;

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  /** Keeps {@code number:text} of what is read, after the columns in brackets. */
  private record Lines(List<String> lines) implements SourceSink {
    @Override
    public void say(String note) {
      lines.add(note);
    }

    @Override
    public void layout(RecordLayout layout) {
      if (layout.columns() != null) {
        lines.add(layout.columns().toString());
      }
    }

    @Override
    public void chunk(LineChunk chunk) {
      chunk.forEach(
          new Tally(),
          new Share(new LongAdder(), 0),
          line ->
              lines.add(line.number() + ":" + new String(line.payload(), StandardCharsets.UTF_8)));
    }
  }

  private static void read(Path file, List<String> lines, RecordLayout layout) {
    LineSource source = LineSource.of(file.toString());
    try (OpenSource text = source.open()) {
      new LineReader(source, layout, LIMITS, new Lines(lines), 1).read(text, () -> false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> read(byte[] content) throws IOException {
    List<String> lines = new ArrayList<>();
    read(Files.write(folder.resolve("file"), content), lines, NDJSON);
    return lines;
  }

  private List<String> readCsv(byte[] content) throws IOException {
    List<String> lines = new ArrayList<>();
    read(Files.write(folder.resolve("file"), content), lines, CSV);
    return lines;
  }

  @Test
  void lines_areNumbered_blankOnesPassedOver() throws IOException {
    assertThat(read("a\r\n\n \t\nb\nc".getBytes(StandardCharsets.UTF_8)))
        .containsExactly("1:a", "4:b", "5:c");
    assertThat(read(gzip("a\nb\n"))).containsExactly("1:a", "2:b");
    assertThat(read(gzip("\uFEFFa\nb\n"))).containsExactly("1:a", "2:b");
    assertThat(read("\uFEFFa".getBytes(StandardCharsets.UTF_8))).containsExactly("1:a");
    assertThat(read(new byte[0])).isEmpty();
  }

  @Test
  void manyAndLongLines_crossChunks() throws IOException {
    Random random = new Random(1);
    List<String> expected = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int number = 1; number <= 3_000; number++) {
      String line = "x".repeat(number == 1_500 ? 1_500_000 : 1 + random.nextInt(900));
      expected.add(number + ":" + line);
      text.append(line).append('\n');
    }
    assertThat(read(text.toString().getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
    assertThat(read(gzip(text.toString()))).isEqualTo(expected);
  }

  @Test
  void csvRecords_endOutsideOfQuotes() throws IOException {
    String text =
        "\uFEFFa,\" b\nb \",c\r\n1,\"two\n\n\"\"lines\"\"\",3\r\n\n4,5\"\" wide,\"6\"\n7, \"x,8\n";
    String[] expected = {
      "[a, b\nb, c]", "3:1,\"two\n\n\"\"lines\"\"\",3", "7:4,5\"\" wide,\"6\"", "8:7, \"x,8"
    };
    assertThat(readCsv(text.getBytes(StandardCharsets.UTF_8))).containsExactly(expected);
    assertThat(readCsv(gzip(text))).containsExactly(expected);
    assertThat(readCsv("a".getBytes(StandardCharsets.UTF_8))).containsExactly("[a]");
    assertThat(readCsv(new byte[0])).isEmpty();
  }

  @Test
  void csvRecords_ofEmptyColumns_areNotPassedOver() throws IOException {
    List<String> lines = new ArrayList<>();
    Path file = Files.writeString(folder.resolve("file"), "a\tb\n\t\n\r\n\n1\t2\n");
    read(file, lines, CSV.withDelimiter('\t'));
    assertThat(lines).containsExactly("[a, b]", "2:\t", "5:1\t2");
  }

  @Test
  void aQuoteThatIsNotClosedInTime_isOfItsLineOnly() throws IOException {
    String whole = "2,\"" + "y\n".repeat(LONGEST_VALUE / 2 - 1) + "\"";
    List<String> expected = new ArrayList<>(List.of("[a, b]", "2:1,\"x"));
    StringBuilder text = new StringBuilder("a,b\n1,\"x\n");
    for (int number = 3; number <= 200_000; number++) {
      expected.add(number + ":1,line" + number);
      text.append("1,line").append(number).append('\n');
    }
    expected.add("200001:" + whole);
    text.append(whole).append("\n3,\"end\n4,5\n");
    int next = 200_001 + LONGEST_VALUE / 2;
    expected.add(next + ":3,\"end");
    expected.add((next + 1) + ":4,5");
    assertThat(readCsv(text.toString().getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
    assertThat(readCsv(gzip(text.toString()))).isEqualTo(expected);
  }

  @Test
  void csvRecords_crossChunks() throws IOException {
    Random random = new Random(1);
    List<String> expected = new ArrayList<>(List.of("[a, b]"));
    StringBuilder text = new StringBuilder("a,b\n");
    int number = 2;
    for (int i = 0; i < 3_000; i++) {
      int lines = random.nextInt(3);
      String record = i + ",\"" + "x\"\"\n".repeat(lines) + "y".repeat(random.nextInt(900)) + '"';
      expected.add(number + ":" + record);
      text.append(record).append('\n');
      number += lines + 1;
    }
    assertThat(readCsv(text.toString().getBytes(StandardCharsets.UTF_8))).isEqualTo(expected);
    assertThat(readCsv(gzip(text.toString()))).isEqualTo(expected);
  }

  @Test
  void csvHeader_mustNameColumns() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> readCsv("\r\na,b\n".getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("its first line is empty");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> readCsv("a,b, a\n".getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("two columns are named 'a'");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> readCsv("a,b\r1,2\r".getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("a carriage return is outside of quotes");
  }

  @Test
  void cutGzip_givesTheLinesBefore() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100_000; i++) {
      text.append(random.nextLong()).append('\n');
    }
    byte[] whole = gzip(text.toString());
    Path file = Files.write(folder.resolve("cut.gz"), Arrays.copyOf(whole, whole.length / 2));
    List<String> lines = new ArrayList<>();

    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> read(file, lines, NDJSON))
        .withMessageContaining("cut off or damaged")
        .satisfies(
            e -> assertThat(e.getMessage()).contains("the " + lines.size() + " whole lines"));
    assertThat(lines.size()).isBetween(30_000, 70_000);
  }

  @Test
  void missingFileAndFolder_areRefused() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> LineSource.of(folder.resolve("none").toString()))
        .withMessageContaining("there is no such file");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> LineSource.of(folder.toString()))
        .withMessageContaining("it is a folder");
  }

  @Test
  void gzipsOfAPipe_areAllRead() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    CountDownLatch firstIsRead = new CountDownLatch(1);
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try (OutputStream out = new FileOutputStream(pipe.toFile())) {
                out.write(gzip("first\n"));
                firstIsRead.await();
                out.write(gzip("b\n"));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    List<String> lines = new ArrayList<>();
    LineSource source = LineSource.of(pipe.toString());
    try (InputStream in = source.open()) {
      lines.add(String.valueOf((char) in.read()));
      firstIsRead.countDown();
      lines.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    written.join();
    assertThat(lines).containsExactly("f", "irst\nb\n");
  }
}
