package dev.recount.ingest.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The content of one gzip after another. Zeros after the last, as tapes and some tools leave them,
 * are nothing; other bytes are an error: they are not content that nobody misses.
 */
final class GzipMembers extends BlockInput {
  private final BufferedInputStream packed;
  private InputStream member;

  GzipMembers(BufferedInputStream packed) throws IOException {
    this.packed = packed;
    this.member = new GzipCompressorInputStream(packed);
  }

  @Override
  public int read(byte[] buffer, int from, int length) throws IOException {
    int read = member.read(buffer, from, length);
    while (read < 0 && hasNext()) {
      member = new GzipCompressorInputStream(packed);
      read = member.read(buffer, from, length);
    }
    return read;
  }

  private boolean hasNext() throws IOException {
    packed.mark(2);
    int first = packed.read();
    if (first == 0x1f && packed.read() == 0x8b) {
      packed.reset();
      return true;
    }
    while (first == 0) {
      first = packed.read();
    }
    if (first >= 0) {
      throw new IOException("bytes that are not gzip follow its end");
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    packed.close();
  }
}
