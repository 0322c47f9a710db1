package dev.recount.ingest.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Parquet's own codecs, which unpack no page that claims to be larger than any writer makes. */
final class BoundedCodecs implements CompressionCodecFactory {
  /** Writers make pages of 1 MiB; one value may be larger. */
  static final int MOST_PAGE_BYTES = 128 * 1024 * 1024;

  private static final int PAGE_BYTES = 1024 * 1024;

  private final CompressionCodecFactory codecs =
      new CodecFactory(new PlainParquetConfiguration(), PAGE_BYTES);

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName name) {
    return codecs.getCompressor(name);
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
    BytesInputDecompressor codec = codecs.getDecompressor(name);
    return new BytesInputDecompressor() {
      @Override
      public BytesInput decompress(BytesInput packed, int size) throws IOException {
        check(size);
        return codec.decompress(packed, size);
      }

      @Override
      public void decompress(ByteBuffer packed, int packedSize, ByteBuffer page, int size)
          throws IOException {
        check(size);
        codec.decompress(packed, packedSize, page, size);
      }

      @Override
      public void release() {
        codec.release();
      }
    };
  }

  private static void check(int size) throws IOException {
    if (size < 0 || size > MOST_PAGE_BYTES) {
      throw new IOException(
          "a page has " + size + " bytes, but at most " + MOST_PAGE_BYTES + " are allowed");
    }
  }

  @Override
  public void release() {
    codecs.release();
  }
}
