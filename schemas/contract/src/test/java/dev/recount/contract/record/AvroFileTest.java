package dev.recount.contract.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.contract.door.FileRecords;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.EventSchema;
import dev.recount.contract.event.TestingEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvroFileTest {
  private static final EventSchema SCHEMA = TestingEvents.everyType();
  private static final String EVENT =
      """
      {"at": "2024-05-17T10:00:00.001Z", "id": "ä", "flag": true, "small": -1, "large": 9223372036854775807,
       "ratio": 0.1, "single": 0.1, "raw": "AP8=", "hash": "AAE=", "price": -12.34, "day": "1969-12-31",
       "micros": "1969-12-31T23:59:59.999999Z", "colour": "BLUE", "tags": ["a", ""], "counts": {"k": 1},
       "mixed": "text", "place": {"city": "Ulm", "zip": null}}""";

  @TempDir private Path folder;

  private Path write(List<GenericRecord> events) throws IOException {
    Path file = folder.resolve("events.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(SCHEMA.avro()))) {
      writer.setCodec(CodecFactory.deflateCodec(6)).setSyncInterval(1_000);
      writer.create(SCHEMA.avro(), file.toFile());
      for (GenericRecord event : events) {
        writer.append(event);
      }
    }
    return file;
  }

  private static List<GenericRecord> events(int count) {
    List<GenericRecord> events = new ArrayList<>();
    JsonEvents door = new JsonEvents(SCHEMA);
    for (int at = 0; at < count; at++) {
      String json = at == 0 ? EVENT : "{\"at\": " + at + ", \"mixed\": false}";
      events.add(door.read(json.getBytes(StandardCharsets.UTF_8)));
    }
    return events;
  }

  @Test
  void rows_areTheEventsThatWereWritten() throws IOException {
    List<GenericRecord> events = events(5_000);
    List<FileRecords.Read> read = FileRecords.read(SCHEMA, write(events), "--format", "avro");
    assertThat(read).extracting(FileRecords.Read::event).isEqualTo(events);
    assertThat(read).extracting(FileRecords.Read::line).startsWith(1L, 2L).endsWith(5_000L);
    FileRecords.Read first = read.get(0);
    assertThat(first.layout().columns())
        .isEqualTo(SCHEMA.avro().getFields().stream().map(Schema.Field::name).toList());
    // A row that waits as a dead letter needs its file no more.
    assertThat(
            first
                .layout()
                .reader(SCHEMA, new Browsers())
                .apply(first.payload().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(events.get(0));
  }

  @Test
  void cutFile_givesTheRowsBefore() throws IOException {
    byte[] whole = Files.readAllBytes(write(events(5_000)));
    Path cut = Files.write(folder.resolve("cut.avro"), Arrays.copyOf(whole, whole.length / 2));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(SCHEMA, cut, "--format", "avro"))
        .withMessageContaining("it is damaged")
        .withMessageContaining("rows before were read");
    Path text = Files.writeString(folder.resolve("text.avro"), "{}");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(SCHEMA, text, "--format", "avro"))
        .withMessageContaining("as an Avro file");
  }

  @Test
  void unknownCodec_isNotReadable() throws IOException {
    String bytes = new String(Files.readAllBytes(write(events(1))), StandardCharsets.ISO_8859_1);
    Path file =
        Files.writeString(
            folder.resolve("codec.avro"),
            bytes.replace("deflate", "unknown"),
            StandardCharsets.ISO_8859_1);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(SCHEMA, file, "--format", "avro"))
        .withMessageContaining("as an Avro file")
        .withMessageContaining("unknown")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
  }
}
