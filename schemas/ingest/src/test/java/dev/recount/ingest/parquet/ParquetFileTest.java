package dev.recount.ingest.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.avro.RowFile;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.weblog.Browsers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParquetFileTest {
  private static final MessageType EVERY_TYPE =
      MessageTypeParser.parseMessageType(
          """
          message every_type {
            required boolean flag;
            required int32 small;
            required int32 unsigned (INTEGER(32,false));
            required int64 large;
            required int64 huge (INTEGER(64,false));
            required float single;
            required double ratio;
            required binary text (STRING);
            required binary raw;
            required fixed_len_byte_array(16) id (UUID);
            required fixed_len_byte_array(2) half (FLOAT16);
            required int32 day (DATE);
            required int32 clock (TIME(MILLIS,true));
            required int64 millis (TIMESTAMP(MILLIS,true));
            required int64 micros (TIMESTAMP(MICROS,true));
            required int64 nanos (TIMESTAMP(NANOS,true));
            required int64 local (TIMESTAMP(MICROS,false));
            required int96 old;
            required int32 price (DECIMAL(9,2));
            required int64 larger_price (DECIMAL(18,3));
            required binary largest_price (DECIMAL(38,4));
            optional binary nothing (STRING);
            optional group place { required binary city (STRING); optional int32 zip; }
            optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
            optional group old_tags (LIST) { repeated int32 array; }
            optional group counts (MAP) { repeated group key_value { required binary key (STRING); optional int32 value; } }
            repeated int32 bare;
          }""");

  @TempDir private Path folder;
  private int files;

  private static RowFile format() {
    return ServiceLoader.load(RowFile.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(format -> format.name().equals("parquet"))
        .findFirst()
        .orElseThrow();
  }

  private Path write(MessageType schema, CompressionCodecName codec, List<Group> rows)
      throws IOException {
    Path file = folder.resolve(codec + "-" + files++ + ".parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .withCompressionCodec(codec)
            .build()) {
      for (Group row : rows) {
        writer.write(row);
      }
    }
    return file;
  }

  private static Binary int96(long nanosOfDay, int julianDay) {
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    return Binary.fromConstantByteArray(bytes.putLong(nanosOfDay).putInt(julianDay).array());
  }

  private static Group everyType() {
    Group row = new SimpleGroupFactory(EVERY_TYPE).newGroup();
    row.append("flag", true).append("small", -1).append("unsigned", -1);
    row.append("large", Long.MIN_VALUE).append("huge", -1L).append("single", 0.1f);
    row.append("ratio", 0.1d).append("text", "ä\n\"").append("raw", bytes(0, 255));
    row.append("id", bytes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    row.append("half", bytes(0, 0x3e)).append("day", -1).append("clock", 3_723_004);
    row.append("millis", -1L).append("micros", 1_000_001L).append("nanos", 1L);
    row.append("local", 1_000_001L).append("old", int96(1_000_000L, 2_440_587));
    row.append("price", -1234).append("larger_price", 5L).append("largest_price", bytes(255));
    row.addGroup("place").append("city", "Ulm");
    Group tags = row.addGroup("tags");
    tags.addGroup("list").append("element", "a");
    tags.addGroup("list");
    row.addGroup("old_tags").append("array", 7);
    Group counts = row.addGroup("counts");
    counts.addGroup("key_value").append("key", "k").append("value", 1);
    counts.addGroup("key_value").append("key", "none");
    return row.append("bare", 1).append("bare", 2);
  }

  private static Binary bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return Binary.fromConstantByteArray(bytes);
  }

  @Test
  void everyType_isJson() throws IOException {
    Path file = write(EVERY_TYPE, CompressionCodecName.UNCOMPRESSED, List.of(everyType()));
    try (RowFile.Rows rows = format().open(file)) {
      assertThat(rows.columns()).hasSize(27).startsWith("flag", "small");
      assertThat(rows.json())
          .containsExactly(
              "{\"flag\":true,\"small\":-1,\"unsigned\":4294967295,\"large\":-9223372036854775808,"
                  + "\"huge\":18446744073709551615,\"single\":0.1,\"ratio\":0.1,\"text\":\"ä\\n\\\"\","
                  + "\"raw\":{\"$bytes\":\"AP8=\"},\"id\":\"00010203-0405-0607-0809-0a0b0c0d0e0f\",\"half\":1.5,"
                  + "\"day\":\"1969-12-31\",\"clock\":\"01:02:03.004\","
                  + "\"millis\":\"1969-12-31T23:59:59.999Z\",\"micros\":\"1970-01-01T00:00:01.000001Z\","
                  + "\"nanos\":\"1970-01-01T00:00:00.000000001Z\",\"local\":\"1970-01-01T00:00:01.000001\","
                  + "\"old\":\"1969-12-31T00:00:00.001Z\",\"price\":-12.34,\"larger_price\":0.005,"
                  + "\"largest_price\":-0.0001,\"nothing\":null,\"place\":{\"city\":\"Ulm\",\"zip\":null},"
                  + "\"tags\":[\"a\",null],\"old_tags\":[7],\"counts\":{\"k\":1,\"none\":null},"
                  + "\"bare\":[1,2]}");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"})
  void everyCodec_isRead_inOrder(CompressionCodecName codec) throws IOException {
    MessageType schema = MessageTypeParser.parseMessageType("message m { required int32 n; }");
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    List<Group> written =
        java.util.stream.IntStream.range(0, 10_000)
            .mapToObj(n -> groups.newGroup().append("n", n))
            .toList();
    Path file = write(schema, codec, written);
    try (RowFile.Rows rows = format().open(file)) {
      assertThat(rows.bytesRead().getAsLong()).isZero();
      List<String> json = rows.json().toList();
      assertThat(rows.bytesRead().getAsLong()).isEqualTo(Files.size(file));
      assertThat(json).hasSize(10_000).startsWith("{\"n\":0}", "{\"n\":1}");
      assertThat(json).endsWith("{\"n\":9999}");
    }
  }

  private static final EventSchema EVENT =
      EventSchema.parse(
          """
          {"type": "record", "name": "e", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "txt", "type": ["null", "string"], "default": null, "doc": "d"},
            {"name": "raw", "type": ["null", "bytes"], "default": null, "doc": "d"},
            {"name": "dbl", "type": ["null", "double"], "default": null, "doc": "d"},
            {"name": "flt", "type": ["null", "float"], "default": null, "doc": "d"},
            {"name": "clock", "type": ["null", {"type": "int", "logicalType": "time-millis"}], "default": null, "doc": "d"},
            {"name": "counts", "type": {"type": "map", "values": "int"}, "default": {}, "doc": "d"}]}""",
          "e");

  /** The field of each row as an event, or the reason why there is none. */
  private List<Object> events(String field, MessageType schema, List<Group> rows)
      throws IOException {
    try (RowFile.Rows file = format().open(write(schema, CompressionCodecName.SNAPPY, rows))) {
      Function<byte[], GenericRecord> reader =
          RecordReaders.of(
              RecordLayout.of(RecordFormat.NDJSON).withColumns(file.columns()),
              EVENT,
              new Browsers());
      return file.json()
          .map(row -> read(field, reader, row.getBytes(StandardCharsets.UTF_8)))
          .toList();
    }
  }

  private static Object read(String field, Function<byte[], GenericRecord> reader, byte[] row) {
    try {
      return reader.apply(row).get(field);
    } catch (RecountException e) {
      return e.code() + " " + e.getMessage();
    }
  }

  @Test
  void bytesWithoutAMark_areText_orBytesWhereTheFieldIsBytes() throws IOException {
    for (String mark : List.of("", " (STRING)")) {
      MessageType schema =
          MessageTypeParser.parseMessageType(
              "message m { required int64 at (TIMESTAMP(MILLIS,true)); optional binary txt"
                  + mark
                  + "; optional binary raw; }");
      SimpleGroupFactory groups = new SimpleGroupFactory(schema);
      List<Group> rows =
          List.of(
              groups
                  .newGroup()
                  .append("at", 1L)
                  .append("txt", "w\u00F6rld")
                  .append("raw", bytes(255)),
              groups.newGroup().append("at", 2L).append("txt", "abcd"),
              groups.newGroup().append("at", 3L),
              groups.newGroup().append("at", 4L).append("txt", bytes('a', 0xED, 0xA0, 0x80)),
              groups.newGroup().append("at", 5L).append("txt", bytes(0xC0, 0x80)));
      List<Object> texts = events("txt", schema, rows);
      assertThat(texts.subList(0, 3)).containsExactly("w\u00F6rld", "abcd", null);
      assertThat(texts.subList(3, 5))
          .allSatisfy(
              refused ->
                  assertThat(refused.toString()).contains("EVENT_FIELD_TYPE", "'txt'", "UTF-8"));
      assertThat(events("raw", schema, rows).get(0)).isEqualTo(ByteBuffer.wrap(new byte[] {-1}));
    }
  }

  @Test
  void numbersThatAreNotFinite_areTakenAsFromAProducer() throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message m { required int64 at (TIMESTAMP(MILLIS,true)); required double dbl; required"
                + " float flt; }");
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    List<Group> rows =
        List.of(
            groups.newGroup().append("at", 1L).append("dbl", Double.NaN).append("flt", Float.NaN),
            groups
                .newGroup()
                .append("at", 1L)
                .append("dbl", Double.NEGATIVE_INFINITY)
                .append("flt", Float.POSITIVE_INFINITY),
            groups
                .newGroup()
                .append("at", 1L)
                .append("dbl", Double.MIN_VALUE)
                .append("flt", Float.MAX_VALUE));
    assertThat(events("dbl", schema, rows))
        .containsExactly(Double.NaN, Double.NEGATIVE_INFINITY, Double.MIN_VALUE);
    assertThat(events("flt", schema, rows))
        .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE);
  }

  @Test
  void timesThatNoClockShows_areRefused_andKeysAreTexts() throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType(
            "message m { required int64 at (TIMESTAMP(MILLIS,true)); required int32 clock"
                + " (TIME(MILLIS,true)); optional group counts (MAP) { repeated group key_value {"
                + " required binary key; optional int32 value; } } }");
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    List<Group> rows = new ArrayList<>();
    for (int clock : new int[] {0, 86_399_999, 86_400_000, -1}) {
      Group row = groups.newGroup().append("at", 1L).append("clock", clock);
      row.addGroup("counts").addGroup("key_value").append("key", "k\u00F6").append("value", 1);
      rows.add(row);
    }
    rows.get(1)
        .getGroup("counts", 0)
        .addGroup("key_value")
        .append("key", bytes(0xFF))
        .append("value", 1);
    List<Object> clocks = events("clock", schema, rows);
    assertThat(clocks.get(0)).isEqualTo(0);
    assertThat(clocks.get(1).toString())
        .contains("field 'counts' has a key that is a text that is not UTF-8");
    assertThat(clocks.get(2).toString()).contains("86400000 millis");
    assertThat(clocks.get(3).toString()).contains("-1 millis");
    assertThat(events("counts", schema, rows).get(0)).isEqualTo(Map.of("k\u00F6", 1));
  }

  @Test
  void codecThatCannotBeRead_isNamedAtOnce() throws Exception {
    Path file = Path.of(getClass().getResource("/faults/brotli.parquet").toURI());
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> format().open(file))
        .withMessageContaining("is compressed with BROTLI, which Recount cannot read; write it")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
  }

  @Test
  void columnThatDoesNotLieInTheFile_isRefusedBeforeItIsRead() throws IOException {
    MessageType schema = MessageTypeParser.parseMessageType("message m { required int32 n; }");
    Path good =
        write(
            schema,
            CompressionCodecName.GZIP,
            List.of(new SimpleGroupFactory(schema).newGroup().append("n", 1)));
    byte[] bytes = Files.readAllBytes(good);
    int footerBytes =
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
    int footerAt = bytes.length - 8 - footerBytes;
    FileMetaData footer =
        Util.readFileMetaData(new ByteArrayInputStream(bytes, footerAt, footerBytes));
    footer
        .getRow_groups()
        .get(0)
        .getColumns()
        .get(0)
        .getMeta_data()
        .setTotal_compressed_size(1L << 40);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, footerAt);
    Util.writeFileMetaData(footer, out);
    ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    end.putInt(out.size() - footerAt).put("PAR1".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(end.array());
    Path hostile = Files.write(folder.resolve("hostile.parquet"), out.toByteArray());
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> format().open(hostile))
        .withMessageContaining("its column n should be at byte 4 with 1099511627776 bytes");
  }

  @Test
  void pageThatClaimsTooMuch_isNotUnpacked() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                new BoundedCodecs()
                    .getDecompressor(CompressionCodecName.GZIP)
                    .decompress(BytesInput.from(new byte[9]), Integer.MAX_VALUE))
        .withMessage("a page has 2147483647 bytes, but at most 134217728 are allowed");
  }

  @Test
  void damagedPage_isToldInWords() throws IOException {
    MessageType schema = MessageTypeParser.parseMessageType("message m { required int32 n; }");
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    List<Group> rows = new ArrayList<>();
    for (int n = 0; n < 1_000; n++) {
      rows.add(groups.newGroup().append("n", n * n));
    }
    byte[] bytes = Files.readAllBytes(write(schema, CompressionCodecName.ZSTD, rows));
    Arrays.fill(bytes, 100, 200, (byte) 0x55);
    Path damaged = Files.write(folder.resolve("damaged.parquet"), bytes);
    try (RowFile.Rows read = format().open(damaged)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> read.json().toList())
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .doesNotContainPattern("Exception|@[0-9a-f]{4}|org\\."));
    }
  }

  @Test
  void fileThatIsNotParquet_isNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("a.parquet"), "no Parquet at all, but long");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> format().open(file))
        .withMessageContaining("Cannot read '" + file + "' as a Parquet file: it is not")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
    byte[] whole =
        Files.readAllBytes(
            write(EVERY_TYPE, CompressionCodecName.GZIP, List.of(everyType(), everyType())));
    Path cut = Files.write(folder.resolve("cut.parquet"), Arrays.copyOf(whole, whole.length / 2));
    assertThatExceptionOfType(RecountException.class).isThrownBy(() -> format().open(cut));
  }

  @Test
  void theIndexOfPandas_isLeftOut() {
    Path faults = Path.of("src", "test", "resources", "faults");
    EventSchema probe = EventSchema.read(faults.resolve("probe.avsc"));
    try (RowFile.Rows file = format().open(faults.resolve("pandas_index.parquet"))) {
      int index = file.columns().indexOf("__index_level_0__");
      RecordLayout layout = RecordLayout.of(RecordFormat.NDJSON).withColumns(file.columns());
      assertThat(layout.leftOut()).containsExactly(index + 1);
      Function<byte[], GenericRecord> reader = RecordReaders.of(layout, probe, new Browsers());
      assertThat(file.json())
          .isNotEmpty()
          .allMatch(row -> reader.apply(row.getBytes(StandardCharsets.UTF_8)).get("test") != null);
    }
  }
}
