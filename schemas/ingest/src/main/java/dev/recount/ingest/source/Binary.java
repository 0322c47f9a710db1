package dev.recount.ingest.source;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Files that are not text, recognized by their first bytes. */
public enum Binary {
  AVRO("Obj\u0001", "an Avro file; read it with --format avro"),
  PARQUET("PAR1", "a Parquet file; read it with --format parquet"),
  ARROW("ARROW1", "an Arrow file; write it as Parquet"),
  SQLITE("SQLite format 3\0", "an SQLite database; write its table as CSV"),
  EXCEL("\u00d0\u00cf\u0011\u00e0", "an Excel workbook; save it as CSV"),
  PDF("%PDF-", "a PDF"),
  SEVEN_ZIP("7z\u00bc\u00af\u0027\u001c", "a 7z archive; unpack it"),
  RAR("Rar!\u001a", "a rar archive; unpack it"),
  LZ4("\u0004\"M\u0018", "compressed with lz4; decompress it, or use gzip, bzip2, xz or zstd"),
  SNAPPY(
      "\u00ff\u0006\0\0sNaPpY",
      "compressed with Snappy; decompress it, or use gzip, bzip2, xz or zstd"),
  LZMA("]\0\0", "compressed with lzma; decompress it, or use xz"),
  COMPRESS("\u001f\u009d", "compressed with compress; decompress it, or use gzip");

  /** As many tell all of them. */
  public static final int START_BYTES = 512;

  private static final int TAR_OFFSET = 257;
  private static final byte[] TAR = "ustar".getBytes(StandardCharsets.US_ASCII);

  private final byte[] magic;
  private final String what;

  Binary(String magic, String what) {
    this.magic = magic.getBytes(StandardCharsets.ISO_8859_1);
    this.what = what;
  }

  public byte[] magic() {
    return magic.clone();
  }

  /** What it is, and what to do. */
  public String what() {
    return what;
  }

  boolean begins(byte[] start) {
    return isAt(start, 0, magic);
  }

  /** What it is and what to do, for a source that begins so. */
  public static Optional<String> of(byte[] start) {
    if (isAt(start, TAR_OFFSET, TAR)) {
      return Optional.of("it is a tar archive; unpack it");
    }
    return Arrays.stream(values())
        .filter(binary -> binary.begins(start))
        .map(binary -> "it is " + binary.what)
        .findFirst();
  }

  private static boolean isAt(byte[] start, int offset, byte[] magic) {
    return start.length >= offset + magic.length
        && Arrays.equals(start, offset, offset + magic.length, magic, 0, magic.length);
  }
}
