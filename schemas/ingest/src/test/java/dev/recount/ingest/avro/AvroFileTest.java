package dev.recount.ingest.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import dev.recount.ingest.door.FileRecords;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.weblog.Browsers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.apache.avro.Schema;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    return write(events, CodecFactory.deflateCodec(6));
  }

  private Path write(List<GenericRecord> events, CodecFactory codec) throws IOException {
    Path file = folder.resolve("events.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(SCHEMA.avro()))) {
      writer.setCodec(codec).setSyncInterval(1_000);
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
            RecordReaders.of(first.layout(), SCHEMA, new Browsers())
                .apply(first.payload().getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(events.get(0));
  }

  @Test
  void bytesRead_growWithTheRows() throws IOException {
    Path file = write(events(5_000));
    try (RowFile.Rows rows = new AvroFile().open(file)) {
      Iterator<String> json = rows.json().iterator();
      for (int i = 0; i < 2_500; i++) {
        json.next();
      }
      assertThat(rows.bytesRead().getAsLong())
          .isBetween(Files.size(file) / 4, Files.size(file) * 3 / 4);
      json.forEachRemaining(row -> {});
      assertThat(rows.bytesRead().getAsLong()).isEqualTo(Files.size(file));
    }
  }

  @Test
  void cutFile_givesTheRowsBefore() throws IOException {
    byte[] whole = Files.readAllBytes(write(events(5_000)));
    Path cut = Files.write(folder.resolve("cut.avro"), Arrays.copyOf(whole, whole.length / 2));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(SCHEMA, cut, "--format", "avro"))
        .withMessageContaining("it is damaged")
        .withMessageContaining("rows were read");
    Path text = Files.writeString(folder.resolve("text.avro"), "{}");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(SCHEMA, text, "--format", "avro"))
        .withMessageContaining("as an Avro file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "deflate", "bzip2", "xz", "zstandard", "snappy"})
  void everyCodec_isRead(String codec) throws IOException {
    List<GenericRecord> events = events(100);
    Path file = write(events, CodecFactory.fromString(codec));
    assertThat(FileRecords.read(SCHEMA, file, "--format", "avro"))
        .extracting(FileRecords.Read::event)
        .isEqualTo(events);
  }

  /** A file of one block, the header of which claims what it likes. */
  private Path file(String codec, long records, long size, byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {'O', 'b', 'j', 1});
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeMapStart();
    encoder.setItemCount(2);
    encoder.writeString("avro.schema");
    encoder.writeBytes(SCHEMA.json().getBytes(StandardCharsets.UTF_8));
    encoder.writeString("avro.codec");
    encoder.writeBytes(codec.getBytes(StandardCharsets.UTF_8));
    encoder.writeMapEnd();
    bytes.writeBytes(new byte[16]);
    encoder.writeLong(records);
    encoder.writeLong(size);
    bytes.writeBytes(data);
    bytes.writeBytes(new byte[16]);
    return Files.write(folder.resolve("hostile.avro"), bytes.toByteArray());
  }

  private void assertDamagedCheaply(Path file, String message) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> FileRecords.read(SCHEMA, file, "--format", "avro"))
        .withMessageContaining(message);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(512L * 1024 * 1024);
  }

  @Test
  void sizesThatAreNotThere_failTheFile_beforeAnythingIsAllocated() throws IOException {
    assertDamagedCheaply(
        file("null", 1, Integer.MAX_VALUE, new byte[9]), "it should have 2147483647");
    assertDamagedCheaply(file("null", 1, Long.MAX_VALUE, new byte[9]), "the file has");
    assertDamagedCheaply(file("null", 1, -1, new byte[9]), "it should have -1 bytes");
    assertDamagedCheaply(file("null", -1, 9, new byte[9]), "the block at byte");
    assertDamagedCheaply(
        file("null", Long.MAX_VALUE, 9, new byte[9]), "do not hold 9223372036854775807");
    assertDamagedCheaply(file("null", 9, 9, new byte[9]), "a record cannot be read: ");
    byte[] header = "Obj\u0001".getBytes(StandardCharsets.ISO_8859_1);
    byte[] claims = Arrays.copyOf(header, 30);
    // One entry of the header whose name is to have two thousand million characters.
    claims[4] = 2;
    Arrays.fill(claims, 5, 9, (byte) 0xFF);
    claims[9] = 15;
    assertDamagedCheaply(Files.write(folder.resolve("h.avro"), claims), "its header is damaged");
  }

  @Test
  void blockThatUnpacksWithoutEnd_isLeftOut() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out =
        new DeflaterOutputStream(packed, new Deflater(9, true), 64 * 1024)) {
      byte[] zeros = new byte[1024 * 1024];
      for (int i = 0; i < 65; i++) {
        out.write(zeros);
      }
    }
    assertDamagedCheaply(
        file("deflate", 1, packed.size(), packed.toByteArray()), "unpacks to more than");
  }

  @Test
  void brokenBlock_costsItsOwnRowsOnly_andIsTold() throws IOException {
    List<GenericRecord> events = events(1_000);
    byte[] whole = Files.readAllBytes(write(events));
    whole[whole.length / 2] ^= 0x55;
    Path file = Files.write(folder.resolve("broken.avro"), whole);
    List<String> rows = new ArrayList<>();
    try (RowFile.Rows read = new AvroFile().open(file)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> read.json().forEach(rows::add))
          .withMessageContaining("the block at byte ")
          .withMessageContaining("all others were read");
    }
    assertThat(rows).hasSizeBetween(500, 999);
    assertThat(rows.get(rows.size() - 1)).contains("1970-01-01T00:00:00.999Z");
  }

  @Test
  void schemaThatContainsItself_andDeepRecords_areDamageAndNoStackOverflow() throws IOException {
    Schema list =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "l", "fields": [{"name": "at", "type": ["null", "l"]}]}""");
    Path file = folder.resolve("deep.avro");
    byte[] deep = new byte[100_000];
    Arrays.fill(deep, (byte) 2);
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(list))) {
      writer.create(list, file.toFile());
      writer.appendEncoded(ByteBuffer.wrap(deep));
    }
    try (RowFile.Rows rows = new AvroFile().open(file)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> rows.json().toList())
          .withMessageContaining("nested deeper than 256 levels");
    }
  }

  @Test
  void textsBytesAndNumbers_areTakenAsFromAProducer() throws IOException {
    Schema writer =
        new Schema.Parser()
            .parse(
                """
                {"type": "record", "name": "w", "fields": [
                  {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
                  {"name": "id", "type": ["bytes", "string"]},
                  {"name": "ratio", "type": "double"}]}""");
    Path file = folder.resolve("bytes.avro");
    try (DataFileWriter<GenericRecord> out =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(writer))) {
      out.create(writer, file.toFile());
      for (Object id :
          List.of(
              ByteBuffer.wrap("w\u00F6rld".getBytes(StandardCharsets.UTF_8)),
              ByteBuffer.wrap(new byte[] {(byte) 0xC0, (byte) 0x80}),
              new Utf8(new byte[] {'a', (byte) 0xED, (byte) 0xA0, (byte) 0x80}),
              "ok")) {
        GenericRecord record = new GenericData.Record(writer);
        record.put("at", 1L);
        record.put("id", id);
        record.put("ratio", Double.NaN);
        out.append(record);
      }
    }
    List<FileRecords.Read> read = FileRecords.read(SCHEMA, file, "--format", "avro");
    assertThat(read.get(0).event().get("id")).isEqualTo("w\u00F6rld");
    assertThat(read.get(0).event().get("ratio")).isEqualTo(Double.NaN);
    assertThat(read.get(1).reason())
        .hasMessageContaining("'id' is 2 bytes that are not text in UTF-8");
    assertThat(read.get(2).reason()).hasMessageContaining("'id' is a text that is not UTF-8");
    assertThat(read.get(3).event().get("id")).isEqualTo("ok");
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
