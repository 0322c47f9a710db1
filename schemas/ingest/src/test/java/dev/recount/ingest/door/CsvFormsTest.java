package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.source.LineSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CSV as programs write it, and without its header. */
class CsvFormsTest {
  @TempDir private Path folder;

  private static Path fault(String name) {
    return Path.of("src", "test", "resources", "faults", name);
  }

  private static Reading csv(Path file, String... options) {
    String[] all = Arrays.copyOf(options, options.length + 2);
    all[options.length] = "--format";
    all[options.length + 1] = "csv";
    return Reading.read(LineSource.of(file.toString()), new Reading(), all);
  }

  private Reading csv(String text, String... options) throws IOException {
    return csv(Files.writeString(folder.resolve("file"), text), options);
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

  private void assertRefused(String text, String reason, String... options) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> csv(text, options))
        .withMessageContaining(reason);
  }

  @Test
  void csvAsSpreadsheetsWriteIt_isRead() throws IOException {
    assertThat(texts("excel_sep.csv", "--format", "csv")).containsExactly("a");
    assertThat(texts("trailing_delimiter.csv", "--format", "csv")).containsExactly("a");
    Reading named = csv("sep=\t\r\na\tb\r\n1\t2\r\n");
    assertThat(named.records).containsExactly("3 1\t2");
    assertThat(named.layout.delimiter()).isEqualTo('\t');
    assertThat(csv("sep=;\na,b\n1,2\n", "--delimiter", ",").layout.columns())
        .containsExactly("a", "b");

    Reading trailing = csv("a;b;;\n1;2;;\n3;4\n5;6;;;\n");
    assertThat(trailing.layout.columns()).containsExactly("a", "b", "", "");
    assertThat(trailing.notes)
        .anyMatch(
            note ->
                note.contains("its first line has no comma, so the delimiter is assumed to be ';'"))
        .anyMatch(note -> note.endsWith("columns without a name are left out: column 3, 4"));
    Reading index = csv(",a\n0,x\n");
    assertThat(index.layout.leftOut()).containsExactly(1);
    assertThat(csv("Unnamed: 0,a\n0,x\n").layout.leftOut()).containsExactly(1);
    assertRefused(",,\n1,2,3\n", "its first line names no column");
  }

  @Test
  void aDelimiter_isGuessedOnlyWhereThereIsOne() throws IOException {
    assertThat(csv("a|b\n").layout.columns()).containsExactly("a", "b");
    assertThat(csv("a|b;c\n").layout.columns()).containsExactly("a|b;c");
    assertThat(csv("a,b;c\n").layout.columns()).containsExactly("a", "b;c");
    assertThat(csv("\"a;b\"\n").layout.columns()).containsExactly("a;b");
    assertThat(csv("a;b\n", "--delimiter", ",").layout.columns()).containsExactly("a;b");
  }

  @Test
  void json_isRefused_andAUuidInBracketsIsAValue() throws IOException {
    for (String json : List.of("{\"a\":1}\n", "{ \"a\": 1,\n\"b\": 2}\n", "[{\"a\":1}]\n", "{\n")) {
      assertRefused(json, "it is JSON; read it with --format ndjson");
    }
    assertThat(csv("{3f25-04e0},1\n", "--columns", "a,b").records)
        .containsExactly("1 {3f25-04e0},1");
  }

  @Test
  void csvWithoutAHeader_isReadByItsColumns() throws IOException {
    Reading reading = csv("1,\"x\ny\",3\n4,5,6\n", "--columns", "a,,c");
    assertThat(reading.layout.columns()).containsExactly("a", "", "c");
    assertThat(reading.records).containsExactly("1 1,\"x\ny\",3", "3 4,5,6");
    assertRefused(
        "1,2\n", "its first record has 2 values, but --columns names 3", "--columns", "a,b,c");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Reading.format("--format", "csv", "--columns", "a,b,a"))
        .withMessageContaining("--columns names 'a' twice");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Reading.format("--format", "csv", "--columns", ","))
        .withMessageContaining("--columns names no column");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> Reading.format("--columns", "a,b"))
        .withMessageContaining("--columns is for --format csv");
  }
}
